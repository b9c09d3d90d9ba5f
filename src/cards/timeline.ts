import { describeEvent } from "../events/describe.ts";
import { isOnTimeline } from "../events/pins.ts";
import type { DomainEvent } from "../events.ts";
import { actorName, count, elapsed, instant } from "../format.ts";
import type { AppState, IncidentState } from "../state.ts";
import type { Card } from "./card.ts";
import { incidentTitle } from "./incident.ts";

export interface TimelineView {
  incident?: IncidentState;
  entries: { seq: number; at: string; kind: string; actor: string; text: string }[];
  /** Earlier entries were left out to stay within the bound. */
  truncated: boolean;
}

/** Belongs to the incident: named by it or by its runs, or about the world while it lasted. */
export function belongsTo(incident: IncidentState, event: DomainEvent): boolean {
  const data = event.data as { incidentId?: string; runId?: string };
  if (data.incidentId !== undefined) return data.incidentId === incident.incidentId;
  if (data.runId !== undefined) return incident.runIds.includes(data.runId);
  const during = event.at >= incident.startedAt && event.at <= (incident.resolvedAt ?? "9999");
  return during && WORLD.has(event.kind);
}

const WORLD = new Set([
  "verdict.changed",
  "availability.changed",
  "observer.late",
  "observer.punctual",
  "traffic.changed",
  "quarantine.lifted",
  "command.refused",
  "chat.lost",
  "chat.restored",
  "lock.set",
  "lock.lifted",
  "lock.expired",
]);
/** How the executor works and when people are asked, of interest in the journal and not in a story. */
const DETAIL = new Set([
  "step.started",
  "step.assessed",
  "step.intended",
  "checkin.due",
  "comms.posting",
  "comms.unposted",
]);

/** With the state, which knows the names of steps and how many of a quorum have decided. */
export function timelineEntries(
  incident: IncidentState,
  events: DomainEvent[],
  state: AppState,
): TimelineView["entries"] {
  return events
    .filter((event) => belongsTo(incident, event) && !DETAIL.has(event.kind) && isOnTimeline(event, state))
    .map((event) => ({
      seq: event.seq,
      at: event.at,
      kind: event.kind,
      actor: event.actor,
      text: describeEvent(event, state),
    }));
}

export function timelineCard({ incident, entries, truncated }: TimelineView): Card {
  if (!incident) {
    const title = "No incident so far";
    return { title, status: "ok", fallback: title };
  }
  const title = `Timeline of ${incident.incidentId}: ${incidentTitle(incident)}`;
  return {
    title,
    status: incident.resolvedAt ? "ok" : "danger",
    ...(truncated && { text: ["Earlier entries were left out; timeline.md of the report has them all."] }),
    table: {
      columns: ["Time", "After", "What", "Actor", "Event"],
      rows: entries.map(({ seq, at, kind, actor, text }) => [
        instant(at, incident.startedAt),
        at < incident.startedAt ? "" : `+${elapsed(incident.startedAt, at)}`,
        text,
        actorName(actor),
        `${seq} ${kind}`,
      ]),
    },
    context: [`started ${instant(incident.startedAt)}`, count(entries.length, "entry", "entries")],
    fallback: title,
  };
}
