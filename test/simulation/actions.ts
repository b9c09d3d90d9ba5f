import { z } from "zod";
import {
  type ActionContext,
  type Assessment,
  defineAction,
  defineProbe,
  defineReplicationSource,
  type RecoveryAction,
  type Registry,
} from "../../src/ports.ts";
import type { Random } from "./random.ts";
import type { Process, Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";
import type { Vendor, VendorWeather } from "./vendor.ts";
import type { World } from "./world.ts";

const Input = z.object({
  resource: z.string(),
  want: z.string(),
  /** Where it is; `global` is everywhere. */
  region: z.string(),
  store: z.string().optional(),
});
type Input = z.infer<typeof Input>;
interface Seen {
  value: string;
  version: number;
}

type Effect = RecoveryAction["effect"];
type Repeat = RecoveryAction["repeat"];

/** Every kind of change there is, each in every manner of being repeated that it may have. */
const CHANGES: [Effect, Repeat][] = [
  ["scale", "converging"],
  ["scale", "conditional"],
  ["traffic", "converging"],
  ["traffic", "conditional"],
  ["fence", "converging"],
  ["fence", "conditional"],
  ["promotion", "converging"],
  ["promotion", "conditional"],
  ["promotion", "once"],
  ["follower", "converging"],
  ["follower", "conditional"],
  ["none", "converging"],
  ["none", "once"],
  ["snapshot", "once"],
];

export interface RegistryOptions {
  schedule: Schedule;
  trace: Trace;
  world: World;
  vendor: Vendor;
  weather: VendorWeather;
  random: Random;
  /** Whose hands and eyes these are. */
  owner: Process;
  /** A probe has just been sent. */
  looking(owner: Process): void;
}

/** What adapters would offer, over the simulated world. */
export function createRegistry(options: RegistryOptions): Registry {
  const { schedule, trace, world, vendor, random, owner, weather } = options;
  const actions = [...CHANGES.map(([effect, repeat]) => change(options, effect, repeat)), check(options), wait()];
  const probe = defineProbe<{ region: string }>({
    id: "simulated.probe",
    summary: "A region's health",
    input: z.object({ region: z.string() }),
    async run({ region }, { timeoutMs }) {
      const askedMs = schedule.nowMs();
      options.looking(owner);
      const sees = await vendor.look(owner, region, () => true);
      const answers = sees === true && !random.chance(weather.unseen);
      if (!answers) world.missed({ region, by: owner, askedMs });
      // Whoever wakes up finds its time over before it finds the answer.
      const ok = answers && schedule.nowMs() - askedMs < timeoutMs;
      if (answers && !ok) trace.count("answers read too late");
      return {
        ok,
        latencyMs: schedule.nowMs() - askedMs,
        detail: ok ? "answers" : "no answer",
        degraded: world.regions.get(region)?.slow ?? false,
      };
    },
  });
  const source = defineReplicationSource<{ store: string; region: string }>({
    kind: "simulated",
    input: z.object({ store: z.string(), region: z.string() }),
    position: ({ store, region }) => vendor.look(owner, region, () => world.stores.get(store)?.position(region)),
  });
  return {
    actions: new Map(actions.map((action) => [action.id, action])),
    probes: new Map([[probe.id, probe]]),
    replication: new Map([[source.kind, source]]),
    traffic: new Map(),
  };
}

export function actionId(effect: Effect, repeat: Repeat): string {
  return `simulated.${effect}-${repeat}`;
}

function change(options: RegistryOptions, effect: Effect, repeat: Repeat): RecoveryAction {
  const { vendor, owner } = options;
  const id = actionId(effect, repeat);
  const apply = ({ resource, region }: Input, want: string, seen: Seen | undefined, context: ActionContext) =>
    vendor.send(
      { sender: owner, token: context.token, action: { id, effect, repeat }, resource, want },
      region,
      seen?.version,
      context,
    );
  return defineAction<Input, Seen>({
    id,
    summary: `Changes a ${effect}`,
    input: Input,
    effect,
    repeat,
    onUnknown: effect === "scale" ? "wait" : "ask",
    onAbort: effect === "scale" ? "stop" : "finish",
    dependsOn: ({ region }) => [region],
    expectedMs: () => 1_000,
    ...(effect === "promotion" && { store: ({ store }: Input) => store ?? "" }),
    assess: (input) => assess(options, input, input.want),
    apply: (input, seen, context) => apply(input, input.want, seen, context),
    // As vendors' adapters do it: back to what was there, and only from what this very change had set.
    ...((effect === "scale" || effect === "traffic") && {
      undo: {
        assess: ({ value }: Seen, input: Input) => assess(options, input, value),
        blockers: (before: Seen, seen: Seen, { want }: Input) =>
          seen.value === want || seen.value === before.value ? [] : [`it is ${seen.value} now`],
        apply: ({ value }: Seen, input: Input, seen: Seen, context: ActionContext) =>
          apply(input, value, seen, context),
      },
    }),
  });
}

async function assess(
  { vendor, world, owner }: RegistryOptions,
  { resource, region }: Input,
  want: string,
): Promise<Assessment<Seen>> {
  const one = await vendor.look(owner, region, () => ({ ...world.resource(resource) }));
  if (!one) return { state: "unknown", reason: `${region} does not answer` };
  const seen = { value: one.value, version: one.version };
  if (one.value === want) return { state: "reached", seen };
  return one.moving?.want === want ? { state: "moving", seen } : { state: "away", seen };
}

function check({ vendor, owner }: RegistryOptions): RecoveryAction {
  return defineAction<Input, { up: boolean }>({
    id: "simulated.check",
    summary: "A region answers",
    input: Input,
    effect: "check",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: ({ region }) => [region],
    expectedMs: () => 100,
    async assess({ region }) {
      const up = await vendor.look(owner, region, () => true);
      return up ? { state: "reached", seen: { up } } : { state: "away", seen: { up: false } };
    },
  });
}

const WAIT_MS = 2_000;

function wait(): RecoveryAction {
  return defineAction<Input, { elapsedMs: number }>({
    id: "simulated.wait",
    summary: "Some time has passed",
    input: Input,
    effect: "wait",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: () => [],
    expectedMs: () => WAIT_MS,
    async assess(_, { startedAt, now }) {
      const elapsedMs = startedAt === undefined ? 0 : now() - Date.parse(startedAt);
      return { state: elapsedMs >= WAIT_MS ? "reached" : "moving", seen: { elapsedMs } };
    },
  });
}
