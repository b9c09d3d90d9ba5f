import type { NewDomainEvent } from "../events.ts";
import { list } from "../format.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState, IncidentState, UpdateState } from "../state.ts";
import { unknownPages } from "./decide-abandoned.ts";
import { type Situation, situationOf, truthOf } from "./decide-truth.ts";
import { isForModel, type Questions, type Wanted, wordedBy } from "./decide-wording.ts";
import { publicFacts } from "./decide-words.ts";
import { type Stage, stages } from "./events.ts";
import {
  commsOf,
  isAfter,
  isBeingPosted,
  isMeant,
  isReady,
  isSent,
  latestUpdate,
  nextUpdateId,
  rankOf,
  spokenIncidents,
  stageTime,
  updatesOf,
} from "./views.ts";
import type { Writer } from "./words.ts";

export interface CommsDecision {
  events: NewDomainEvent[];
  /** Milliseconds since 1970 at which time alone makes an update due. */
  wakeAt?: number;
  /** What is due but for its words, which a model is to be asked for first. */
  wanted?: Wanted[];
}

const ACTOR = "system:comms";
/** A service that goes and comes is not told about more often than this, nor for ever. */
const AGAIN_AFTER_MS = 60_000;
const MOST_ROUNDS = 10;
/** Nobody is told of the end of what they were not told of. */
const OPENING: ReadonlySet<Stage> = new Set(["investigating", "identified"]);

/**
 * What the public must be told, and what it must not be told any more. Without `questions` nobody but the templates
 * is asked for words. Pure.
 */
export function decideComms(
  plan: Plan,
  state: AppState,
  now: number,
  write: Writer,
  questions?: Questions,
): CommsDecision {
  if (!plan.communication) return { events: [] };
  const situation = situationOf(plan, state);
  const decisions = spokenIncidents(state).map((incident) =>
    decideIncident(plan, state, incident, situation, now, write, questions),
  );
  const wanted = decisions.flatMap((one) => one.wanted ?? []);
  const wakes = decisions.map(({ wakeAt }) => wakeAt).filter((at) => at !== undefined);
  return {
    events: decisions.flatMap(({ events }) => events),
    ...(wakes.length > 0 && { wakeAt: Math.min(...wakes) }),
    ...(wanted.length > 0 && { wanted }),
  };
}

function decideIncident(
  plan: Plan,
  state: AppState,
  incident: IncidentState,
  situation: Situation,
  now: number,
  write: Writer,
  questions: Questions | undefined,
): CommsDecision {
  const skipped = skipUntrue(state, incident, situation);
  if (skipped.length > 0) return { events: skipped };
  const next = nextStage(plan, state, incident, situation, now);
  if (next.due) {
    const event = dueEvent(plan, state, incident, situation, next.due, now, write);
    if (!questions || !isForModel(plan, state, event.data)) return { events: [event] };
    const { facts } = publicFacts(plan, state, incident, situation, next.due, now);
    const worded = wordedBy(questions, event.data, facts, now);
    if ("ask" in worded) return { events: [], wanted: [worded.ask] };
    if ("waitUntil" in worded) return { events: [], wakeAt: worded.waitUntil };
    return { events: [{ ...event, data: { ...event.data, ...worded } }] };
  }
  return { events: [], ...(next.wakeAt !== undefined && { wakeAt: next.wakeAt }) };
}

/** What nobody was told yet, and is not so any more, is not told. */
function skipUntrue(state: AppState, incident: IncidentState, situation: Situation): NewDomainEvent[] {
  const updates = updatesOf(commsOf(state, incident.incidentId));
  return updates.flatMap((update): NewDomainEvent[] => {
    if (update.skipped || isSent(update) || isBeingPosted(update)) return [];
    const later = updates.find((other) => isAfter(other, update) && isReady(other));
    const reason = later
      ? `"${later.stage}" has taken its place.`
      : isTrue(update, incident, situation)
        ? undefined
        : "It was no longer true.";
    if (reason === undefined) return [];
    const { updateId, incidentId } = update;
    const data = { incidentId, updateId, reason: `${reason}${unknownText(update)}` };
    return [{ key: `schedule/${updateId}/skipped`, kind: "comms.skipped", actor: ACTOR, data }];
  });
}

/** Whether it is told after all is said where that cannot be found out. */
function unknownText(update: UpdateState): string {
  const unknown = unknownPages(update);
  return unknown.length === 0 ? "" : ` Whether it stands on ${list(unknown)} is not known.`;
}

/** Asked right before it is posted, too. Words of a person are theirs to judge. */
export function isTrue(update: UpdateState, incident: IncidentState, situation: Situation): boolean {
  return update.edited !== undefined || truthOf(update.stage, incident, situation).holds;
}

type Due = { stage: Stage; round: number; because: "time" | "facts" | "person" };

/** The furthest stage that is true and whose time has come, or whose facts came first; each is said once a round. */
function nextStage(
  plan: Plan,
  state: AppState,
  incident: IncidentState,
  situation: Situation,
  now: number,
): { due?: Due; wakeAt?: number } {
  const comms = commsOf(state, incident.incidentId);
  const latest = latestUpdate(comms);
  const last = updatesOf(comms).findLast(({ round }) => round === comms.round);
  if (last && isBack(latest, incident, situation) && comms.round < MOST_ROUNDS) {
    const at = Date.parse(last.dueAt) + AGAIN_AFTER_MS;
    if (now < at) return { wakeAt: at };
    return { due: { stage: "investigating", round: comms.round + 1, because: "facts" } };
  }
  const told = updatesOf(comms).some((update) => isSent(update) || isMeant(update));
  // Nothing was to be said, and it is over: there is nothing to take back.
  if (!told && (incident.resolvedAt !== undefined || situation.failing.length === 0)) return {};
  const ahead = stages.filter(
    (stage) => (latest === undefined || rankOf(stage) > rankOf(latest.stage)) && (told || OPENING.has(stage)),
  );
  for (const stage of ahead.toReversed()) {
    const { holds, early } = truthOf(stage, incident, situation);
    if (!holds) continue;
    const rested = restedAt(updatesOf(comms), stage);
    if (now < rested) return rested < Number.POSITIVE_INFINITY ? { wakeAt: rested } : {};
    const timely = now >= stageTime(plan, comms, incident, stage);
    if (early || timely) return { due: { stage, round: comms.round, because: timely ? "time" : "facts" } };
  }
  const times = ahead.map((stage) => stageTime(plan, comms, incident, stage)).filter((at) => at > now);
  return times.length > 0 ? { wakeAt: Math.min(...times) } : {};
}

/** When a stage that was skipped may be due again, in case it has become true again. */
function restedAt(updates: UpdateState[], stage: Stage): number {
  const before = updates.filter((one) => one.stage === stage);
  if (before.length >= MOST_ROUNDS) return Number.POSITIVE_INFINITY;
  const skippedAt = before.findLast(({ skipped }) => skipped)?.skipped?.at;
  return skippedAt === undefined ? 0 : Date.parse(skippedAt) + AGAIN_AFTER_MS;
}

/** Requests fail again: it was said that they are answered, or nothing of what was to be said was true for long. */
function isBack(latest: UpdateState | undefined, incident: IncidentState, { failing }: Situation): boolean {
  if (incident.resolvedAt !== undefined || failing.length === 0) return false;
  return latest === undefined || latest.stage === "degraded" || latest.stage === "monitoring";
}

/** The update as it will read; also for a person who posts a stage before its time. */
export function dueEvent(
  plan: Plan,
  state: AppState,
  incident: IncidentState,
  situation: Situation,
  { stage, round, because }: Due,
  now: number,
  write: Writer,
): Extract<NewDomainEvent, { kind: "comms.due" }> {
  const { incidentId } = incident;
  const updateId = nextUpdateId(commsOf(state, incidentId), incidentId, stage);
  const { facts, services, title, eta } = publicFacts(plan, state, incident, situation, { stage, round }, now);
  return {
    key: `schedule/${updateId}`,
    kind: "comms.due",
    actor: ACTOR,
    data: {
      updateId,
      incidentId,
      stage,
      round,
      publish: publishOf(plan, stage, situation),
      because,
      title,
      text: write(stage, facts),
      services,
      ...(eta && { eta }),
    },
  };
}

/** The first update is never left to people, unless what is seen may be a drill's doing or Muster's own blindness. */
function publishOf(plan: Plan, stage: Stage, { suspect, drill }: Situation): "automatic" | "ask" {
  if (drill || suspect) return "ask";
  return stage === "investigating" ? "automatic" : (plan.communication?.stages[stage].publish ?? "ask");
}
