import { actorName, clause, instant, list, sentence } from "../format.ts";
import { own } from "../own.ts";
import type { AppState } from "../state.ts";
import type { Describers } from "./describe.ts";

type ApprovalKind =
  | "approval.requested"
  | "approval.decided"
  | "approval.voided"
  | "approval.reminded"
  | "approval.escalated"
  | "approval.withdrawn"
  | "approval.expired";

export const describeApproval: Describers<ApprovalKind> = {
  "approval.requested": ({ data, at }) => {
    const again = data.replaces ? `, in place of ${data.replaces}` : data.beside ? `, to go beyond ${data.beside}` : "";
    const accept =
      data.mustAccept.length > 0
        ? ` To be accepted by name: ${data.mustAccept.map(({ text }) => sentence(text)).join(" ")}`
        : "";
    return (
      `Approval ${data.approvalId} asked for ${data.runId}${again}: ${data.quorum} needed from ` +
      `${list(data.roles, "or")} until ${instant(data.expiresAt, at)}.${accept}`
    );
  },
  "approval.decided": ({ data, actor, at }, state) => {
    const approval = own(state?.approvals ?? {}, data.approvalId);
    const because = data.reason ? `: ${sentence(data.reason)}` : ".";
    const who = actorName(actor);
    if (data.decision === "deny") return `${who} denied ${data.approvalId} for ${data.runId}${because}`;
    const index = approval?.decisions.findIndex((one) => one.principal === actor && one.at === at) ?? -1;
    const place = approval && index >= 0 ? ` (${index + 1} of ${approval.quorum})` : "";
    const accepted = data.accepted.length > 0 ? ` Accepted by name: ${list(data.accepted)}.` : "";
    return `${who} approved ${data.approvalId} for ${data.runId}${place}${because}${accepted}`;
  },
  "approval.voided": ({ data }) => {
    const changes = data.changes.map((change) => `${change.what} ${change.old} → ${change.new}`).join("; ");
    return `Approval ${data.approvalId} for ${data.runId} no longer holds; what it was given on changed: ${clause(changes)}.`;
  },
  "approval.reminded": ({ data, at }, state) =>
    `Approval ${data.approvalId} for ${data.runId} still waits (${standing(data.approvalId, state)}); it expires at ${instant(data.expiresAt, at)}.`,
  "approval.escalated": ({ data, at }, state) =>
    `Approval ${data.approvalId} for ${data.runId} is about to expire undecided (${standing(data.approvalId, state)}), at ${instant(data.expiresAt, at)}.`,
  "approval.withdrawn": ({ data }) => {
    const then = data.restores ? `The run goes on under ${data.restores}.` : "The run goes on by itself.";
    return `Approval ${data.approvalId} for ${data.runId} is not needed any more: ${sentence(data.reason)} ${then}`;
  },
  "approval.expired": ({ data }) => `Approval ${data.approvalId} for ${data.runId} expired undecided.`,
};

function standing(approvalId: string, state: AppState | undefined): string {
  const approval = own(state?.approvals ?? {}, approvalId);
  if (!approval) return "undecided";
  const yes = approval.decisions.filter(({ decision }) => decision === "approve").length;
  return `${yes} of ${approval.quorum} from ${list(approval.roles, "or")}`;
}
