import type { ApprovalState, AppState } from "../state.ts";

/** The question that stands in place of one whose envelope was left: facts may have changed more than once since. */
export function successorOf({ approvals }: AppState, approvalId: string): ApprovalState | undefined {
  const all = Object.values(approvals);
  let last: ApprovalState | undefined;
  // Each stands in place of one before it, so that this ends.
  for (let id: string | undefined = approvalId; id !== undefined; ) {
    const next: ApprovalState | undefined = all.find(({ replaces }) => replaces === id);
    last = next ?? last;
    id = next?.approvalId;
  }
  return last;
}
