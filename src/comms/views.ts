import type { Plan } from "../plans/plan.ts";
import type { AppState, IncidentComms, IncidentState, UpdateState } from "../state.ts";
import { type Stage, stages } from "./events.ts";
import { noComms } from "./fold.ts";

export function rankOf(stage: Stage): number {
  return stages.indexOf(stage);
}

export function commsOf(state: AppState, incidentId: string): IncidentComms {
  return state.comms[incidentId] ?? noComms;
}

/** Oldest first. */
export function updatesOf(comms: IncidentComms): UpdateState[] {
  return Object.values(comms.updates);
}

/** May it be posted now, as far as people are concerned? */
export function isReady(update: UpdateState): boolean {
  return !update.skipped && isMeant(update);
}

/** Nothing and nobody stood against telling it, though it may have been skipped because a page was away. */
export function isMeant(update: UpdateState): boolean {
  return update.approved !== undefined || (update.publish === "automatic" && !update.held);
}

export function isSent(update: UpdateState): boolean {
  return Object.keys(update.sent).length > 0;
}

/** May it stand somewhere, though nobody knows? */
export function isBeingPosted({ posting = {} }: UpdateState): boolean {
  return Object.keys(posting).length > 0;
}

export function isAfter(one: UpdateState, other: UpdateState): boolean {
  return one.round === other.round ? rankOf(one.stage) > rankOf(other.stage) : one.round > other.round;
}

/** Waits for somebody: for a tap, or because it was held. */
export function isWaiting(update: UpdateState): boolean {
  return !update.skipped && !isReady(update);
}

/** What this round has come to; what was skipped was never said. */
export function latestUpdate(comms: IncidentComms): UpdateState | undefined {
  return updatesOf(comms)
    .filter(({ round, skipped }) => round === comms.round && !skipped)
    .toSorted((one, other) => rankOf(one.stage) - rankOf(other.stage))
    .at(-1);
}

/** From when a round's stages are counted: the first failing probe, or the moment at which the trouble was back. */
function roundStart(comms: IncidentComms, incident: IncidentState): string {
  if (comms.round === 1) return incident.startedAt;
  const first = updatesOf(comms).find(({ round }) => round === comms.round);
  return first?.dueAt ?? incident.startedAt;
}

export function stageTime(plan: Plan, comms: IncidentComms, incident: IncidentState, stage: Stage): number {
  const afterMs = stage === "investigating" ? 0 : (plan.communication?.stages[stage].afterMs ?? 0);
  return Date.parse(roundStart(comms, incident)) + afterMs;
}

/** The first time a stage is due in an incident it is called by its name alone. */
export function nextUpdateId(comms: IncidentComms, incidentId: string, stage: Stage): string {
  const times = updatesOf(comms).filter((one) => one.stage === stage).length;
  return times === 0 ? `${incidentId}/${stage}` : `${incidentId}/${stage}/${times + 1}`;
}

/** Those that something may still be said about: the open one, and those whose end was not told yet. */
export function spokenIncidents(state: AppState): IncidentState[] {
  return Object.values(state.incidents).filter(({ incidentId, resolvedAt }) => {
    if (resolvedAt === undefined) return true;
    const updates = updatesOf(commsOf(state, incidentId));
    if (updates.length === 0) return false;
    const end = updates.find(({ stage }) => stage === "resolved");
    // What was to be posted and is neither sent nor skipped yet is still to be called one of them.
    const isOpen = updates.some((one) => one !== end && one.posting && !one.skipped && !isSent(one));
    return !end || isOpen || (isWaiting(end) && !end.skipped);
  });
}
