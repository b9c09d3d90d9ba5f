import type { Plan, Step } from "../plans/plan.ts";
import { resolveSteps } from "../plans/resolve.ts";
import type { RecoveryAction } from "../ports.ts";

export interface RunAddress {
  plan: Plan;
  runbook: string;
  source: string;
  target: string;
  runId: string;
}

type ResolvedSteps = Map<string, ReturnType<typeof resolveSteps>[number]>;

/** A pinned plan never changes, so what was resolved from it once stays right. */
const cache = new WeakMap<Plan, Map<string, ResolvedSteps>>();

/** A step with its look-ups done for this run. */
export function resolvedStep(run: RunAddress, stepId: string): ReturnType<typeof resolveSteps>[number] | undefined {
  const { plan, runbook, source, target, runId } = run;
  const key = `${runId}/${runbook}/${source}/${target}`;
  const byRun = cache.get(plan) ?? new Map<string, ResolvedSteps>();
  cache.set(plan, byRun);
  let steps = byRun.get(key);
  if (!steps) {
    steps = new Map(resolveSteps(plan, runbook, { source, target, runId }).map((step) => [step.id, step]));
    byRun.set(key, steps);
  }
  return steps.get(stepId);
}

/** The action's input for a step of this run: look-ups done, parsed by the action's schema. */
export function inputOf(run: RunAddress, step: Pick<Step, "id">, action: RecoveryAction): unknown {
  return action.input.parse(resolvedStep(run, step.id)?.with);
}
