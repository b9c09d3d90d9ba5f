import type { DomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

/** What was done by a local run is so here from now on: the active region, and the one that was left. */
export function foldOffline(state: AppState, event: DomainEvent): AppState {
  if (event.kind !== "offline.imported") return state;
  const { offlineId, kind, source, target, phase, endedAt } = event.data;
  const next = { ...state, offlineRuns: [...state.offlineRuns, { offlineId, endedAt, importedAt: event.at }] };
  if (phase !== "completed" || (kind !== "failover" && kind !== "failback")) return next;
  const left = state.regions[source];
  if (kind === "failback" || !left) return { ...next, active: target };
  const reason =
    "Failed away from by a local run: no traffic and no promotion until it follows and has been healthy long enough.";
  const quarantine = { since: endedAt, runId: offlineId, reason };
  return { ...next, active: target, regions: { ...state.regions, [source]: { ...left, quarantine } } };
}
