import { instant, list } from "../format.ts";
import type { ApprovalState, RunState } from "../state.ts";

/**
 * What people may do about a run that is held because more would be lost than it may lose: wait, accept, abort.
 * Empty where no such question is open.
 */
export function lossChoices(run: RunState, approval: ApprovalState | undefined, at: string): string[] {
  if (approval?.phase !== "pending" || !approval.changes?.length) return [];
  const { approvalId, beside, changes, mustAccept, quorum, roles } = approval;
  const under = beside ? `what ${beside} allows` : "the plan's budget";
  const held = changes.map((change) => `${change.what} is ${change.new}; allowed is ${change.old}`).join(". ");
  const people = quorum === 1 ? "one more person" : `${quorum} different people`;
  const accept = mustAccept.map(({ id }) => ` --accept ${id}`).join("");
  return [
    `Held, because it is beyond ${under}. ${held}.`,
    `To wait: nothing has to be done. The copies are compared every second, and the run goes on by itself as soon as it is back inside ${under}. ${prospects(run, approval)}`.trim(),
    `To accept: approve ${approvalId}${accept}; it takes ${people} with the role ${list(roles, "or")}${approval.excludeRequester ? `, not ${run.requester}` : ""}, until ${instant(approval.expiresAt, at)}.`,
    `To abort: abort ${run.runId} --reason "…", or deny ${approvalId}. No further step starts; what was done stays done.`,
  ];
}

/** Can waiting help? A copy catches up only with a primary that answers. */
function prospects({ source, target, evidence }: RunState, approval: ApprovalState): string {
  const losses = (approval.evidence ?? evidence).losses.filter(({ withinBudget }) => !withinBudget);
  return losses
    .map(({ store, loss }) => {
      if (loss.kind === "measured") return `${target} is getting what ${source} still has of ${store}.`;
      if (loss.kind === "bounded") return `${source} does not answer, so ${store} cannot catch up until it does.`;
      return `Of ${store} nobody can tell whether it catches up.`;
    })
    .join(" ");
}
