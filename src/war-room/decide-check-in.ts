import type { NewDomainEvent } from "../events.ts";
import type { AppState, IncidentState } from "../state.ts";
import { briefingOf, digestOf, isTroubled } from "./briefing-view.ts";
import type { Briefing } from "./events.ts";
import { openIncident, roomOf } from "./views.ts";

export interface CheckInDecision {
  events: NewDomainEvent[];
  /** Milliseconds since 1970 at which time alone makes the next one due. */
  wakeAt?: number;
}

const ACTOR = "system:war-room";
/** Said so often and the same each time, the next one may wait: longer and longer, up to an hour. */
const SAME_BEFORE_SLOWER = 3;
const SLOWEST_MS = 3_600_000;

/** Is it time to ask people how it goes? Nobody is asked for what was missed meanwhile. Pure. */
export function decideCheckIn(state: AppState, now: number): CheckInDecision {
  const incident = openIncident(state);
  if (!incident || !state.warRoom || !isTroubled(state)) return { events: [] };
  const briefing = briefingOf(state, now);
  const dueAt = nextAt(incident, state.warRoom.checkInEveryMs, digestOf(briefing));
  if (now < dueAt) return { events: [], wakeAt: dueAt };
  return { events: [checkInDue(incident, briefing, "time")] };
}

function nextAt(incident: IncidentState, everyMs: number, digest: string): number {
  const { checkIns, unchanged } = roomOf(incident);
  const last = checkIns.at(-1);
  if (!last) return Date.parse(incident.openedAt) + everyMs;
  const times = last.digest === digest ? 2 ** Math.min(20, Math.max(0, unchanged - SAME_BEFORE_SLOWER + 1)) : 1;
  return Date.parse(last.at) + Math.max(everyMs, Math.min(everyMs * times, SLOWEST_MS));
}

/** Also for a person who has something to say before anybody asked. */
export function checkInDue(
  incident: IncidentState,
  briefing: Briefing,
  because: "time" | "person",
  actor: string = ACTOR,
): Extract<NewDomainEvent, { kind: "checkin.due" }> {
  const { incidentId } = incident;
  const checkInId = `${incidentId}/checkin-${roomOf(incident).checkInCount + 1}`;
  const data = { incidentId, checkInId, because, briefing, digest: digestOf(briefing) };
  return { key: `checkin/${checkInId}`, kind: "checkin.due", actor, data };
}
