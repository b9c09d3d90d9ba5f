import { type ActionContext, type Assessment, defineAction, type RecoveryAction } from "../../src/ports.ts";
import { type Limits, limitsOf, look } from "../looking.ts";
import type { Told } from "./errors.ts";
import { commandByHand, type NamedSet, type RecordSet, sameSets } from "./records.ts";
import type { Route53 } from "./route53.ts";

/** What both actions have in common: one name and type of one zone, brought to a wanted set of records. */
export interface RecordsInput {
  hostedZoneId: string;
  name: string;
  type: string;
  ttl: number;
}

export interface Seen {
  records: RecordSet[];
  /** Whether resolvers already answer so; `not known` when the change of this run is not at hand. */
  propagation?: "PENDING" | "INSYNC" | "not known";
}

export interface RecordsAction<Input extends RecordsInput> {
  id: string;
  summary: string;
  input: RecoveryAction<Input>["input"];
  /** The complete wanted sets of the name and type. */
  wanted(input: Input): RecordSet[];
  /** The sets of those seen that this action answers for; the others stay untouched. */
  ours(records: RecordSet[], input: Input): RecordSet[];
  blockers(seen: Seen, input: Input): string[];
}

const EXPECTED_MS = 60_000;

/**
 * An action on records. The precondition is the batch itself: it deletes exactly what was seen, so that it
 * fails as a whole when somebody else was faster (a DELETE must match to the letter).
 */
export function createRecordsAction<Input extends RecordsInput>(
  route53: Route53,
  action: RecordsAction<Input>,
): RecoveryAction {
  const { id, summary, input, wanted, ours } = action;

  async function read(input: Input, limits: Limits): Promise<RecordSet[]> {
    return route53.list(input.hostedZoneId, input.name, input.type, limits);
  }

  async function reach(sets: RecordSet[], input: Input, context: ActionContext): Promise<Assessment<Seen>> {
    return look<Seen>(context, async (limits) => {
      const records = await read(input, limits);
      if (!sameSets(ours(records, input), sets, input.type)) return { state: "away", seen: { records } };
      // Without the change's id, or when Route 53 has forgotten it, only the records themselves can be judged.
      if (context.handle === undefined) return { state: "reached", seen: { records, propagation: "not known" } };
      const status = await route53.status(context.handle, limits);
      if (status !== "PENDING")
        return { state: "reached", seen: { records, propagation: status === "INSYNC" ? status : "not known" } };
      const progress = "accepted, on its way to the name servers";
      return { state: "moving", seen: { records, propagation: status }, progress };
    });
  }

  /** One batch that deletes exactly what was seen: refused as a whole when somebody else was faster. */
  async function change(input: Input, remove: NamedSet[], wanting: NamedSet[], context: ActionContext) {
    const batch = { remove, create: keepHealthChecks(wanting, remove) };
    const handle = await route53.change(input.hostedZoneId, batch, tell(input, batch.create), limitsOf(context));
    return { handle, note: `change ${handle}` };
  }

  return defineAction<Input, Seen>({
    id,
    summary,
    input,
    effect: "traffic",
    repeat: "conditional",
    onUnknown: "wait",
    onAbort: "finish",
    dependsOn: () => ["route53"],
    expectedMs: () => EXPECTED_MS,
    assess: (input, context) => reach(wanted(input), input, context),
    capacity: (seen, input) => capacity(seen.records, wanted(input)),
    blockers: action.blockers,
    manual: (input) => ({
      run: [commandByHand(input.hostedZoneId, named(wanted(input), input))],
      check: [listByHand(input), "aws route53 get-change --id <the Id that the command above answered with>"],
      expect: "the records as wanted, and Status INSYNC",
    }),
    async apply(input, seen, context) {
      return change(input, named(ours(seen.records, input), input), named(wanted(input), input), context);
    },
    undo: {
      assess: (before, input, context) => reach(ours(before.records, input), input, context),
      capacity: (before, seen, input) => capacity(ours(seen.records, input), ours(before.records, input)),
      blockers(before, seen, input) {
        const now = ours(seen.records, input);
        const known = [wanted(input), ours(before.records, input)];
        if (known.some((sets) => sameSets(now, sets, input.type))) return [];
        return [`somebody else changed ${describe(input)} since this run did, so it is left as it is`];
      },
      async apply(before, input, seen, context) {
        const remove = named(ours(seen.records, input), input);
        return change(input, remove, named(ours(before.records, input), input), context);
      },
    },
  });
}

/** Who gets fewer of the answers than before, and who gets any; a record without a weight gets them all. */
function capacity(seen: RecordSet[], wanted: RecordSet[]): { from: string[]; to: string[] } {
  const before = sharesOf(seen);
  const after = sharesOf(wanted);
  const less = [...before].filter(([name, share]) => (after.get(name) ?? 0) < share);
  return { from: less.map(([name]) => name), to: [...after].filter(([, share]) => share > 0).map(([name]) => name) };
}

/** By set identifier, which is the region's code, or by the answer where there is none. */
function sharesOf(sets: RecordSet[]): Map<string, number> {
  const total = sets.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return new Map(
    sets.flatMap(({ setIdentifier, values, weight = 1 }) =>
      (setIdentifier === undefined ? values : [setIdentifier]).map((name): [string, number] => [
        name,
        total === 0 ? 1 / sets.length : weight / total,
      ]),
    ),
  );
}

function named(sets: RecordSet[], { name, type }: RecordsInput): NamedSet[] {
  return sets.map((set) => ({ ...set, name, type }));
}

/**
 * A health check belongs to the record, not to this step: what is created again keeps the one that it has, or has
 * none where somebody took it away. A record that was not there gets back the one that it had.
 */
function keepHealthChecks(create: NamedSet[], seen: NamedSet[]): NamedSet[] {
  return create.map(({ healthCheckId, ...set }) => {
    const now = seen.find(({ setIdentifier }) => setIdentifier === set.setIdentifier);
    const id = now ? now.healthCheckId : healthCheckId;
    return id === undefined ? set : { ...set, healthCheckId: id };
  });
}

/** Alias targets, geolocations and the like would be lost by deleting and creating, so such sets stop a step. */
export function unknownFields(records: RecordSet[], { name }: RecordsInput): string[] {
  return records.flatMap(({ beyond, setIdentifier }) =>
    beyond === undefined
      ? []
      : [`${name} (${setIdentifier ?? "simple"}) has ${beyond.join(", ")}, which this step would lose`],
  );
}

function listByHand({ hostedZoneId, name, type }: RecordsInput): string {
  const filter = `--query "ResourceRecordSets[?Type=='${type}']" --start-record-name ${name} --max-items 20`;
  return `aws route53 list-resource-record-sets --hosted-zone-id ${hostedZoneId} ${filter}`;
}

function describe({ name, type, hostedZoneId }: RecordsInput): string {
  return `record ${name} ${type} in hosted zone ${hostedZoneId}`;
}

function tell(input: RecordsInput, create: NamedSet[]): Told {
  const command = commandByHand(input.hostedZoneId, create);
  const without =
    "While the API is away the console cannot change records either; what still works is the name servers themselves: a record with a health check moves when that check fails, so make the source's check fail.";
  return { resource: describe(input), byHand: `By hand, once the API answers: ${command}. ${without}` };
}
