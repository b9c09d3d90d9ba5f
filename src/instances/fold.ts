import type { DomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

const KEPT = 20;

export function foldInstances(state: AppState, event: DomainEvent): AppState {
  if (event.kind === "placement.changed") {
    return { ...state, placement: { since: event.at, findings: event.data.findings } };
  }
  if (event.kind !== "store.head-accepted") return state;
  const { known, lost } = event.data;
  const accepted = { at: event.at, known, from: lost.from, to: lost.to };
  return { ...state, acceptedLosses: [...state.acceptedLosses, accepted].slice(-KEPT) };
}
