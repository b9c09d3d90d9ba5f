import type { DomainEvent, EventData } from "../events.ts";
import { own } from "../own.ts";
import type { AppState } from "../state.ts";

/** So many imports are remembered; one that ended before all of these is refused, for nobody knows whether it was one. */
export const MOST_IMPORTS = 200;

/** What was done by a local run is so here from now on: the active region, and the one that was left. */
export function foldOffline(state: AppState, event: DomainEvent): AppState {
  if (event.kind !== "offline.imported") return state;
  const { offlineId, kind, target, phase, endedAt } = event.data;
  const offlineRuns = [...state.offlineRuns, { offlineId, endedAt, importedAt: event.at }].slice(-MOST_IMPORTS);
  const next = { ...state, offlineRuns };
  // Of a region that there is not, nothing follows: an older import may have named one.
  const here = own(state.regions, target) !== undefined;
  const moved = here && phase === "completed" && (kind === "failover" || kind === "failback");
  const left = event.data.quarantined || (moved && kind === "failover");
  const then = left ? withQuarantine(next, event.data, event.at) : next;
  return moved ? { ...then, active: target, regions: withoutQuarantine(then.regions, target) } : then;
}

/** Whoever is the primary is no longer one to be kept from anything. */
function withoutQuarantine(regions: AppState["regions"], target: string): AppState["regions"] {
  const region = regions[target];
  if (!region?.quarantine) return regions;
  const { quarantine: _, ...rest } = region;
  return { ...regions, [target]: rest };
}

/** What was seen of it before the import was seen of a region that nobody kept from anything. */
function withQuarantine(
  state: AppState,
  { source, offlineId, endedAt }: EventData<"offline.imported">,
  importedAt: string,
): AppState {
  const region = own(state.regions, source);
  if (!region) return state;
  const reason =
    "Failed away from by a local run: no traffic and no promotion until it follows and has been healthy long enough.";
  const { runs: runsBefore } = state.counts;
  const quarantine = { since: endedAt, runId: offlineId, reason, runsBefore, countsFrom: importedAt };
  // What was compared before says nothing about what it holds alone now.
  const others = Object.entries(state.divergences).filter(([, one]) => one.region !== source);
  return {
    ...state,
    divergences: Object.fromEntries(others),
    regions: { ...state.regions, [source]: { ...region, quarantine } },
  };
}
