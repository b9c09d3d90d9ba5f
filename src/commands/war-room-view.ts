import { chooseIncident } from "../cards/status-view.ts";
import type { WarRoomView } from "../cards/war-room.ts";
import type { Core } from "../core.ts";
import type { IncidentState } from "../state.ts";
import { warRoomLink } from "../war-room/views.ts";
import { nowIso } from "./run-view.ts";

/** The room of an incident at this moment: what the commands about it answer with. */
export async function warRoomView(core: Core, incident: IncidentState): Promise<WarRoomView> {
  const link = warRoomLink(await core.state(), incident.incidentId);
  return { incident, ...(link !== undefined && { link }), at: nowIso(core) };
}

/** Of the open incident, else of the latest one. */
export async function currentWarRoom(core: Core): Promise<{ room?: WarRoomView }> {
  const incident = chooseIncident(await core.state());
  return incident ? { room: await warRoomView(core, incident) } : {};
}
