import type { DomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

/** What a report looks up in the journal from before an incident, without reading all of it. */
export interface Landmarks {
  /** By subject: the last events that said something about it, oldest first. */
  last: Record<string, { seq: number; at: string }[]>;
  /** By incident: the event that opened it, and the latest of each subject before its first sign, where that is known. */
  incidents: Record<string, { openedSeq: number; before?: number[] }>;
  /** Everybody who ever did something: nobody of them is named in a prompt. */
  people: string[];
}

export const noLandmarks: Landmarks = { last: {}, incidents: {}, people: [] };

/** An incident begins before it is opened: what was said in between is about it, and what it was before is asked. */
const KEPT = 8;

/** Pure. */
export function foldLandmarks(state: AppState, event: DomainEvent): AppState {
  const known = event.kind === "incident.opened" ? withIncident(state, event.seq, event.data) : state;
  const { last, people } = known.landmarks;
  const subject = subjectOf(event);
  const isNew = event.actor !== "" && !event.actor.startsWith("system:") && !people.includes(event.actor);
  if (subject === undefined && !isNew) return known;
  const { seq, at } = event;
  const own = subject === undefined ? {} : { [subject]: [...(last[subject] ?? []), { seq, at }].slice(-KEPT) };
  const landmarks = {
    ...known.landmarks,
    last: { ...last, ...own },
    people: isNew ? [...people, event.actor] : people,
  };
  return { ...known, landmarks };
}

type Opened = { incidentId: string; startedAt: string };

function withIncident(state: AppState, openedSeq: number, { incidentId, startedAt }: Opened): AppState {
  const before = landmarksBefore(state.landmarks, startedAt);
  const known = { openedSeq, ...(before && { before }) };
  const { incidents } = state.landmarks;
  return { ...state, landmarks: { ...state.landmarks, incidents: { ...incidents, [incidentId]: known } } };
}

/** The kinds of which reports want to know what was said last before an incident. */
function subjectOf(event: DomainEvent): string | undefined {
  switch (event.kind) {
    case "replication.sampled":
      return `sample/${event.data.store}/${event.data.source}/${event.data.target}`;
    case "readiness.changed":
      return `readiness/${event.data.runbook}/${event.data.source}/${event.data.target}`;
    case "availability.changed":
      return `availability/${event.data.service}`;
    case "quarantine.started":
      return `quarantine/${event.data.region}`;
    default:
      return undefined;
  }
}

/** The latest of each subject from before a moment, by their sequence numbers; undefined where more is to be read. */
function landmarksBefore({ last }: Landmarks, moment: string): number[] | undefined {
  const found: number[] = [];
  for (const events of Object.values(last)) {
    const before = events.findLast(({ at }) => at < moment);
    if (before) found.push(before.seq);
    else if (events.length === KEPT) return undefined;
  }
  return found.sort((one, other) => one - other);
}
