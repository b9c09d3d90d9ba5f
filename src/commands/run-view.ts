import { successorOf } from "../approvals/successor-view.ts";
import type { ApprovalView } from "../cards/approval.ts";
import { evidenceShown } from "../cards/deciding.ts";
import { rtoClock } from "../cards/rto.ts";
import type { RunView } from "../cards/run.ts";
import type { Core, Waiting } from "../core.ts";
import { overtakenBy } from "../runs/overtaken.ts";
import type { ApprovalState, AppState, RunState } from "../state.ts";

export const nowIso = (core: Core): string => new Date(core.now()).toISOString();

/** A run with the approval in force, at this moment. Commands that changed a run answer with this. */
export async function runView(core: Core, run: RunState, waiting: Waiting[] = []): Promise<RunView> {
  return runViewOf(await core.state(), run, waiting, nowIso(core));
}

/** The same wherever a run is shown. Pure. */
export function runViewOf(state: AppState, run: RunState, waiting: Waiting[], at: string): RunView {
  const { lock } = state;
  const approval = run.approvalId === undefined ? undefined : state.approvals[run.approvalId];
  const clock = rtoClock(state, run);
  const stores = Object.values(state.stores).filter(({ target }) => target === run.target);
  const more = { ...(approval && { approval }), ...(clock && { clock }), ...(lock && { lock }) };
  return { run, waiting, ...more, stores, overtaken: overtakenBy(state, run), at };
}

export function approvalView(state: AppState, approval: ApprovalState, at: string): ApprovalView | undefined {
  const run = state.runs[approval.runId];
  const next = successorOf(state, approval.approvalId);
  const previous = approval.replaces === undefined ? undefined : state.approvals[approval.replaces];
  if (!run) return undefined;
  return {
    approval,
    run,
    ...(next && { replacedBy: next.approvalId }),
    ...(previous?.changes && { left: previous.changes }),
    ...(approval.phase === "pending" && { now: seenSince(state, approval, run) }),
    at,
  };
}

/** What is known by now of what people are asked about; the evidence is that of the moment of asking. */
function seenSince(state: AppState, approval: ApprovalState, run: RunState): NonNullable<ApprovalView["now"]> {
  const { runbook, source, target } = run;
  const shown = evidenceShown(approval, run);
  const same = (one: { source: string; target: string }) => one.source === source && one.target === target;
  const losses = shown.losses.flatMap(({ store, loss, budgetSeconds }) => {
    const latest = Object.values(state.stores).find((one) => one.store === store && same(one));
    if (!latest || latest.loss.at <= loss.at) return [];
    return [{ store, loss: latest.loss, budgetSeconds, withinBudget: latest.withinBudget }];
  });
  const known = Object.values(state.readiness).find((one) => one.runbook === runbook && same(one));
  const other = known && known.since > shown.at && known.status !== approval.envelope.readiness;
  return { losses, ...(other && { readiness: { status: known.status, since: known.since } }) };
}
