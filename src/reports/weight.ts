import type { DomainEvent, EventKind } from "../events.ts";

/** How much an event matters to a reader: `key` is in every timeline, `detail` in the full one, `hidden` in none. */
export type Weight = "key" | "detail" | "hidden";

const weights: Record<EventKind, Weight> = {
  "incident.opened": "key",
  "incident.resolved": "key",
  "proposal.refused": "key",
  "note.added": "key",
  "verdict.changed": "key",
  "availability.changed": "key",
  "observer.late": "key",
  "observer.punctual": "key",
  "quarantine.started": "key",
  "quarantine.lifted": "key",
  // One a minute; the timeline keeps those that change in kind or cross the budget.
  "replication.sampled": "detail",
  "divergence.compared": "key",
  "traffic.changed": "key",
  "run.proposed": "key",
  "run.started": "key",
  "run.completed": "key",
  "run.paused": "key",
  "run.resumed": "key",
  "run.aborting": "key",
  "run.aborted": "key",
  "run.cancelled": "key",
  "step.started": "detail",
  // The assessments in between; what they led to (applied, verified, failed) has its own event.
  "step.assessed": "hidden",
  "step.intended": "detail",
  "step.applied": "detail",
  "step.verified": "detail",
  "step.accepted": "key",
  "step.failed": "key",
  "step.held": "key",
  "step.retried": "key",
  "step.stopped": "key",
  "step.skipped": "key",
  "guard.held": "key",
  "guard.released": "key",
  "guard.overridden": "key",
  "lock.set": "key",
  "lock.lifted": "key",
  "lock.expired": "key",
  "lock.overridden": "key",
  "loss.assessed": "key",
  "readiness.changed": "key",
  "approval.requested": "key",
  "approval.decided": "key",
  "approval.voided": "key",
  "approval.reminded": "detail",
  "approval.escalated": "key",
  "approval.withdrawn": "key",
  "approval.expired": "key",
  "command.refused": "detail",
  "door.refused": "detail",
  "people.changed": "key",
  "people.file-refused": "key",
  "token.created": "detail",
  "token.revoked": "detail",
  "token.refused": "detail",
  "link.offered": "detail",
  "identity.linked": "detail",
  "identity.unlinked": "detail",
  "plan.adopted": "key",
  "report.written": "detail",
  "report.drafted": "detail",
  "report.rejected": "detail",
  // Between one person and Muster: it is in the journal, and is no part of what happened.
  "ask.asked": "hidden",
  "ask.tool-called": "hidden",
  "ask.answered": "hidden",
  "ask.refused": "hidden",
  "offline.began": "key",
  "offline.imported": "key",
  // Stands in a stream of its own; what it led to is in the import.
  "offline.event": "hidden",
  "chat.lost": "key",
  "chat.restored": "key",
  "comms.due": "detail",
  "comms.held": "key",
  "comms.approved": "detail",
  "comms.edited": "key",
  // Nobody but whoever decides about the update has seen it; what is used is an edit.
  "comms.suggested": "detail",
  "comms.skipped": "detail",
  // What came of it has its own event.
  "comms.posting": "hidden",
  "comms.unposted": "detail",
  "comms.sent": "key",
  "comms.failed": "key",
  "comms.abandoned": "key",
  "comms.contradicted": "key",
  "comms.agreed": "key",
  "delivery.sent": "key",
  "delivery.failed": "key",
  "delivery.skipped": "detail",
  "delivery.retried": "detail",
  "role.taken": "key",
  "role.released": "key",
  "handover.offered": "key",
  "handover.declined": "key",
  // What Muster itself says every few minutes; what people answered stands beside it.
  "checkin.due": "detail",
  "checkin.answered": "key",
  "page.acknowledged": "key",
  "page.resolved": "detail",
  "timeline.pinned": "key",
  "timeline.edited": "hidden",
  "timeline.unpinned": "hidden",
  "store.head-accepted": "key",
  "placement.changed": "detail",
};

export function weightOf(event: DomainEvent): Weight {
  return weights[event.kind];
}

/** Who was told of what stands in the timeline; what is new in a document is what happened. */
const TELLING = /^(?:comms|delivery|readiness|report|checkin|chat)\./u;

export function isNews(event: DomainEvent): boolean {
  return weightOf(event) === "key" && !TELLING.test(event.kind);
}
