import type { Describers } from "./describe.ts";
import { list, sentence } from "./format.ts";

type ApprovalKind = "approval.requested" | "approval.decided" | "approval.voided" | "approval.expired";

export const describeApproval: Describers<ApprovalKind> = {
  "approval.requested": ({ data }) => {
    const again = data.replaces ? `, in place of ${data.replaces}` : "";
    const accept =
      data.mustAccept.length > 0
        ? ` To be accepted by name: ${data.mustAccept.map(({ text }) => sentence(text)).join(" ")}`
        : "";
    return (
      `Approval ${data.approvalId} asked for ${data.runId}${again}: ${data.quorum} needed, from ` +
      `${list(data.roles, "or")}.${accept}`
    );
  },
  "approval.decided": ({ data, actor, at }, state) => {
    const approval = state?.approvals[data.approvalId];
    const because = data.reason ? `: ${sentence(data.reason)}` : ".";
    if (data.decision === "deny") return `${actor} denied ${data.approvalId} for ${data.runId}${because}`;
    const index = approval?.decisions.findIndex((one) => one.principal === actor && one.at === at) ?? -1;
    const place = approval && index >= 0 ? ` (${index + 1} of ${approval.quorum})` : "";
    const accepted = data.accepted.length > 0 ? ` Accepted by name: ${list(data.accepted)}.` : "";
    return `${actor} approved ${data.approvalId} for ${data.runId}${place}${because}${accepted}`;
  },
  "approval.voided": ({ data }) => {
    const changes = data.changes.map((change) => `${change.what} ${change.old} → ${change.new}`);
    return `Approval ${data.approvalId} for ${data.runId} no longer counts; the facts it was given on changed: ${changes.join("; ")}.`;
  },
  "approval.expired": ({ data }) => `Approval ${data.approvalId} for ${data.runId} expired undecided.`,
};
