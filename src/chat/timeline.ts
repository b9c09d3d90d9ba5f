import { type TimelineView, timelineEntries } from "../cards/timeline.ts";
import type { DomainEvent } from "../events.ts";
import { clip, count, elapsed, instant } from "../format.ts";
import type { AppState, IncidentState } from "../state.ts";
import type { ChatMessage } from "./port.ts";

/** What one message holds in every chat: Slack's sections end at 3,000 characters. */
const LINES_A_PART = 20;
const LONGEST_LINE = 140;
/** The latest ones; `timeline` and timeline.md tell all. */
const MOST_PARTS = 10;

/** The incident's timeline as messages that are edited while it goes on; a full one is followed by the next. */
export function timelineMessages(
  incident: IncidentState,
  events: readonly DomainEvent[],
  state: AppState,
): ChatMessage[] {
  const entries = timelineEntries(incident, [...events], state);
  const parts = Array.from({ length: Math.ceil(entries.length / LINES_A_PART) }, (_, index) =>
    entries.slice(index * LINES_A_PART, (index + 1) * LINES_A_PART),
  );
  return parts.map((part, index) => partMessage(incident, part, index + 1, entries.length)).slice(-MOST_PARTS);
}

function partMessage(
  incident: IncidentState,
  entries: TimelineView["entries"],
  part: number,
  total: number,
): ChatMessage {
  const title = `Timeline of ${incident.incidentId}${part > 1 ? `, part ${part}` : ""}`;
  const last = entries.at(-1);
  return {
    id: `timeline-${incident.incidentId}-${part}`,
    at: entries[0]?.at ?? incident.openedAt,
    form: "card",
    card: {
      title,
      status: incident.resolvedAt === undefined ? "info" : "muted",
      text: entries.map((entry) => lineText(incident, entry)),
      context: [
        `${count(entries.length, "entry", "entries")}${entries.length === total ? "" : ` of ${total}`}`,
        `up to ${instant(last?.at, incident.startedAt)}`,
      ],
      fallback: title,
    },
  };
}

function lineText({ startedAt }: IncidentState, { at, text }: TimelineView["entries"][number]): string {
  const after = at < startedAt ? "" : ` (+${elapsed(startedAt, at)})`;
  return clip(`${instant(at, startedAt)}${after} ${text}`, LONGEST_LINE);
}
