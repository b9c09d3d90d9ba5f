import type { DomainEvent } from "../events.ts";
import { own } from "../own.ts";
import type { AppState, Pin } from "../state.ts";

/** The pinned message as it reads now; undefined when it was taken off, or for any other event. */
export function pinOf(event: DomainEvent, state: AppState | undefined): Pin | undefined {
  if (event.kind !== "timeline.pinned") return undefined;
  const { incidentId, chat, messageId } = event.data;
  const pins = own(state?.incidents ?? {}, incidentId)?.pins ?? [];
  return pins.find((pin) => pin.seq === event.seq && pin.chat === chat && pin.messageId === messageId);
}

/** What became of a pin shows in the pin's own line, so it has none of its own. */
export function isOnTimeline(event: DomainEvent, state: AppState): boolean {
  if (event.kind === "timeline.edited" || event.kind === "timeline.unpinned") return false;
  return event.kind !== "timeline.pinned" || pinOf(event, state) !== undefined;
}
