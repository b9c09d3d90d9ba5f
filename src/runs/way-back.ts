import type { RunState, StepState } from "../state.ts";
import { runbookOf, stepState } from "./views.ts";

/** Errors with which a vendor says no: nothing was changed. */
const REFUSALS: ReadonlySet<string> = new Set(["vendor-rejected", "vendor-conflict", "vendor-throttled"]);

/** The vendor answered no: nothing was changed, whatever the action's nature. */
export function isRefusal(error: { code: string } | undefined): boolean {
  return error !== undefined && REFUSALS.has(error.code);
}

/**
 * Steps after which going back means another run, and which may have taken effect: verified, accepted, or sent with
 * an end that does not rule it out.
 */
export function beyondReturn(run: RunState): StepState[] {
  return runbookOf(run).steps.flatMap((planned) => {
    const step = stepState(run, planned.id);
    return planned.pointOfNoReturn && step && mayHaveHappened(step) ? [step] : [];
  });
}

export function mayHaveHappened(step: StepState): boolean {
  if (step.phase === "verified" || step.phase === "accepted") return true;
  const refused = step.phase === "failed" && step.intents === 1 && isRefusal(step.error);
  return step.intents > 0 && !refused;
}

/** How what an ended run did is undone: by a rollback, by bringing the service home; undefined when it did nothing. */
export function wayBackOf(run: RunState): "rollback" | "failback" | undefined {
  if (run.kind === "rollback") return undefined;
  if (beyondReturn(run).length > 0) return run.kind === "rejoin" ? undefined : "failback";
  return run.steps.every(({ intents }) => intents === 0) ? undefined : "rollback";
}

/** The same in a sentence for people. */
export function wayBack(run: RunState): string | undefined {
  const { runId, target } = run;
  const way = wayBackOf(run);
  const [first] = beyondReturn(run);
  if (way === "failback" && first) {
    const onward = run.phase === "completed" ? "" : `finish the move first (failover ${target}), then `;
    return `The way back: ${first.stepId} cannot be undone, so traffic must not go back by itself; ${onward}bring the service home with "failback".`;
  }
  if (way === undefined) return undefined;
  return `The way back: "rollback ${runId} --dry-run" shows which traffic and scale steps would be undone.`;
}
