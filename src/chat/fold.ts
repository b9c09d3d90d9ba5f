import type { DomainEvent } from "../events.ts";
import { own } from "../own.ts";
import type { AppState, Pin } from "../state.ts";

export function foldChat(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "chat.lost": {
      const { chat, ...why } = event.data;
      return withChat(state, chat, { lost: { since: event.at, ...why } });
    }
    case "chat.restored":
      return withChat(state, event.data.chat, {});
    case "timeline.pinned": {
      const { incidentId, ...pin } = event.data;
      return withPins(state, incidentId, (old) => [
        ...old.filter((one) => !isSame(one, pin)),
        { ...pin, seq: event.seq, at: event.at },
      ]);
    }
    case "timeline.edited": {
      const { incidentId, text } = event.data;
      return withPins(state, incidentId, (old) => old.map((one) => (isSame(one, event.data) ? { ...one, text } : one)));
    }
    case "timeline.unpinned":
      return withPins(state, event.data.incidentId, (old) => old.filter((one) => !isSame(one, event.data)));
    default:
      return state;
  }
}

function isSame(one: Pick<Pin, "chat" | "messageId">, other: Pick<Pin, "chat" | "messageId">): boolean {
  return one.chat === other.chat && one.messageId === other.messageId;
}

/** How often contact changed is counted, for the keys of the next events. */
function withChat(state: AppState, chat: string, now: Pick<AppState["chats"][string], "lost">): AppState {
  const changes = (state.chats[chat]?.changes ?? 0) + 1;
  return { ...state, chats: { ...state.chats, [chat]: { ...now, changes } } };
}

function withPins(state: AppState, incidentId: string, change: (old: Pin[]) => Pin[]): AppState {
  const incident = own(state.incidents, incidentId);
  if (!incident) return state;
  const pins = change(incident.pins);
  return { ...state, incidents: { ...state.incidents, [incidentId]: { ...incident, pins } } };
}
