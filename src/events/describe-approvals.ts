import { actorName, clause, instant, list, sentence } from "../format.ts";
import type { Describers } from "./describe.ts";

type ApprovalKind = "approval.requested" | "approval.decided" | "approval.voided" | "approval.expired";

export const describeApproval: Describers<ApprovalKind> = {
  "approval.requested": ({ data, at }) => {
    const again = data.replaces ? `, in place of ${data.replaces}` : "";
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
    const approval = state?.approvals[data.approvalId];
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
  "approval.expired": ({ data }) => `Approval ${data.approvalId} for ${data.runId} expired undecided.`,
};
