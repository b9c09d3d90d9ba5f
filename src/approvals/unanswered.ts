import type { NewDomainEvent } from "../events.ts";
import { list } from "../format.ts";
import type { ApprovalState, AppState, RunState } from "../state.ts";

/** So many questions in a row; who has not answered these does not read the next one either. */
const MOST_IN_A_ROW = 3;

/** This question and those before it that nobody answered in time either, oldest first. */
function unanswered(state: AppState, latest: ApprovalState): string[] {
  const ids: string[] = [];
  for (let one: ApprovalState | undefined = latest; one; one = state.approvals[one.replaces ?? ""]) {
    if (one !== latest && one.phase !== "expired") break;
    ids.unshift(one.approvalId);
  }
  return ids;
}

/** Instead of asking once more: the run is held until a person looks, and resuming it asks again. */
export function heldUnanswered(state: AppState, { runId, paused }: RunState, latest: ApprovalState): NewDomainEvent[] {
  const ids = unanswered(state, latest);
  if (paused || ids.length < MOST_IN_A_ROW) return [];
  const reason = `Nobody decided about ${list(ids.slice(-MOST_IN_A_ROW))} in time, so people are not asked again by itself; whoever resumes it is asked.`;
  return [
    {
      key: `run/${runId}/paused/${state.version}`,
      kind: "run.paused",
      actor: "system:executor",
      data: { runId, reason },
    },
  ];
}
