import type { Caller } from "../core.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { Roster } from "../people/roster.ts";
import type { Clock } from "../ports.ts";
import type { AppState, IncidentState } from "../state.ts";
import { briefingOf } from "./briefing-view.ts";
import { checkInDue } from "./decide-check-in.ts";
import type { IncidentRole } from "./events.ts";
import type { CheckIn } from "./fold.ts";
import {
  badAnswer,
  noIncident,
  noOffer,
  notCommander,
  takenBy,
  toOneself,
  unknownPerson,
  useHandover,
} from "./refusals.ts";
import { openHandover, openIncident, roomOf } from "./views.ts";

interface WarRoomOptions {
  journal: Pick<Journal, "commit">;
  clock: Pick<Clock, "now">;
  roster: Pick<Roster, "current">;
}

/** Who holds the role, as the caller knows: to take it from somebody one must say from whom. */
export interface TakeRequest {
  role: IncidentRole;
  from?: string | undefined;
}

const MOST_ANSWERS = 20;

/** Who does what in the open incident. Each throws AppError when refused, answers with the incident, and may be repeated. */
export function createWarRoom({ journal, clock, roster }: WarRoomOptions) {
  async function write(decide: (incident: IncidentState, state: AppState) => NewDomainEvent[]): Promise<IncidentState> {
    let incidentId = "";
    const { state } = await journal.commit((fresh) => {
      const incident = openIncident(fresh);
      if (!incident) throw noIncident();
      ({ incidentId } = incident);
      return decide(incident, fresh);
    });
    return state.incidents[incidentId] as IncidentState;
  }

  function ensureKnown(person: string): void {
    const people = roster.current();
    if (!people.byId(person))
      throw unknownPerson(
        person,
        people.list().map(({ principal }) => principal),
      );
  }

  return {
    take: ({ role, from }: TakeRequest, caller: Caller): Promise<IncidentState> =>
      write((incident) => assign(incident, { role, from }, caller.principal, caller)),

    give: ({ role, from }: TakeRequest, person: string, caller: Caller): Promise<IncidentState> =>
      write((incident) => {
        ensureKnown(person);
        const holder = roomOf(incident).roles[role]?.principal;
        // Whoever leads hands over to somebody who says yes, so that at no moment nobody knows who leads.
        const leads = role === "incident-commander" && holder === caller.principal;
        if (leads && person !== caller.principal) throw useHandover(person);
        return assign(incident, { role, from: holder === caller.principal ? holder : from }, person, caller);
      }),

    release: (role: IncidentRole, caller: Caller): Promise<IncidentState> =>
      write((incident) => {
        const { roles, changes } = roomOf(incident);
        const holder = roles[role];
        if (!holder) return [];
        if (holder.principal !== caller.principal) throw takenBy(role, holder);
        const { incidentId } = incident;
        const data = { incidentId, role, principal: holder.principal };
        return [{ key: `role/${incidentId}/${changes + 1}`, kind: "role.released", actor: caller.principal, data }];
      }),

    offer: (to: string, note: string | undefined, caller: Caller): Promise<IncidentState> =>
      write((incident, state) => {
        ensureKnown(to);
        const room = roomOf(incident);
        const holder = room.roles["incident-commander"];
        if (holder?.principal !== caller.principal) throw notCommander(holder);
        if (to === caller.principal) throw toOneself();
        const open = openHandover(room);
        if (open?.to === to && open.note === note) return [];
        const { incidentId } = incident;
        const handoverId = `${incidentId}/handover-${room.handoverCount + 1}`;
        const briefing = briefingOf(state, clock.now());
        const data = { incidentId, handoverId, to, ...(note !== undefined && { note }), briefing };
        return [{ key: `handover/${handoverId}`, kind: "handover.offered", actor: caller.principal, data }];
      }),

    accept: (caller: Caller): Promise<IncidentState> =>
      write((incident) => {
        const room = roomOf(incident);
        const open = openHandover(room);
        if (open?.to !== caller.principal) {
          // A second press: it is theirs already.
          if (!open && room.roles["incident-commander"]?.principal === caller.principal) return [];
          throw noOffer(open);
        }
        const { handoverId, from, to } = open;
        const data = {
          incidentId: incident.incidentId,
          role: "incident-commander" as const,
          principal: to,
          from,
          handoverId,
        };
        return [{ key: `handover/${handoverId}/accepted`, kind: "role.taken", actor: caller.principal, data }];
      }),

    decline: (caller: Caller): Promise<IncidentState> =>
      write((incident) => {
        const open = openHandover(roomOf(incident));
        if (!open || ![open.to, open.from].includes(caller.principal)) throw noOffer(open);
        const { incidentId } = incident;
        const { handoverId } = open;
        const data = { incidentId, handoverId };
        return [{ key: `handover/${handoverId}/declined`, kind: "handover.declined", actor: caller.principal, data }];
      }),

    /** To the latest check-in or, where there was none, to one of this moment. */
    checkIn: (text: string | undefined, caller: Caller): Promise<IncidentState> =>
      write((incident, state) => {
        const room = roomOf(incident);
        const latest = room.checkIns.at(-1);
        if (latest) return answered(incident, latest, text, caller);
        const due = checkInDue(incident, briefingOf(state, clock.now()), "person", caller.principal);
        return [due, ...answered(incident, { ...due.data, at: "", answers: [] }, text, caller)];
      }),
  };
}

function assign(
  incident: IncidentState,
  { role, from }: TakeRequest,
  principal: string,
  caller: Caller,
): NewDomainEvent[] {
  const { roles, changes } = roomOf(incident);
  const holder = roles[role];
  if (holder?.principal === principal) return [];
  if (holder && from !== holder.principal) throw takenBy(role, holder);
  const { incidentId } = incident;
  const data = { incidentId, role, principal, ...(holder && { from: holder.principal }) };
  return [{ key: `role/${incidentId}/${changes + 1}`, kind: "role.taken", actor: caller.principal, data }];
}

function answered(
  { incidentId }: IncidentState,
  { checkInId, answers }: CheckIn,
  text: string | undefined,
  caller: Caller,
): NewDomainEvent[] {
  const same = answers.some((one) => one.by === caller.principal && one.text === text);
  if (same) return [];
  if (answers.length >= MOST_ANSWERS) throw badAnswer(checkInId);
  const data = { incidentId, checkInId, ...(text !== undefined && { text }) };
  const key = `${checkInId}/answer-${answers.length + 1}`;
  return [{ key: `checkin/${key}`, kind: "checkin.answered", actor: caller.principal, data }];
}
