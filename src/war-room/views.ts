import { own } from "../own.ts";
import { incidentScope } from "../plans/check-war-room.ts";
import { substitute } from "../plans/expressions.ts";
import type { AppState, IncidentState } from "../state.ts";
import type { IncidentRole } from "./events.ts";
import { type CheckIn, emptyRoom, type Handover, type WarRoom } from "./fold.ts";

export const ROLE_NAMES: Record<IncidentRole, string> = {
  "incident-commander": "incident commander",
  communications: "communications",
  scribe: "scribe",
};

export function roomOf(incident: IncidentState | undefined): WarRoom {
  return incident?.room ?? emptyRoom;
}

export function openIncident({ incidents, openIncidentId }: AppState): IncidentState | undefined {
  return openIncidentId === undefined ? undefined : incidents[openIncidentId];
}

/** Where people meet about this incident, as the plan in force says. */
export function warRoomLink({ warRoom }: AppState, incidentId: string): string | undefined {
  if (warRoom?.url === undefined) return undefined;
  return String(substitute(warRoom.url, { now: incidentScope(incidentId) }, []));
}

/** The offer that still waits for an answer. */
export function openHandover(room: WarRoom): Handover | undefined {
  return room.handovers.find(({ phase }) => phase === "offered");
}

/** With its incident; undefined for one that is past the bound of what is kept. */
export function findCheckIn(
  state: AppState,
  { incidentId, checkInId }: { incidentId: string; checkInId: string },
): [CheckIn, IncidentState] | undefined {
  const incident = own(state.incidents, incidentId);
  const found = incident?.room?.checkIns.find((one) => one.checkInId === checkInId);
  return incident && found ? [found, incident] : undefined;
}

export function findHandover(
  state: AppState,
  { incidentId, handoverId }: { incidentId: string; handoverId: string },
): [Handover, IncidentState] | undefined {
  const incident = own(state.incidents, incidentId);
  const found = incident?.room?.handovers.find((one) => one.handoverId === handoverId);
  return incident && found ? [found, incident] : undefined;
}

/** "approver-1 (incident commander), operator (scribe)": who is asked how it goes; empty while nobody is there. */
export function askedOf({ roles }: WarRoom): string[] {
  return (["incident-commander", "scribe"] as const).flatMap((role) => {
    const holder = roles[role];
    return holder ? [`${holder.principal} (${ROLE_NAMES[role]})`] : [];
  });
}
