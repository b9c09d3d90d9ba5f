import { createHash } from "node:crypto";
import { AppError } from "../errors.ts";
import type { RecoveryAction, Registry } from "../ports.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type Scope, substitute } from "./expressions.ts";
import type { Plan, Step } from "./plan.ts";
import { type Finding, formatPath } from "./problem.ts";
import { regionScope } from "./regions.ts";

export interface RunScope {
  source: string;
  target: string;
  runId: string;
}

/** A step for one source and target: every look-up is replaced. */
export interface ResolvedStep extends Omit<Step, "when"> {
  /** The action's input: parsed by its schema when a registry was given, else only looked up. */
  with: unknown;
  /** False when the plan's `when` says that this step is not for these regions. */
  when: boolean;
}

/**
 * The steps of a runbook, in the plan's order, for one source and target. Throws AppError: `unknown-region`,
 * `not-found` for the runbook, `plan-invalid` for an input that does not fit (the loader refuses such plans).
 */
export function resolveSteps(plan: Plan, runbook: string, scope: RunScope, registry?: Registry): ResolvedStep[] {
  const found = Object.hasOwn(plan.runbooks, runbook) ? plan.runbooks[runbook] : undefined;
  if (!found) {
    const hint = didYouMean(runbook, Object.keys(plan.runbooks), "The plan's runbooks are");
    throw new AppError({ code: "not-found", summary: `There is no runbook ${runbook}.`, hint });
  }
  const values = {
    source: lookUpRegion(plan, scope.source),
    target: lookUpRegion(plan, scope.target),
    run: { id: scope.runId },
  };
  return found.steps.map((step) => resolveStep(step, { now: values }, registry?.actions.get(step.uses), runbook));
}

function resolveStep(step: Step, scope: Scope, action: RecoveryAction | undefined, runbook: string): ResolvedStep {
  const { with: written, when, ...rest } = step;
  const findings: Finding[] = [];
  const input = substitute(written, scope, findings, ["with"]);
  const applies = substitute(when ?? true, scope, findings, ["when"]);
  const parsed = action?.input.safeParse(input);
  const wrong = [
    ...findings.map(({ path, message }) => `${formatPath(path)}: ${message}`),
    ...(parsed?.error?.issues.map(({ path, message }) => `${formatPath(["with", ...path.map(String)])}: ${message}`) ??
      []),
  ];
  if (wrong.length > 0) {
    const summary = `The inputs of step ${step.id} in ${runbook} do not fit: ${wrong.slice(0, 5).join("; ")}.`;
    throw new AppError({ code: "plan-invalid", summary, hint: "Correct the plan and start Muster again." });
  }
  return { ...rest, with: parsed ? parsed.data : input, when: applies === true };
}

function lookUpRegion(plan: Plan, code: string): Record<string, unknown> {
  const region = Object.hasOwn(plan.regions, code) ? plan.regions[code] : undefined;
  if (region) return regionScope(code, region);
  const hint = didYouMean(code, Object.keys(plan.regions), "The plan's regions are");
  throw new AppError({ code: "unknown-region", summary: `There is no region ${code} in this plan.`, hint });
}

export interface SlowestPath {
  ms: number;
  /** Ids of the steps in their order. */
  path: string[];
}

/** How long the runbook takes when every step takes as long as it usually does, and the chain that decides it. */
export function slowestPath(plan: Plan, runbook: string, scope: RunScope, registry: Registry): SlowestPath {
  return slowestOf(resolveSteps(plan, runbook, scope, registry), registry);
}

export function slowestOf(steps: ResolvedStep[], registry: Registry): SlowestPath {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const ends = new Map<string, SlowestPath>();
  const none: SlowestPath = { ms: 0, path: [] };
  const later = (a: SlowestPath, b: SlowestPath) => (b.ms > a.ms ? b : a);
  const endOf = (step: ResolvedStep): SlowestPath => {
    const known = ends.get(step.id);
    if (known) return known;
    // Stands while its needs are looked at, so that a cycle ends instead of going round.
    ends.set(step.id, none);
    const before = step.needs
      .flatMap((id) => byId.get(id) ?? [])
      .map(endOf)
      .reduce(later, none);
    const ownMs = step.when ? (registry.actions.get(step.uses)?.expectedMs(step.with) ?? 0) : 0;
    const end = { ms: before.ms + ownMs, path: [...before.path, step.id] };
    ends.set(step.id, end);
    return end;
  };
  return steps.map(endOf).reduce(later, none);
}

/** JSON with sorted keys and without undefined: the same value gives the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** SHA-256 over everything of the plan but the digest itself. */
export function planDigest(plan: Omit<Plan, "digest">): string {
  return createHash("sha256")
    .update(canonicalJson({ ...plan, digest: undefined }))
    .digest("hex");
}
