import type { DomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

export function foldLocks(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "lock.set": {
      const lock = { ...event.data, by: event.actor, since: event.at };
      return { ...state, lock, counts: { ...state.counts, locks: state.counts.locks + 1 } };
    }
    case "lock.lifted":
    case "lock.expired": {
      if (state.lock?.lockId !== event.data.lockId) return state;
      const { lock: _, ...rest } = state;
      return rest;
    }
    case "lock.overridden": {
      const { runId, lockId, lockReason, lockedBy } = event.data;
      const run = state.runs[runId];
      if (!run) return state;
      const overriddenLock = { lockId, reason: lockReason, by: lockedBy };
      return { ...state, runs: { ...state.runs, [runId]: { ...run, overriddenLock } } };
    }
    default:
      return state;
  }
}
