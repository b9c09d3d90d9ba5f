import type { DomainEvent, EventKind } from "../events.ts";

/** The colour of an event's line, for the channel. */
export type Tone = "ok" | "info" | "warning" | "danger" | "muted";

type ToneOf<K extends EventKind> = Tone | ((data: Extract<DomainEvent, { kind: K }>["data"]) => Tone);

const tones: { [K in EventKind]: ToneOf<K> } = {
  "incident.opened": "danger",
  "incident.resolved": "ok",
  "note.added": "info",
  "command.refused": "muted",
  "door.refused": "muted",
  "people.changed": "info",
  "people.file-refused": "warning",
  "token.created": "muted",
  "token.revoked": "info",
  "token.refused": "warning",
  "link.offered": "muted",
  "identity.linked": "info",
  "identity.unlinked": "info",
  "report.written": "info",
  "report.drafted": "info",
  "report.rejected": "muted",
  "plan.adopted": "info",
  "store.head-accepted": "danger",
  "placement.changed": ({ findings }) => (findings.length === 0 ? "ok" : "warning"),
  "verdict.changed": ({ from, to }) => {
    if (to === "healthy") return from === "unknown" ? "muted" : "ok";
    return to === "down" ? "danger" : "warning";
  },
  "availability.changed": ({ available }) => (available ? "ok" : "danger"),
  "quarantine.started": "warning",
  "quarantine.lifted": "ok",
  "replication.sampled": "muted",
  "divergence.compared": ({ found }) => (found.onlyOld + found.differing > 0 || found.cut ? "warning" : "ok"),
  "traffic.changed": "info",
  "run.proposed": "warning",
  "run.started": "info",
  "run.completed": "ok",
  "run.paused": "warning",
  "run.resumed": "info",
  "run.aborting": "warning",
  "run.aborted": "warning",
  "run.cancelled": "muted",
  "step.started": "muted",
  "step.assessed": "muted",
  "step.intended": "muted",
  "step.applied": "info",
  "step.verified": "ok",
  "step.accepted": "warning",
  // With a next attempt that follows by itself nobody has to do anything yet.
  "step.failed": ({ retryAt }) => (retryAt === undefined ? "danger" : "warning"),
  "step.held": "warning",
  "step.retried": "info",
  "step.skipped": "warning",
  "step.stopped": "warning",
  "guard.held": "warning",
  "guard.released": "ok",
  "guard.overridden": "danger",
  "lock.set": "warning",
  "lock.lifted": "ok",
  "lock.expired": "ok",
  "lock.overridden": "danger",
  "loss.assessed": ({ within }) => (within ? "info" : "danger"),
  "readiness.changed": ({ to }) => (to === "ready" ? "ok" : "warning"),
  "approval.requested": "warning",
  "approval.decided": ({ decision }) => (decision === "approve" ? "ok" : "warning"),
  "approval.voided": "warning",
  "approval.reminded": "warning",
  "approval.escalated": "danger",
  "approval.withdrawn": "ok",
  "approval.expired": "muted",
  "offline.began": "warning",
  "offline.imported": "warning",
  "offline.event": "muted",
  "chat.lost": "warning",
  "chat.restored": "ok",
  "comms.due": ({ publish }) => (publish === "ask" ? "warning" : "muted"),
  "comms.held": "warning",
  "comms.approved": "info",
  "comms.edited": "info",
  "comms.skipped": "muted",
  "comms.sent": "info",
  "comms.failed": "warning",
  "timeline.pinned": "info",
  "timeline.edited": "muted",
  "timeline.unpinned": "muted",
};

export function toneOf(event: DomainEvent): Tone {
  const tone = tones[event.kind] as Tone | ((data: DomainEvent["data"]) => Tone);
  return typeof tone === "function" ? tone(event.data) : tone;
}
