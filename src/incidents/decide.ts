import { verdictClass } from "../approvals/envelope.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Plan, Runbook } from "../plans/plan.ts";
import { inFlightRuns, isAllowed, runNumber } from "../runs/views.ts";
import type { AppState, IncidentState, RunState } from "../state.ts";

/** A run that should be proposed without a person having asked; the evidence is gathered by whoever proposes it. */
export interface Proposal {
  runbook: string;
  target: string;
  reason: string;
}

export interface IncidentDecision {
  events: NewDomainEvent[];
  proposals: Proposal[];
  wakeAt?: number;
}

const ACTOR = "system:detector";

/** What follows from verdicts and quarantines: incidents opened and resolved, runs to be proposed. Pure. */
export function decideIncidents(plan: Plan, state: AppState, now: number): IncidentDecision {
  const opened = openIncident(plan, state);
  if (opened.length > 0) return { events: opened, proposals: [] };
  const lifted = liftQuarantine(plan, state, now);
  if (lifted.events.length > 0) return { events: lifted.events, proposals: [] };
  const resolved = resolveIncident(state);
  if (resolved.length > 0) return { events: resolved, proposals: [] };
  return {
    events: [],
    proposals: proposalsFor(plan, state),
    ...(lifted.wakeAt !== undefined && { wakeAt: lifted.wakeAt }),
  };
}

/** What should be proposed by what is known in this state. */
export function proposalsFor(plan: Plan, state: AppState): Proposal[] {
  return [...proposeFailover(plan, state), ...proposeRejoin(plan, state)];
}

/** One incident for one fault: the active region is down and none is open. */
function openIncident(plan: Plan, state: AppState): NewDomainEvent[] {
  const region = state.regions[state.active];
  if (region?.verdict !== "down" || state.openIncidentId !== undefined) return [];
  // A person has closed this very fault's: it is not opened again while nothing has changed.
  const known = Object.values(state.incidents).some(
    (one) => one.region === region.code && one.startedAt === region.since,
  );
  if (known) return [];
  const incidentId = `inc-${state.counts.incidents + 1}`;
  const others = Object.values(state.regions).filter(({ code }) => code !== region.code);
  const suspect = others.every(({ verdict }) => verdict === "down");
  const title = suspect
    ? `Every region of ${plan.application} looks down; Muster's own view may be what is broken`
    : `${plan.application} is down in ${region.code}`;
  return [
    {
      key: `incident/${region.code}/${region.since}`,
      kind: "incident.opened",
      actor: ACTOR,
      data: { incidentId, title, region: region.code, severity: "sev1", openedBy: "signal", startedAt: region.since },
    },
  ];
}

/** The region that a failover would go to: up, allowed, not in quarantine; home before others, then by code. */
export function bestTarget(plan: Plan, state: AppState): string | undefined {
  return Object.values(state.regions)
    .filter(
      ({ code, verdict, quarantine }) =>
        code !== state.active && verdictClass(verdict) === "up" && !quarantine && isAllowed(plan, code),
    )
    .map(({ code }) => code)
    .sort((a, b) => Number(b === plan.home) - Number(a === plan.home) || a.localeCompare(b))[0];
}

export function runbookFor(plan: Plan, trigger: Runbook["trigger"]): Runbook | undefined {
  return Object.values(plan.runbooks).find((runbook) => runbook.trigger === trigger);
}

/**
 * Proposed once for each region that fails in an incident: what people denied is not asked again by itself. A failover
 * that was carried out has dealt with its own fault, and with no later one of the region that took over.
 */
function proposeFailover(plan: Plan, state: AppState): Proposal[] {
  const incident = openIncidentOf(state);
  const runbook = runbookFor(plan, "region-down");
  const region = state.regions[state.active];
  if (!incident || !runbook || region?.verdict !== "down" || inFlightRuns(state).length > 0) return [];
  const asked = incident.runIds.map((id) => state.runs[id]).filter((run) => run?.runbook === runbook.name);
  if (asked.some((run) => run?.source === state.active && run.phase !== "completed")) return [];
  // A freeze holds for what proposes itself, too; it is proposed when the freeze ends.
  if (state.lock) return [];
  const target = bestTarget(plan, state);
  if (target === undefined) return [];
  return [{ runbook: runbook.name, target, reason: `${region.code} is down` }];
}

/**
 * A region that was failed away from answers again: make it a follower before anything else touches it. A change
 * freeze does not hold this back (docs/decisions): what it protects from is worse than the change.
 */
function proposeRejoin(plan: Plan, state: AppState): Proposal[] {
  const runbook = runbookFor(plan, "region-returned");
  if (!runbook || inFlightRuns(state).length > 0) return [];
  // With the active region down, the one that came back may be all there is: nothing is taken from it now.
  if (verdictClass(state.regions[state.active]?.verdict ?? "unknown") !== "up") return [];
  return (
    Object.values(state.regions)
      .filter(({ verdict, quarantine }) => quarantine && verdictClass(verdict) === "up")
      // A failover that was aborted behind its promotion left it active: it has nobody to follow until that is finished.
      .filter(({ code }) => code !== state.active)
      .filter(({ code }) => rejoinsOf(state, runbook.name, code).length === 0)
      .slice(0, 1)
      .map(({ code }) => ({ runbook: runbook.name, target: code, reason: `${code} answers again` }))
  );
}

/** What was tried since it was put under quarantine, whatever the clocks said then, to have it follow who is active now. */
function rejoinsOf(state: AppState, runbook: string, region: string): RunState[] {
  const before = state.regions[region]?.quarantine?.runsBefore ?? 0;
  return Object.values(state.runs).filter(
    (run) => run.runbook === runbook && run.target === region && run.source === state.active && runNumber(run) > before,
  );
}

/** Out of quarantine: follows the active region's stores, and all its probes good for the plan's time since then. */
function liftQuarantine(plan: Plan, state: AppState, now: number): { events: NewDomainEvent[]; wakeAt?: number } {
  const due = Object.values(state.regions).flatMap(({ code, verdict, quarantine }) => {
    if (!quarantine || verdict !== "healthy" || !follows(plan, state, code)) return [];
    return [{ code, quarantine, at: Date.parse(quarantine.countsFrom) + plan.quarantineHealthyForMs }];
  });
  const events = due
    .filter(({ at }) => now >= at)
    .map(({ code, quarantine }): NewDomainEvent => {
      const reason = `Its stores follow ${state.active} and all its probes have been good for ${plan.quarantineHealthyForMs / 1000} s.`;
      const key = `quarantine/${code}/${quarantine.runId}/${quarantine.since}/lifted`;
      return { key, kind: "quarantine.lifted", actor: ACTOR, data: { region: code, reason } };
    });
  const later = due.filter(({ at }) => now < at).map(({ at }) => at);
  return { events, ...(later.length > 0 && { wakeAt: Math.min(...later) }) };
}

/** Has it been made a follower since it was put under quarantine? A plan without such a runbook leaves that to people. */
function follows(plan: Plan, state: AppState, region: string): boolean {
  const runbook = runbookFor(plan, "region-returned");
  return !runbook || rejoinsOf(state, runbook.name, region).some(({ phase }) => phase === "completed");
}

/** Over when the service is home, everything is up, and nothing is under way. */
function resolveIncident(state: AppState): NewDomainEvent[] {
  const incident = openIncidentOf(state);
  if (!incident || state.active !== state.home || inFlightRuns(state).length > 0) return [];
  const regions = Object.values(state.regions);
  if (regions.some(({ verdict, quarantine }) => verdict !== "healthy" || quarantine)) return [];
  if (Object.values(state.availability).some(({ available }) => !available)) return [];
  // Opened by a person: resolved by a person, unless a run has dealt with it.
  if (incident.openedBy === "person" && incident.runIds.length === 0) return [];
  const reason =
    incident.runIds.length > 0 ? "The service is home and every region is healthy." : "The region recovered by itself.";
  return [
    {
      key: `incident/${incident.incidentId}/resolved`,
      kind: "incident.resolved",
      actor: ACTOR,
      data: { incidentId: incident.incidentId, reason },
    },
  ];
}

function openIncidentOf(state: AppState): IncidentState | undefined {
  return state.openIncidentId === undefined ? undefined : state.incidents[state.openIncidentId];
}
