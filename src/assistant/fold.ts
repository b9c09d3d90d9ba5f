import type { DomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

/** Questions of the last hour, for the bounds that hold across instances and restarts; oldest first. */
export interface AskState {
  askId: string;
  principal: string;
  at: string;
  /** Spent so far. */
  tokens: number;
}

export const HOUR_MS = 3_600_000;
const MOST_KEPT = 1_000;

/** Pure. */
export function foldAsks(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "ask.asked": {
      const since = new Date(Date.parse(event.at) - HOUR_MS).toISOString();
      const asked = { askId: event.data.askId, principal: event.actor, at: event.at, tokens: 0 };
      return { ...state, asks: [...state.asks.filter(({ at }) => at > since), asked].slice(-MOST_KEPT) };
    }
    case "ask.tool-called":
    case "ask.answered":
    case "ask.refused": {
      const { askId, tokens } = event.data;
      const spent = tokens.input + tokens.output;
      return { ...state, asks: state.asks.map((one) => (one.askId === askId ? { ...one, tokens: spent } : one)) };
    }
    default:
      return state;
  }
}
