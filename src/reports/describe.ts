import type { DomainEvent, EventKind } from "../events.ts";
import type { AppState } from "../state.ts";
import { describeApproval } from "./describe-approvals.ts";
import { describeDetection } from "./describe-detection.ts";
import { describeRun } from "./describe-runs.ts";
import { list, sentence } from "./format.ts";

export type EventOf<K extends EventKind> = Extract<DomainEvent, { kind: K }>;
export type Describers<K extends EventKind> = { [P in K]: (event: EventOf<P>, state: AppState | undefined) => string };

/** How much an event matters to a reader: `key` is in every timeline, `detail` in the full one, `hidden` in none. */
export type Weight = "key" | "detail" | "hidden";

const describers: Describers<EventKind> = {
  ...describeDetection,
  ...describeRun,
  ...describeApproval,
  "incident.opened": ({ data, actor }) =>
    data.openedBy === "signal"
      ? `Incident ${data.incidentId} opened by detection (${data.severity.toUpperCase()}): ${sentence(data.title)}`
      : `Incident ${data.incidentId} opened by ${actor} (${data.severity.toUpperCase()}): ${sentence(data.title)}`,
  "incident.resolved": ({ data, actor }) =>
    `Incident ${data.incidentId} resolved by ${actor}: ${sentence(data.reason)}`,
  "note.added": ({ data, actor }) => `Note by ${actor}: “${data.text.trim()}”`,
  "command.refused": ({ data, actor }) =>
    `The command “${data.command}” of ${actor} was refused (${data.code}): ${sentence(data.summary)}`,
  "plan.adopted": ({ data }) =>
    `Muster works with the plan of ${data.plan.application}, digest ${data.plan.digest.slice(0, 12)}.`,
  "report.written": ({ data }) =>
    `Documents written from the journal as of #${data.asOf.seq}: ${list(data.documents.map(({ name }) => name))}.`,
};

/**
 * One plain-text sentence about an event: for timelines, cards and terminals, each of which escapes it for itself.
 * `state` (of that moment or later) adds what the event does not say itself: names of steps, counts of decisions.
 */
export function describeEvent(event: DomainEvent, state?: AppState): string {
  const describe = describers[event.kind] as (event: DomainEvent, state: AppState | undefined) => string;
  return describe(event, state);
}

const weights: Record<EventKind, Weight> = {
  "incident.opened": "key",
  "incident.resolved": "key",
  "note.added": "key",
  "verdict.changed": "key",
  "availability.changed": "key",
  "quarantine.started": "key",
  "quarantine.lifted": "key",
  // One a minute; the timeline keeps those that change in kind or cross the budget.
  "replication.sampled": "detail",
  "traffic.changed": "key",
  "run.proposed": "key",
  "run.started": "key",
  "run.completed": "key",
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
  "step.retried": "key",
  "step.skipped": "key",
  "loss.assessed": "key",
  "readiness.changed": "key",
  "approval.requested": "key",
  "approval.decided": "key",
  "approval.voided": "key",
  "approval.expired": "key",
  "command.refused": "detail",
  "plan.adopted": "key",
  "report.written": "detail",
};

export function weightOf(event: DomainEvent): Weight {
  return weights[event.kind];
}
