import type { AppState, RunState } from "../state.ts";
import type { StepReadiness } from "./events.ts";

export type ReadinessStatus = "ready" | "unknown" | "blocked";

export function readinessKey(runbook: string, source: string, target: string): string {
  return `${runbook}/${source}/${target}`;
}

/** One status of many steps: the worst. */
export function overallReadiness(steps: StepReadiness[]): ReadinessStatus {
  if (steps.some((step) => step.state === "blocked")) return "blocked";
  return steps.some((step) => step.state === "unknown") ? "unknown" : "ready";
}

/** The latest readiness of a run's steps: what was assessed since, or what its proposal showed. */
export function stepReadinessOf(state: AppState, run: RunState): StepReadiness[] {
  const known = state.readiness[readinessKey(run.runbook, run.source, run.target)];
  return known && known.since >= run.proposedAt ? known.steps : run.evidence.readiness;
}
