import type { NewDomainEvent } from "../events.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState, IncidentState, UpdateState } from "../state.ts";
import { componentStateOf, situationOf } from "./decide-truth.ts";
import type { Contradiction } from "./events.ts";
import { commsOf, updatesOf } from "./views.ts";

/** What stands on a page, as the public reads it. */
export type Reading =
  | {
      state: "read";
      /** States by the public name; of those that are there. */
      components: Record<string, string>;
      /** The ids, of the updates that were asked about, that do not stand there. */
      missing: string[];
    }
  | { state: "away"; summary: string };

/** A page is still looked at for so long after an incident: its end must reach the public as well. */
const AFTERWARDS_MS = 600_000;
/** A page that somebody else keeps changing is not told about for ever. */
const MOST_TIMES = 20;

/** The incident during which a page is read back; after its end for a while, and as long as the page contradicts. */
export function watchedIncident(state: AppState, destination: string, now: number): IncidentState | undefined {
  const open = state.openIncidentId === undefined ? undefined : state.incidents[state.openIncidentId];
  if (open) return open;
  return Object.values(state.incidents).findLast(({ incidentId, resolvedAt }) => {
    const standing = commsOf(state, incidentId).contradictions?.[destination]?.since !== undefined;
    return standing || (resolvedAt !== undefined && now - Date.parse(resolvedAt) < AFTERWARDS_MS);
  });
}

/** Those of an incident that must stand on a page. */
export function standingUpdates(state: AppState, incidentId: string, destination: string): UpdateState[] {
  return updatesOf(commsOf(state, incidentId)).filter(({ sent }) => sent[destination] !== undefined);
}

/** What of a page is not so. Of what is not seen nothing can be said. Pure. */
export function contradictionsOf(plan: Plan, state: AppState, reading: Reading): Contradiction[] {
  if (reading.state === "away") return [{ what: "away", summary: reading.summary }];
  const { conditions } = situationOf(plan, state);
  const components = Object.entries(plan.communication?.components ?? {}).flatMap(([service, { name }]) => {
    const seen = componentStateOf(plan, service, conditions[service] ?? "unknown");
    const says = reading.components[name];
    if (seen === "unknown" || says === undefined || says === seen) return [];
    return [{ what: "component" as const, name, says, seen }];
  });
  return [...components, ...reading.missing.map((updateId) => ({ what: "update" as const, updateId }))];
}

/** Those that an earlier look found as well: one alone may be a page that is just being changed. */
export function lastingOf(found: Contradiction[], before: Contradiction[]): Contradiction[] {
  const known = new Set(before.map((one) => JSON.stringify(one)));
  return found.filter((one) => known.has(JSON.stringify(one)));
}

/** Said once, and again only when something else is wrong too; and once that it is over. Pure. */
export function decideContradiction(
  state: AppState,
  { incidentId, destination }: { incidentId: string; destination: string },
  { found, lasting }: { found: Contradiction[]; lasting: Contradiction[] },
): NewDomainEvent[] {
  const actor = `system:${destination}`;
  if (found.length === 0) {
    return Object.entries(state.comms).flatMap(([told, { contradictions }]): NewDomainEvent[] => {
      const { since, times = 0 } = contradictions?.[destination] ?? {};
      if (since === undefined) return [];
      const key = `comms/${told}/agreed/${destination}/${times}`;
      return [{ key, kind: "comms.agreed", actor, data: { incidentId: told, destination, since } }];
    });
  }
  const { since, times = 0, problems = [] } = commsOf(state, incidentId).contradictions?.[destination] ?? {};
  const told = new Set(since === undefined ? [] : problems.map(subjectOf));
  if (times >= MOST_TIMES || lasting.every((one) => told.has(subjectOf(one)))) return [];
  const key = `comms/${incidentId}/contradicted/${destination}/${times + 1}`;
  return [
    { key, kind: "comms.contradicted", actor, data: { incidentId, destination, problems: lasting.slice(0, 100) } },
  ];
}

function subjectOf(one: Contradiction): string {
  return one.what === "component" ? `component ${one.name}` : one.what === "update" ? one.updateId : one.what;
}
