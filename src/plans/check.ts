import type { Registry } from "../ports.ts";
import { communicationFindings } from "./check-communication.ts";
import { comparisonFindings } from "./check-comparison.ts";
import { graphFindings } from "./check-graph.ts";
import { inputFindings } from "./check-inputs.ts";
import { regionFindings } from "./check-regions.ts";
import { timeFindings } from "./check-time.ts";
import { warRoomFindings } from "./check-war-room.ts";
import { draftOf } from "./draft.ts";
import { hasLookup, substitute, wholeLookup } from "./expressions.ts";
import { PlanFile } from "./file.ts";
import { makePlan } from "./make.ts";
import type { Plan } from "./plan.ts";
import { type Finding, inFileOrder, type Path, type Problem } from "./problem.ts";
import { schemaFindings, valueAt } from "./schema-findings.ts";
import { secretFindings } from "./secrets.ts";
import { readSource, type Source } from "./source.ts";
import { isGroup, lookupsInVars, overlayVars } from "./vars.ts";

export interface CheckOptions {
  /** The name to show in problems. */
  file: string;
  vars?: { file: string; text: string } | undefined;
  registry: Registry;
}

/** Everything that is wrong with a plan, in the order of its lines; the plan when nothing is. Pure. */
export function checkPlan(text: string, { file, vars, registry }: CheckOptions): { plan?: Plan; problems: Problem[] } {
  const source = readSource(text, file);
  const overlay = vars ? readSource(vars.text, vars.file) : undefined;
  const problems = [...source.problems, ...(overlay?.problems ?? [])];
  if (source.value === undefined) return { problems: tidy(problems) };
  if (!isGroup(source.value)) {
    const hint = "A plan is a map that starts with version: 1; plans/ has examples.";
    const message = source.value === null ? "the file is empty" : "the file is not a map of settings";
    return { problems: [...problems, source.problem({ path: [], message, hint })] };
  }

  const laid = layVars(source.value.vars, overlay);
  problems.push(...laid.problems);
  const { vars: _, ...rest } = source.value;
  const findings: Finding[] = [...secretFindings(source.value), ...lookupsInVars(source.value.vars, ["vars"])];
  const resolved = substitute(rest, { now: { vars: laid.vars }, later: rootsAt }, findings);
  const value = { ...(resolved as Record<string, unknown>), vars: source.value.vars ?? {} };

  findings.push(...schemaFindings(PlanFile, value).filter(({ path }) => !hasLookup(valueAt(value, path))));
  const draft = draftOf(value);
  findings.push(...regionFindings(draft), ...graphFindings(draft, registry), ...inputFindings(draft, registry));
  findings.push(...comparisonFindings(draft, registry));
  findings.push(...communicationFindings(draft), ...warRoomFindings(draft));

  const parsed = PlanFile.safeParse(value);
  const plan = parsed.success ? makePlan(parsed.data) : undefined;
  if (plan && laid.problems.length === 0) findings.push(...timings(plan, findings, registry));
  problems.push(...findings.map((found) => source.problem(withOrigin(found, rest, source, overlay))));
  const all = tidy(problems);
  return plan && all.length === 0 ? { plan, problems: [] } : { problems: all };
}

/** The times of runbooks that can be run at all; a sum over broken steps would be a guess. */
function timings(plan: Plan, findings: Finding[], registry: Registry): Finding[] {
  const broken = (name: string) =>
    findings.some(({ path: [section, part] }) =>
      section === "runbooks" ? part === name : section === "regions" || section === "vars",
    );
  const failovers = Object.values(plan.runbooks).filter(({ kind, name }) => kind === "failover" && !broken(name));
  return failovers.flatMap((runbook) => timeFindings(plan, runbook, registry));
}

/** Which look-ups besides `vars` may stand here; they wait for a region or a run. */
function rootsAt([section, name, part, , key]: Path): readonly string[] {
  if (section === "runbooks" && part === "steps" && (key === "with" || key === "when"))
    return ["source", "target", "run"];
  if (section === "detection" && name === "probes") return ["region"];
  if (section === "warRoom" && name === "url") return ["incident"];
  return [];
}

function layVars(written: unknown, overlay: Source | undefined) {
  const own = isGroup(written) ? written : {};
  const none = { vars: own, problems: [] as Problem[] };
  if (!overlay || overlay.value === undefined || overlay.value === null) return none;
  if (!isGroup(overlay.value)) {
    const message = "the vars file is not a map";
    return {
      ...none,
      problems: [overlay.problem({ path: [], message, hint: "Write name: value, as under vars in the plan." })],
    };
  }
  const { vars, findings } = overlayVars(own, overlay.value);
  const all = [...findings, ...secretFindings(overlay.value), ...lookupsInVars(overlay.value, [])];
  return { vars, problems: all.map((found) => overlay.problem(found)) };
}

/** A wrong value that was looked up is wrong where it was written: the hint says where that is. */
function withOrigin(found: Finding, written: unknown, source: Source, overlay: Source | undefined): Finding {
  const lookup = wholeLookup(valueAt(written, found.path));
  if (!lookup?.startsWith("vars.")) return found;
  const names = lookup.split(".");
  const inOverlay = overlay && valueAt(overlay.value, names.slice(1)) !== undefined;
  if (!inOverlay && valueAt(source.value, names) === undefined) return found;
  const { line } = inOverlay ? overlay.locate(names.slice(1)) : source.locate(names);
  const origin = `The value is ${lookup}, ${inOverlay ? overlay.file : source.file} line ${line}.`;
  return { ...found, hint: `${origin} ${found.hint}`.trim() };
}

function tidy(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  const once = problems.filter((problem) => {
    const key = `${problem.file}:${problem.line}:${problem.column} ${problem.message}`;
    return !seen.has(key) && seen.add(key);
  });
  return inFileOrder(once);
}
