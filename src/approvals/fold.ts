import type { DomainEvent } from "../events.ts";
import { own } from "../own.ts";
import type { ApprovalPhase, ApprovalState, AppState } from "../state.ts";

export function foldApproval(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "approval.requested": {
      const approval: ApprovalState = { ...event.data, requestedAt: event.at, phase: "pending", decisions: [] };
      return {
        ...state,
        approvals: { ...state.approvals, [approval.approvalId]: approval },
        counts: { ...state.counts, approvals: state.counts.approvals + 1 },
      };
    }
    case "approval.decided":
      return withApproval(state, event.data.approvalId, (old) => {
        const { decision, reason, accepted } = event.data;
        const one = { principal: event.actor, decision, accepted, at: event.at, ...(reason && { reason }) };
        const decisions = [...old.decisions, one];
        const phase = phaseAfter(old, decisions);
        return { ...old, decisions, phase, ...(phase !== "pending" && { endedAt: event.at }) };
      });
    case "approval.voided":
      return ended(state, event.data.approvalId, "voided", event.at, { changes: event.data.changes });
    case "approval.reminded":
      return withApproval(state, event.data.approvalId, (old) => ({ ...old, remindedAt: event.at }));
    case "approval.escalated":
      return withApproval(state, event.data.approvalId, (old) => ({ ...old, escalatedAt: event.at }));
    case "approval.withdrawn":
      return ended(state, event.data.approvalId, "closed", event.at);
    case "approval.expired":
      return ended(state, event.data.approvalId, "expired", event.at);
    // A run may end while people are asked about a step that a commander has skipped.
    case "run.completed":
    case "run.aborting":
    case "run.aborted":
    case "run.cancelled":
      return closePending(state, event.data.runId, event.at);
    default:
      return state;
  }
}

/** One no ends it; a quorum of distinct people grants it. */
function phaseAfter(approval: ApprovalState, decisions: ApprovalState["decisions"]): ApprovalPhase {
  if (decisions.some(({ decision }) => decision === "deny")) return "denied";
  const approvers = new Set(decisions.map(({ principal }) => principal));
  return approvers.size >= approval.quorum ? "granted" : "pending";
}

function ended(
  state: AppState,
  id: string,
  phase: ApprovalPhase,
  at: string,
  more: Partial<ApprovalState> = {},
): AppState {
  return withApproval(state, id, (old) => ({ ...old, ...more, phase, endedAt: at }));
}

function closePending(state: AppState, runId: string, at: string): AppState {
  return Object.values(state.approvals)
    .filter((approval) => approval.runId === runId && approval.phase === "pending")
    .reduce((next, { approvalId }) => ended(next, approvalId, "closed", at), state);
}

function withApproval(state: AppState, id: string, change: (old: ApprovalState) => ApprovalState): AppState {
  const old = own(state.approvals, id);
  return old ? { ...state, approvals: { ...state.approvals, [id]: change(old) } } : state;
}
