import type { AppState, RunState } from "../state.ts";
import { relyingOn, runAfter } from "./rollback.ts";
import { isInFlight } from "./views.ts";
import { wayBackOf } from "./way-back.ts";

/** Why what an ended run still offered leads nowhere any more, a sentence each; what it still offers is absent. */
export interface Overtaken {
  rejoin?: string;
  rollback?: string;
}

/** Looks at what came after a run that ended before its end. Pure. */
export function overtakenBy(state: AppState, run: RunState): Overtaken {
  if (isInFlight(run) || run.phase === "completed") return {};
  const rejoin = run.kind === "rejoin" ? rejoinedSince(state, run) : undefined;
  const rollback = wayBackOf(run) === "rollback" ? undoneSince(state, run) : undefined;
  return { ...(rejoin !== undefined && { rejoin }), ...(rollback !== undefined && { rollback }) };
}

/** The latest try is the one to go on from. */
function rejoinedSince(state: AppState, run: RunState): string | undefined {
  const { target } = run;
  if (target === state.active) return `${target} serves the traffic by now: it has nobody to follow.`;
  const others = Object.values(state.runs).filter((one) => one.kind === "rejoin" && one.target === target);
  const next = others.findLast((one) => runAfter(one, run));
  if (!next) return undefined;
  if (next.phase === "completed") return `${next.runId} has made ${target} a follower since.`;
  return `${next.runId} ${isInFlight(next) ? "is doing" : "has tried"} it again.`;
}

function undoneSince(state: AppState, run: RunState): string | undefined {
  const undoing = Object.values(state.runs).findLast(({ rollbackOf }) => rollbackOf === run.runId);
  if (undoing?.phase === "completed") return `${undoing.runId} has undone it since.`;
  if (undoing && isInFlight(undoing)) return `${undoing.runId} is undoing it.`;
  const next = relyingOn(state, run);
  return next && `${next.runId} came after it and may rely on what it changed.`;
}
