import type { DomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

/** What became of what a destination was told, as far as it is journaled. */
export interface DeliveryState {
  /** The latest that arrived, oldest first. */
  sent: SentDelivery[];
  /** Ids of the latest that were of no use any more, oldest first. */
  skipped: string[];
  /** By message id, oldest first: what does not arrive, or was given up. */
  failed: Record<string, FailedDelivery>;
}

export interface SentDelivery {
  messageId: string;
  what: string;
  at: string;
  happenedAt: string;
  ref?: string;
}

export interface FailedDelivery {
  messageId: string;
  what: string;
  eventSeq: number;
  at: string;
  code: string;
  summary: string;
  hint: string;
  retrying: boolean;
  /** A person has it tried again. */
  again?: { by: string; at: string };
}

const MOST_KEPT = 50;
/** Of what was given up only so many can be tried again. */
const MOST_FAILED = 200;

const nothing: DeliveryState = { sent: [], skipped: [], failed: {} };

export function deliveryOf(state: AppState, destination: string): DeliveryState {
  return state.deliveries[destination] ?? nothing;
}

export function foldDeliveries(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "delivery.sent": {
      const { destination, messageId, what, happenedAt, ref, covers = [] } = event.data;
      const one = { messageId, what, at: event.at, happenedAt, ...(ref !== undefined && { ref }) };
      return changed(state, destination, ({ sent, failed, ...old }) => ({
        ...old,
        sent: [...sent, one].slice(-MOST_KEPT),
        failed: without(failed, [messageId, ...covers]),
      }));
    }
    case "delivery.skipped": {
      const { destination, messageId } = event.data;
      return changed(state, destination, (old) => ({
        ...old,
        skipped: [...old.skipped, messageId].slice(-MOST_KEPT),
        failed: without(old.failed, [messageId]),
      }));
    }
    case "delivery.failed": {
      const { destination, messageId, what, eventSeq, code, summary, hint, retrying } = event.data;
      const one = { messageId, what, eventSeq, at: event.at, code, summary, hint, retrying };
      return changed(state, destination, ({ failed, ...old }) => {
        const entries = [...Object.entries(without(failed, [messageId])), [messageId, one] as const];
        return { ...old, failed: Object.fromEntries(entries.slice(-MOST_FAILED)) };
      });
    }
    case "delivery.retried": {
      const { destination, messageId } = event.data;
      return changed(state, destination, (old) => {
        const known = old.failed[messageId];
        if (!known) return old;
        const again = { by: event.actor, at: event.at };
        return { ...old, failed: { ...old.failed, [messageId]: { ...known, retrying: true, again } } };
      });
    }
    default:
      return state;
  }
}

function changed(state: AppState, destination: string, change: (old: DeliveryState) => DeliveryState): AppState {
  return { ...state, deliveries: { ...state.deliveries, [destination]: change(deliveryOf(state, destination)) } };
}

function without(failed: DeliveryState["failed"], ids: readonly string[]): DeliveryState["failed"] {
  return Object.fromEntries(Object.entries(failed).filter(([id]) => !ids.includes(id)));
}
