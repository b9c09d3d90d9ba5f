import type { RecoveryAction } from "../ports.ts";
import { inFlightRuns, isDone, runbookOf } from "../runs/views.ts";
import type { ApprovalState, AppState, RunState } from "../state.ts";
import type { Acceptance } from "./events.ts";
import { promotedStores, type Subject } from "./subject.ts";

type Actions = ReadonlyMap<string, RecoveryAction>;

/**
 * What a run may still lose per store, in seconds, without anybody being asked: what was approved or, where nobody
 * was asked, the plan's budget. A store that this run has promoted is past that: what was lost, is lost.
 */
export function ceilingsFor(
  run: RunState,
  approval: ApprovalState | undefined,
  state: AppState,
  actions: Actions,
): Record<string, number | null> {
  const { plan } = run;
  const stores = promotedStores(state, subjectAhead(run), actions).map(({ store }) => store);
  const allowed = (store: string) => {
    const approved = approval?.envelope.lossCeilingSeconds[store];
    return approved === undefined ? (plan.stores[store]?.lossBudgetSeconds ?? 0) : approved;
  };
  return Object.fromEntries(stores.map((store) => [store, allowed(store)]));
}

/** A run without its steps that are done: nobody decides about those any more. */
export function subjectAhead(run: RunState): Subject {
  const { plan, source, target } = run;
  const ahead = runbookOf(run).steps.filter(({ id }) => !run.steps.some((step) => step.stepId === id && isDone(step)));
  return { plan, runbook: { ...runbookOf(run), steps: ahead }, source, target };
}

/** Every ceiling that a run in flight has for this store, of each of its approvals: what a sample is compared with. */
export function ceilingsInPlay(state: AppState, store: string, target: string): number[] {
  const runs = inFlightRuns(state).filter((run) => run.target === target);
  const approved = Object.values(state.approvals)
    .filter(({ runId }) => runs.some((run) => run.runId === runId))
    .map(({ envelope }) => envelope.lossCeilingSeconds[store]);
  return [...new Set(approved)].filter((ceiling) => typeof ceiling === "number");
}

/**
 * How many must decide, and whether the one who asked may. To give up data beyond the budget, or nobody knows how
 * much, is never one person's decision: whoever asked and somebody else, or two where Muster itself asked.
 */
export function decidersOf(
  policy: Subject["runbook"]["policy"],
  requester: string,
  mustAccept: readonly Acceptance[],
): { quorum: number; excludeRequester: boolean } {
  const { quorum, excludeRequester } = policy;
  if (!mustAccept.some(isAboutData)) return { quorum, excludeRequester };
  const least = requester.startsWith("system:") ? 2 : 1;
  return { quorum: Math.max(quorum, least), excludeRequester: true };
}

/** Data would be given up, and not merely a look at something done without. */
export function isAboutData({ id }: Acceptance): boolean {
  return id.startsWith("loss:") || id.startsWith("divergence:");
}
