import type { DomainEvent } from "../events.ts";
import type { AppState, AvailabilityState, RegionState } from "../state.ts";

export function foldDetection(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "verdict.changed": {
      const { region, to, since, lastGoodAt, evidence } = event.data;
      return withRegion(state, region, (old) => {
        const { lastGoodAt: _, ...rest } = countingFrom(old, event.at);
        return { ...rest, verdict: to, since, evidence, ...(lastGoodAt && { lastGoodAt }) };
      });
    }
    case "observer.late":
      return { ...state, observer: { ...event.data, instance: event.instance } };
    case "observer.punctual": {
      const { observer: _, ...rest } = state;
      return rest;
    }
    case "availability.changed": {
      const { service } = event.data;
      const next = foldAvailability(state.availability[service], event.data, event.at);
      return { ...state, availability: { ...state.availability, [service]: next } };
    }
    case "divergence.compared": {
      const { stepId: _, ...data } = event.data;
      const entry = { ...data, seq: event.seq, at: event.at };
      return { ...state, divergences: { ...state.divergences, [`${data.store}/${data.region}`]: entry } };
    }
    case "quarantine.started": {
      const { region, runId, reason } = event.data;
      // What was compared before it was failed away from says nothing about what it holds alone now.
      const others = Object.entries(state.divergences).filter(([, one]) => one.region !== region);
      return withRegion({ ...state, divergences: Object.fromEntries(others) }, region, (old) => ({
        ...old,
        quarantine: { since: event.at, runId, reason, runsBefore: state.counts.runs, countsFrom: event.at },
      }));
    }
    case "run.completed": {
      const run = state.runs[event.data.runId];
      if (run?.kind !== "rejoin" || run.rehearsal || !state.regions[run.target]?.quarantine) return state;
      return withRegion(state, run.target, (old) => countingFrom(old, event.at));
    }
    case "quarantine.lifted":
      return withRegion(state, event.data.region, ({ quarantine: _, ...rest }) => rest);
    case "replication.sampled": {
      const key = `${event.data.store}/${event.data.target}`;
      return { ...state, stores: { ...state.stores, [key]: event.data } };
    }
    case "traffic.changed":
      return { ...state, traffic: { shares: event.data.shares, at: event.at } };
    default:
      return state;
  }
}

/** Only time after this counts for the end of its quarantine. */
function countingFrom({ quarantine, ...rest }: RegionState, countsFrom: string): RegionState {
  return { ...rest, ...(quarantine && { quarantine: { ...quarantine, countsFrom } }) };
}

function withRegion(state: AppState, code: string, change: (old: RegionState) => RegionState): AppState {
  const old = state.regions[code] ?? { code, verdict: "unknown", since: "", evidence: [] };
  return { ...state, regions: { ...state.regions, [code]: change(old) } };
}

type AvailabilityChange = Extract<DomainEvent, { kind: "availability.changed" }>["data"];

function foldAvailability(
  old: AvailabilityState | undefined,
  change: AvailabilityChange,
  at: string,
): AvailabilityState {
  const outages = old?.outages ?? [];
  if (!change.available) {
    const outage = { from: change.lastGoodAt ?? at, precisionMs: change.precisionMs };
    return { available: false, since: at, outages: [...outages, outage] };
  }
  const last = outages.at(-1);
  const closed =
    last && last.to === undefined ? [...outages.slice(0, -1), { ...last, to: change.firstGoodAt ?? at }] : outages;
  return { available: true, since: at, outages: closed };
}
