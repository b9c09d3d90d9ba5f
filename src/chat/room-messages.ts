import { checkInCard, handoverCard } from "../cards/war-room.ts";
import type { Caller } from "../core.ts";
import type { EventOf } from "../events/describe.ts";
import type { AppState } from "../state.ts";
import { findCheckIn, findHandover } from "../war-room/views.ts";
import type { ChatMessage } from "./port.ts";

interface View {
  state: AppState;
  caller?: Caller;
}

/** In the channel, where it notifies: somebody is asked. */
export function handoverMessage(
  { at: since, data }: EventOf<"handover.offered">,
  { state, caller }: View,
): ChatMessage[] {
  const found = findHandover(state, data);
  if (!found) return [];
  const [offer, incident] = found;
  const card = handoverCard(offer, incident, caller);
  const message: ChatMessage = { id: data.handoverId.replaceAll("/", "-"), at: since, form: "card", card };
  return [offer.phase === "offered" && incident.resolvedAt === undefined ? message : { ...message, over: true }];
}

/**
 * A new post each time, in the incident's thread; the channel shows the latest on the incident's card. One that was
 * overtaken before it could be posted is not posted late.
 */
export function checkInMessage({ at: since, data }: EventOf<"checkin.due">, { state, caller }: View): ChatMessage[] {
  const found = findCheckIn(state, data);
  if (!found) return [];
  const [checkIn, incident] = found;
  const card = checkInCard(checkIn, incident, caller);
  const id = data.checkInId.replaceAll("/", "-");
  const message: ChatMessage = { id, at: since, form: "card", card, thread: data.incidentId };
  const isLatest = incident.room?.checkIns.at(-1) === checkIn;
  return [isLatest && incident.resolvedAt === undefined ? message : { ...message, over: true }];
}
