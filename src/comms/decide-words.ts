import { duration, list } from "../format.ts";
import type { Plan } from "../plans/plan.ts";
import { primaryRegion } from "../runs/views.ts";
import type { AppState, IncidentState } from "../state.ts";
import type { Situation } from "./decide-truth.ts";
import type { Stage } from "./events.ts";
import { commsOf, updatesOf } from "./views.ts";
import type { PublicFacts } from "./words.ts";

export interface Eta {
  /** ISO 8601. */
  at: string;
  /** Where the figure comes from, in words that may be public. */
  basis: string;
}

/** The facts of a text, from what is seen and from what the plan allows to be said. Pure. */
export function publicFacts(
  plan: Plan,
  state: AppState,
  incident: IncidentState,
  situation: Situation,
  { stage, round }: { stage: Stage; round: number },
  now: number,
): { facts: PublicFacts; services: string[]; title: string; eta?: Eta } {
  const services = affected(plan, state, incident, situation);
  const names = list(services.map((name) => plan.communication?.components[name]?.name ?? name));
  const { failover } = situation;
  const serving = primaryRegion(state);
  const target = stage === "identified" ? (failover?.target ?? serving) : serving;
  const place = plan.communication?.regions[target];
  const conditions = services.map((name) => situation.conditions[name]);
  const eta = etaOf(state, situation, stage, now);
  const at = new Date(now).toISOString();
  const outage = outageOf(state, incident, services);
  const facts: PublicFacts = {
    services: names,
    unreachable: conditions.length > 0 && conditions.every((condition) => condition === "down"),
    again: round > 1 && wasOver(state, incident),
    started: failover?.startedAt !== undefined && !failover.paused,
    elsewhere: serving !== state.home,
    normal: Object.values(situation.conditions).every((condition) => condition === "healthy"),
    since: minute(outage?.from ?? incident.startedAt, at),
    until: outage?.to === undefined ? null : minute(outage.to, at),
    region: plan.communication?.regions[incident.region]?.name ?? null,
    place: place?.name ?? null,
    addedLatency: serving === state.home || place?.addedLatencyMs === undefined ? null : duration(place.addedLatencyMs),
    eta: eta ? minute(eta.at, at) : null,
    basis: eta?.basis ?? null,
  };
  return { facts, services, title: `Disruption of ${names}`, ...(eta && { eta }) };
}

/** It was said that requests are answered. */
function wasOver(state: AppState, { incidentId }: IncidentState): boolean {
  const over = updatesOf(commsOf(state, incidentId)).filter(
    ({ stage }) => stage === "degraded" || stage === "monitoring",
  );
  return over.some(({ skipped }) => !skipped);
}

/** Whose requests fail now; afterwards those of whom it was said. */
function affected(plan: Plan, state: AppState, { incidentId }: IncidentState, { failing }: Situation): string[] {
  if (failing.length > 0) return failing;
  const said = new Set(updatesOf(commsOf(state, incidentId)).flatMap(({ services }) => services));
  const all = Object.keys(plan.communication?.components ?? {});
  return said.size > 0 ? all.filter((name) => said.has(name)) : all;
}

/** As clients saw it: from the first failed request of the incident to the last; no end while one lasts. */
function outageOf(
  state: AppState,
  incident: IncidentState,
  services: string[],
): { from: string; to?: string } | undefined {
  const outages = services
    .flatMap((name) => state.availability[name]?.outages ?? [])
    .filter(({ to, from }) => (to === undefined || to >= incident.startedAt) && from <= (incident.resolvedAt ?? "9999"))
    .toSorted((one, other) => one.from.localeCompare(other.from));
  const [first] = outages;
  if (!first) return undefined;
  const ends = outages.map(({ to }) => to);
  const last = ends.every((to) => to !== undefined) ? ends.toSorted().at(-1) : undefined;
  return { from: first.from, ...(last !== undefined && { to: last }) };
}

/** Only where something was measured or stated beforehand, and only while it can still be kept. */
function etaOf(state: AppState, { failover }: Situation, stage: Stage, now: number): Eta | undefined {
  if (stage === "identified" && failover?.startedAt !== undefined && !failover.paused) {
    return promise(failover.startedAt, failover.evidence.expected.ms, "how long this work usually takes", now);
  }
  if (stage !== "monitoring") return undefined;
  const returns = Object.values(state.runs).filter(({ kind, rehearsal }) => kind === "failback" && !rehearsal);
  const current = returns.find(({ phase, paused }) => phase === "running" && !paused);
  if (current?.startedAt === undefined) return undefined;
  const last = returns.findLast(({ phase, startedAt, endedAt }) => phase === "completed" && startedAt && endedAt);
  if (last?.startedAt && last.endedAt) {
    const tookMs = Date.parse(last.endedAt) - Date.parse(last.startedAt);
    return promise(current.startedAt, tookMs, "how long the last return took", now);
  }
  return promise(current.startedAt, current.evidence.expected.ms, "how long this work usually takes", now);
}

function promise(startedAt: string, ms: number, basis: string, now: number): Eta | undefined {
  // Rounded up to the minute, so that what is promised is not the earliest it could be.
  const at = Math.ceil((Date.parse(startedAt) + ms) / 60_000) * 60_000;
  return ms > 0 && at > now ? { at: new Date(at).toISOString(), basis } : undefined;
}

/** "02:14 UTC", with the day when it is another one. */
function minute(iso: string, now: string): string {
  const text = new Date(Date.parse(iso)).toISOString();
  return `${text.slice(0, 10) === now.slice(0, 10) ? "" : `${text.slice(0, 10)} `}${text.slice(11, 16)} UTC`;
}
