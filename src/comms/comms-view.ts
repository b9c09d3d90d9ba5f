import type { DeliveryView } from "../deliveries/delivery-view.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState, IncidentComms, IncidentState, UpdateState } from "../state.ts";
import { dueEvent } from "./decide.ts";
import { situationOf, truthOf } from "./decide-truth.ts";
import { wordsOf } from "./decide-wording.ts";
import { type Contradiction, type Stage, stages, type Words } from "./events.ts";
import { commsOf, isAfter, isReady, latestUpdate, rankOf, spokenIncidents, stageTime, updatesOf } from "./views.ts";
import type { Writer } from "./words.ts";

export interface Destination {
  id: string;
  name: string;
}

export interface CommsView {
  /** Absent where the plan publishes nothing. */
  title?: string;
  destinations: Destination[];
  incident?: { incidentId: string; startedAt: string; resolvedAt?: string };
  stages: StageView[];
  /** Pages that say what is not so. */
  contradictions: { destination: string; since: string; problems: Contradiction[] }[];
  /** Whose words the plan asks for where an update is posted by itself; absent where they are the templates'. */
  wording?: "model" | "no-model";
  /** What would be said if the drill that is under way were real. */
  preview?: { stage: Stage; text: string };
  /** Pagers, mailboxes and webhooks: what they were told, what waits, what does not arrive. */
  deliveries: DeliveryView[];
  at: string;
}

export interface StageView {
  stage: Stage;
  /** `held`, `asked` and `failed` wait for a person; `passed` is never posted any more. */
  phase: "later" | "held" | "asked" | "pending" | "posted" | "failed" | "skipped" | "passed";
  /** When its time comes, or came. */
  dueAt: string;
  /** Of a stage to come: does the plan have it posted by itself? */
  publish: "automatic" | "ask";
  text?: string;
  /** Whose the text is. */
  words?: Words;
  /** Other words by a model, while a person may still take them. */
  suggestion?: { text: string; model: string };
  by?: string;
  reason?: string;
  sent: { destination: string; at: string }[];
  failed: { destination: string; summary: string; retrying: boolean }[];
  /** Pages that are not configured any more; `mayStand`: whether it stands there, nobody knows. */
  abandoned?: { destination: string; mayStand: boolean }[];
}

/** The incident that people mean: the open one, else the last of which something may still be said. Pure. */
export function commsIncident(state: AppState): IncidentState | undefined {
  const spoken = spokenIncidents(state);
  return spoken.find(({ incidentId }) => incidentId === state.openIncidentId) ?? spoken.at(-1) ?? lastTold(state);
}

function lastTold(state: AppState): IncidentState | undefined {
  return Object.values(state.incidents).findLast(({ incidentId }) => state.comms[incidentId] !== undefined);
}

/** A stage's update of the present round; what was skipped only where nothing stands in its place. */
export function stageUpdate(state: AppState, incidentId: string, stage: Stage): UpdateState | undefined {
  const comms = commsOf(state, incidentId);
  const own = updatesOf(comms).filter((one) => one.stage === stage && one.round === comms.round);
  return own.findLast(({ skipped }) => !skipped) ?? own.at(-1);
}

export function commsView(
  plan: Plan,
  state: AppState,
  destinations: Destination[],
  now: number,
  write: Writer,
  { deliveries = [], hasModel = false }: { deliveries?: DeliveryView[]; hasModel?: boolean } = {},
): CommsView {
  const at = new Date(now).toISOString();
  const incident = commsIncident(state);
  const preview = previewOf(plan, state, now, write);
  if (!plan.communication) return { destinations, stages: [], contradictions: [], deliveries, at };
  return {
    title: plan.communication.title,
    destinations,
    ...(incident && {
      incident: {
        incidentId: incident.incidentId,
        startedAt: incident.startedAt,
        ...(incident.resolvedAt !== undefined && { resolvedAt: incident.resolvedAt }),
      },
    }),
    stages: incident ? stages.map((stage) => stageView(plan, state, incident, stage)) : [],
    // Of a page that is not configured any more nobody knows what it says now.
    contradictions: Object.values(state.comms)
      .flatMap(standingContradictions)
      .filter(({ destination }) => destinations.some(({ id }) => id === destination)),
    ...(preview && { preview }),
    ...(plan.communication.wording && { wording: hasModel ? ("model" as const) : ("no-model" as const) }),
    deliveries,
    at,
  };
}

function standingContradictions({ contradictions = {} }: IncidentComms): CommsView["contradictions"] {
  return Object.entries(contradictions).flatMap(([destination, { since, problems }]) =>
    since === undefined ? [] : [{ destination, since, problems }],
  );
}

function stageView(plan: Plan, state: AppState, incident: IncidentState, stage: Stage): StageView {
  const { incidentId } = incident;
  const comms = commsOf(state, incidentId);
  const update = stageUpdate(state, incidentId, stage);
  const publish = stage === "investigating" ? "automatic" : (plan.communication?.stages[stage].publish ?? "ask");
  if (!update) {
    const latest = latestUpdate(comms);
    const passed = latest !== undefined && rankOf(stage) < rankOf(latest.stage);
    const held = comms.held[stage];
    const dueAt = new Date(stageTime(plan, comms, incident, stage)).toISOString();
    const phase = passed ? "passed" : held ? "held" : "later";
    return { stage, phase, dueAt, publish, ...(held && { by: held.by }), sent: [], failed: [] };
  }
  return updateView(update, comms);
}

/** An update as people see it. */
export function updateView(update: UpdateState, { updates }: IncidentComms): StageView {
  const { stage, held, edited, approved, skipped, text, dueAt, suggested } = update;
  const phase = phaseOf(update, updates);
  const by = held?.by ?? edited?.by ?? approved?.by;
  return {
    stage,
    phase,
    dueAt,
    publish: update.publish,
    text,
    words: wordsOf(update),
    ...(suggested && !edited && (phase === "asked" || phase === "held") && { suggestion: suggested }),
    ...(by !== undefined && { by }),
    ...(skipped && { reason: skipped.reason }),
    sent: Object.entries(update.sent).map(([destination, one]) => ({ destination, at: one.at })),
    failed: Object.entries(update.failed).map(([destination, one]) => {
      return { destination, summary: one.summary, retrying: one.retrying };
    }),
    ...(update.abandoned && {
      abandoned: Object.entries(update.abandoned).map(([destination, { mayStand }]) => ({ destination, mayStand })),
    }),
  };
}

function phaseOf(update: UpdateState, all: Record<string, UpdateState>): StageView["phase"] {
  if (update.skipped) return "skipped";
  const later = Object.values(all).some((other) => isAfter(other, update) && isReady(other));
  if (Object.values(update.failed).some(({ retrying }) => !retrying) && !later) return "failed";
  if (Object.keys(update.sent).length > 0) return "posted";
  if (update.held) return "held";
  return isReady(update) ? "pending" : "asked";
}

/** A drill publishes nothing; people see what it would have said. */
function previewOf(plan: Plan, state: AppState, now: number, write: Writer): CommsView["preview"] {
  const situation = situationOf(plan, state);
  const { drill } = situation;
  if (!drill || state.openIncidentId !== undefined || drill.kind !== "failover") return undefined;
  const as = { ...drill, rehearsal: false };
  const incident: IncidentState = {
    incidentId: "drill",
    title: "",
    region: drill.source,
    severity: "sev1",
    openedBy: "signal",
    openedAt: drill.proposedAt,
    startedAt: drill.proposedAt,
    runIds: [],
    notes: [],
    pins: [],
    reports: [],
  };
  const names = Object.keys(situation.conditions);
  const failing = Object.fromEntries(names.map((name) => [name, "down" as const]));
  const meant = { conditions: failing, failing: names, suspect: false, failover: as };
  const stage = truthOf("identified", incident, meant).holds ? "identified" : "investigating";
  const { data } = dueEvent(plan, state, incident, meant, { stage, round: 1, because: "time" }, now, write);
  return { stage, text: data.text };
}
