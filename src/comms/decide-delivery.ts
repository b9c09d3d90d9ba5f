import type { Plan } from "../plans/plan.ts";
import type { AppState, UpdateState } from "../state.ts";
import { isTrue } from "./decide.ts";
import { situationOf } from "./decide-truth.ts";
import { isAfter, isReady, updatesOf } from "./views.ts";

/** The update that a destination lacks; nothing that is overtaken, given up or no longer true. Pure. */
export function nextPosting(plan: Plan, state: AppState, destination: string): UpdateState | undefined {
  const situation = situationOf(plan, state);
  for (const [incidentId, comms] of Object.entries(state.comms)) {
    const incident = state.incidents[incidentId];
    const ready = updatesOf(comms).filter(isReady);
    const last = ready.find((update) => !ready.some((other) => isAfter(other, update)));
    if (!incident || !last || last.sent[destination] || last.failed[destination]?.retrying === false) continue;
    if (isTrue(last, incident, situation)) return last;
  }
  return undefined;
}

/** An update that may stand at a destination though nobody knows, and is not to be posted there any more. Pure. */
export function unclearPosting(state: AppState, destination: string): UpdateState | undefined {
  const updates = Object.values(state.comms).flatMap(updatesOf);
  return updates.find(({ posting }) => posting?.[destination] !== undefined);
}

/** The remote id of an incident, from the updates that it has. */
export function remoteIncident(state: AppState, incidentId: string, destination: string): string | undefined {
  const updates = updatesOf(state.comms[incidentId] ?? { round: 1, updates: {}, held: {} });
  return updates.findLast(({ sent }) => sent[destination]?.ref !== undefined)?.sent[destination]?.ref;
}
