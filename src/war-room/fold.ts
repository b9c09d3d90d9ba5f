import type { DomainEvent } from "../events.ts";
import { own } from "../own.ts";
import type { AppState } from "../state.ts";
import type { Briefing, IncidentRole } from "./events.ts";

/** Who does what in an incident, and what was said of it as it went on. */
export interface WarRoom {
  roles: Partial<Record<IncidentRole, RoleHolder>>;
  /** Roles taken and released, and offers made and ended, so far: for the keys of the next. */
  changes: number;
  /** The latest ones, oldest first. */
  handovers: Handover[];
  /** How many there were in all. */
  handoverCount: number;
  /** The latest ones, oldest first. */
  checkIns: CheckIn[];
  checkInCount: number;
  /** Check-ins in a row that said what the one before them had said, and that nobody had more to say about. */
  unchanged: number;
}

export interface RoleHolder {
  principal: string;
  since: string;
  /** Who gave it, where that was somebody else. */
  givenBy?: string;
}

export interface Handover {
  handoverId: string;
  from: string;
  to: string;
  note?: string;
  at: string;
  briefing: Briefing;
  /** `void`: the role went another way, or another person was named. */
  phase: "offered" | "accepted" | "declined" | "void";
}

export interface CheckIn {
  checkInId: string;
  at: string;
  because: "time" | "person";
  briefing: Briefing;
  digest: string;
  answers: { by: string; at: string; text?: string }[];
}

const MOST_KEPT = 20;

export const emptyRoom: WarRoom = {
  roles: {},
  changes: 0,
  handovers: [],
  handoverCount: 0,
  checkIns: [],
  checkInCount: 0,
  unchanged: 0,
};

export function foldWarRoom(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "role.taken": {
      const { incidentId, role, principal, handoverId } = event.data;
      const givenBy = event.actor === principal ? {} : { givenBy: event.actor };
      return withRoom(state, incidentId, (old) => ({
        ...withOffers(old, role, handoverId),
        changes: old.changes + 1,
        roles: { ...old.roles, [role]: { principal, since: event.at, ...givenBy } },
      }));
    }
    case "role.released": {
      const { incidentId, role } = event.data;
      return withRoom(state, incidentId, (old) => {
        const { [role]: _, ...roles } = old.roles;
        return { ...withOffers(old, role), changes: old.changes + 1, roles };
      });
    }
    case "handover.offered": {
      const { incidentId, ...offer } = event.data;
      const handover: Handover = { ...offer, from: event.actor, at: event.at, phase: "offered" };
      return withRoom(state, incidentId, (old) => ({
        ...old,
        changes: old.changes + 1,
        handovers: [...withOffers(old, "incident-commander").handovers, handover].slice(-MOST_KEPT),
        handoverCount: old.handoverCount + 1,
      }));
    }
    case "handover.declined": {
      const { incidentId, handoverId } = event.data;
      return withRoom(state, incidentId, (old) => ({
        ...old,
        changes: old.changes + 1,
        handovers: old.handovers.map((one) => (one.handoverId === handoverId ? { ...one, phase: "declined" } : one)),
      }));
    }
    case "checkin.due": {
      const { incidentId, ...said } = event.data;
      return withRoom(state, incidentId, (old) => ({
        ...old,
        checkIns: [...old.checkIns, { ...said, at: event.at, answers: [] }].slice(-MOST_KEPT),
        checkInCount: old.checkInCount + 1,
        unchanged: old.checkIns.at(-1)?.digest === said.digest ? old.unchanged + 1 : 0,
      }));
    }
    case "checkin.answered": {
      const { incidentId, checkInId, text } = event.data;
      const answer = { by: event.actor, at: event.at, ...(text !== undefined && { text }) };
      return withRoom(state, incidentId, (old) => ({
        ...old,
        // Whoever adds something is at work: the next one comes at its usual time.
        ...(text !== undefined && { unchanged: 0 }),
        checkIns: old.checkIns.map((one) =>
          one.checkInId === checkInId ? { ...one, answers: [...one.answers, answer] } : one,
        ),
      }));
    }
    default:
      return state;
  }
}

/** An offer is over as soon as the role is somebody's by another way. */
function withOffers(room: WarRoom, role: IncidentRole, accepted?: string): WarRoom {
  if (role !== "incident-commander") return room;
  const handovers = room.handovers.map((one): Handover => {
    if (one.phase !== "offered") return one;
    return { ...one, phase: one.handoverId === accepted ? "accepted" : "void" };
  });
  return { ...room, handovers };
}

function withRoom(state: AppState, incidentId: string, change: (old: WarRoom) => WarRoom): AppState {
  const incident = own(state.incidents, incidentId);
  if (!incident) return state;
  const room = change(incident.room ?? emptyRoom);
  return { ...state, incidents: { ...state.incidents, [incidentId]: { ...incident, room } } };
}
