import type { Claim } from "./claims.ts";
import { proseOf } from "./claims.ts";
import type { Fact } from "./facts.ts";
import { type Status, statusesSaid } from "./lexicon.ts";

/** What a summary may not leave out, whatever a model found worth telling: the kind, and what must be said of it. */
const MILESTONES: Partial<Record<Fact["kind"], Status>> = {
  "incident.opened": "opened",
  "run.proposed": "proposed",
  "approval.decided": "approved",
  "step.verified": "promoted",
  "run.completed": "completed",
  "incident.resolved": "resolved",
};

/** Pure: the milestones that no claim tells. Of several approvals of one run the last, which made the quorum. */
export function untold(facts: readonly Fact[], claims: readonly Claim[]): Fact[] {
  const due = facts.filter((fact) => {
    const status = MILESTONES[fact.kind];
    return status !== undefined && fact.says.includes(status) && !isOvertaken(fact, facts);
  });
  return due.filter((fact) => !claims.some((claim) => tells(claim, fact)));
}

/** Pure: such a milestone in a sentence that reads among others; the event's own stands in the timeline. */
export function milestoneText({ kind, values, sentence }: Fact): string {
  const { at, region, severity, runbook, target, reason, approval } = values;
  switch (kind) {
    case "incident.opened":
      return `An incident of severity ${severity} was opened for ${region} at ${at}.`;
    case "run.proposed":
      return `A ${runbook} to ${target} was proposed at ${at}: ${reason}.`;
    case "approval.decided":
      return `The latest approval of ${approval}, for the ${runbook} to ${target}, came at ${at}.`;
    case "step.verified":
      return `The promotion in ${target} was verified at ${at}.`;
    case "run.completed":
      return `The ${runbook} to ${target} completed at ${at}.`;
    case "incident.resolved":
      return `The incident was resolved at ${at}: ${reason}.`;
    default:
      return sentence;
  }
}

function isOvertaken({ kind, seq, values }: Fact, facts: readonly Fact[]): boolean {
  if (kind !== "approval.decided") return false;
  return facts.some(
    (other) =>
      other.kind === kind &&
      other.seq > seq &&
      other.values.approval === values.approval &&
      other.says.includes("approved"),
  );
}

function tells({ kind, eventIds, text }: Claim, fact: Fact): boolean {
  const status = MILESTONES[fact.kind];
  if (kind !== "fact" || status === undefined || !eventIds.includes(fact.id)) return false;
  return statusesSaid(proseOf(text)).some((said) => said.status === status);
}
