import type { NewDomainEvent } from "../events.ts";
import type { ApprovalState } from "../state.ts";

/** Shares of an approval's time after which people are asked again, and after which somebody else is asked too. */
const REMIND_AT = 0.5;
const ESCALATE_AT = 0.75;

/**
 * The reminder that is due for a pending approval, or the moment at which something about it is due next. A server
 * that was away over both moments says the more urgent one only.
 */
export function reminderOf(approval: ApprovalState, now: number): { event?: NewDomainEvent; wakeAt: number } {
  const { approvalId, runId, expiresAt } = approval;
  const asked = Date.parse(approval.requestedAt);
  const end = Date.parse(expiresAt);
  const half = asked + (end - asked) * REMIND_AT;
  const late = asked + (end - asked) * ESCALATE_AT;
  const what = { actor: "system:executor", data: { approvalId, runId, expiresAt } };
  if (approval.escalatedAt !== undefined) return { wakeAt: end };
  if (now >= late) {
    return { event: { ...what, key: `approval/${approvalId}/escalated`, kind: "approval.escalated" }, wakeAt: end };
  }
  if (approval.remindedAt !== undefined) return { wakeAt: late };
  if (now < half) return { wakeAt: half };
  return { event: { ...what, key: `approval/${approvalId}/reminded`, kind: "approval.reminded" }, wakeAt: late };
}
