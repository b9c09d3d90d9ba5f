import type { RunState } from "../state.ts";
import { isDone } from "./views.ts";

/** `Failover us-east-1 → eu-central`; a drill says so first, and a rollback what it undoes. */
export function runTitle(
  run: Pick<RunState, "runbook" | "source" | "target" | "rehearsal" | "kind" | "rollbackOf" | "overridden">,
): string {
  const undone = run.rollbackOf === undefined ? "" : ` of ${run.rollbackOf},`;
  const name = run.runbook.charAt(0).toUpperCase() + run.runbook.slice(1) + undone;
  const where = run.kind === "rejoin" ? run.target : `${run.source} → ${run.target}`;
  return `${run.overridden ? "BREAK-GLASS · " : ""}${run.rehearsal ? "DRILL · " : ""}${name} ${where}`;
}

/** One word for lists. */
export function phaseWord(run: RunState): string {
  return run.paused ? `${run.phase}, paused` : run.phase;
}

export function stepsDone(run: RunState): number {
  return run.steps.filter(isDone).length;
}
