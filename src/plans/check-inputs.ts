import type { z } from "zod";
import type { Registry } from "../ports.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { Draft, DraftStep } from "./draft.ts";
import { hasLookup, type Scope, substitute } from "./expressions.ts";
import { type Finding, formatPath, type Path } from "./problem.ts";
import { mostRegions, regionScope } from "./regions.ts";
import { schemaFindings, valueAt, writtenSchema } from "./schema-findings.ts";
import { show } from "./secrets.ts";
import { isGroup } from "./vars.ts";

type Known = ReadonlyMap<string, { input: z.ZodType }>;

/** Everything that a plan `uses`: does it exist, and do its inputs fit, for every region they may be made for? */
export function inputFindings(draft: Draft, registry: Registry): Finding[] {
  return [
    ...probeFindings(draft, registry),
    ...copyFindings(draft, registry),
    ...trafficFindings(draft, registry),
    ...draft.runbooks.flatMap(({ steps }) => steps.flatMap((step) => stepFindings(step, draft, registry))),
  ];
}

interface Used {
  what: string;
  uses: string | undefined;
  with: unknown;
  /** Of the `uses` and of the `with`. */
  usesPath: Path;
  withPath: Path;
}

/** The regions that a use is checked for: which code stands behind `source`, `target` or `region`. */
interface Case {
  scope: Scope;
  codes: Record<string, string>;
}

/** Checks one use for each case that its look-ups may meet; what is wrong for the first is not said again for others. */
function useFindings(used: Used, known: Known, cases: Case[]): Finding[] {
  if (used.uses === undefined) return [];
  const schema = known.get(used.uses)?.input;
  if (!schema) {
    const message = `there is no ${used.what} ${used.uses}`;
    return [{ path: used.usesPath, message, hint: didYouMean(used.uses, known.keys()) }];
  }
  const said = new Set<string>();
  return cases.flatMap((one) => {
    const fresh = caseFindings(used, schema, one).filter(({ path }) => !said.has(formatPath(path)));
    for (const { path } of fresh) said.add(formatPath(path));
    return fresh;
  });
}

function caseFindings(used: Used, schema: z.ZodType, { scope, codes }: Case): Finding[] {
  const findings: Finding[] = [];
  const value = substitute(used.with, scope, findings, used.withPath);
  const inside = ({ path }: Finding) => path.slice(used.withPath.length);
  const bad = schemaFindings(schema, value, used.withPath)
    .filter((found) => !hasLookup(valueAt(value, inside(found))))
    .map((found) => {
      const known = Object.keys(writtenSchema(schema).properties ?? {}).join(", ");
      const said = inside(found).length === 0 ? `The inputs of ${used.uses} are: ${known}.` : found.hint;
      const hint = found.atKey ? said : explain(said, valueAt(used.with, inside(found)), codes);
      return { ...found, hint };
    });
  return [...findings, ...bad];
}

function explain(hint: string, written: unknown, codes: Record<string, string>): string {
  if (!hasLookup(written)) return hint;
  const roots = Object.keys(codes).filter((root) => String(written).includes(root));
  const behind = roots.map((root) => ` when ${root} is ${codes[root]}`).join(" and");
  return `It is looked up by ${String(written)}${behind}. ${hint}`.trim();
}

/** Look-ups on vars that failed stay as written and were reported; nothing else may be left over. */
const later = () => ["vars"];
const noRegion: Case = { scope: { now: {}, later }, codes: {} };

function caseOf(codes: Record<string, string>, now: Record<string, unknown>): Case {
  const missing: Scope["missing"] = ([root = "", setting], at) =>
    at === 1 && codes[root] !== undefined ? `region ${codes[root]} has no setting ${setting}` : undefined;
  return { scope: { now, later, missing }, codes };
}

function probeFindings({ detection, regions }: Draft, registry: Registry): Finding[] {
  if (!detection) return [];
  const cases = Object.entries(regions).map(([code, region]) =>
    caseOf({ region: code }, { region: regionScope(code, region) }),
  );
  const use = (probe: { uses: string; with: unknown }, path: Path): Used => {
    return { what: "probe", ...probe, usesPath: [...path, "uses"], withPath: [...path, "with"] };
  };
  return [
    ...detection.probes.flatMap((probe, index) =>
      useFindings(use(probe, ["detection", "probes", index]), registry.probes, cases),
    ),
    ...(detection.outside
      ? useFindings(use(detection.outside, ["detection", "outside"]), registry.probes, [noRegion])
      : []),
  ];
}

function copyFindings({ stores }: Draft, registry: Registry): Finding[] {
  return Object.entries(stores).flatMap(([name, store]) => {
    const path = ["stores", name];
    if (!registry.replication.has(store.kind)) {
      const hint = didYouMean(store.kind, registry.replication.keys());
      return [{ path: [...path, "kind"], message: `there is no kind of store ${store.kind}`, hint }];
    }
    return Object.entries(store.copies).flatMap(([code, copy]) => {
      const used = {
        what: "kind of store",
        uses: store.kind,
        with: copy,
        usesPath: path,
        withPath: [...path, "copies", code],
      };
      return useFindings(used, registry.replication, [noRegion]);
    });
  });
}

function trafficFindings({ traffic }: Draft, registry: Registry): Finding[] {
  if (!traffic) return [];
  const used = { what: "traffic source", ...traffic, usesPath: ["traffic", "uses"], withPath: ["traffic", "with"] };
  return useFindings(used, registry.traffic, [noRegion]);
}

function stepFindings(step: DraftStep, draft: Draft, registry: Registry): Finding[] {
  // Pairs grow with the square; a plan with more regions is refused anyway.
  const codes = Object.keys(draft.regions).slice(0, mostRegions);
  const pairs = codes.flatMap((source) =>
    codes.filter((code) => code !== source).map((target) => ({ source, target })),
  );
  const cases = pairs.map((pair) => stepCase(pair, draft));
  const used = {
    what: "recovery action",
    uses: step.uses,
    with: step.with,
    usesPath: [...step.path, "uses"],
    withPath: [...step.path, "with"],
  };
  return [
    ...useFindings(used, registry.actions, cases),
    ...cases.flatMap(({ scope }) => whenFindings(step, scope)).slice(0, 1),
    ...promotedStore(step, draft, registry),
  ];
}

function whenFindings(step: DraftStep, scope: Scope): Finding[] {
  const path = [...step.path, "when"];
  const findings: Finding[] = [];
  const value = substitute(step.when, scope, findings, path);
  if (typeof value === "boolean" || !hasLookup(step.when) || hasLookup(value)) return findings;
  const message = `when must come to true or false, and ${String(step.when)} is ${show(value)}`;
  return [...findings, { path, message, hint: "Look up a setting or var that is true or false." }];
}

function stepCase({ source, target }: { source: string; target: string }, { regions }: Draft): Case {
  const scope = (code: string) => (regions[code] ? regionScope(code, regions[code]) : {});
  return caseOf({ source, target }, { source: scope(source), target: scope(target), run: { id: "run" } });
}

/** A promotion must say which store of the plan it promotes: the loss is measured and shown by that name. */
function promotedStore(step: DraftStep, draft: Draft, registry: Registry): Finding[] {
  const action = registry.actions.get(step.uses ?? "");
  if (action?.effect !== "promotion" || !action.store) return [];
  const parsed = action.input.safeParse(substitute(step.with, anyCase(draft).scope, []));
  if (!parsed.success) return [];
  const store = action.store(parsed.data);
  if (draft.storeNames.includes(store)) return [];
  const message = `${step.id ?? step.uses} promotes ${store}, which is not a store of this plan`;
  const hint =
    draft.storeNames.length === 0
      ? "The plan has no stores: describe this one under stores, with its copies and loss budget."
      : didYouMean(store, draft.storeNames, "The plan's stores are");
  const path = [...step.path, "with", ...(isGroup(step.with) && Object.hasOwn(step.with, "store") ? ["store"] : [])];
  return [{ path, message, hint }];
}

function anyCase(draft: Draft): Case {
  const [source = "", target = source] = Object.keys(draft.regions);
  return stepCase({ source, target }, draft);
}
