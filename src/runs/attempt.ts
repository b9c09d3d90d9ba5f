import { approvalOf } from "../approvals/decide.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence } from "../journal/store.ts";
import type { Step } from "../plans/plan.ts";
import type { Clock, RecoveryAction } from "../ports.ts";
import type { AppState, RunState, StepState } from "../state.ts";
import { readClocks } from "../workers/lease.ts";
import { isInFlight, plannedStep, stepState } from "./views.ts";

/** One attempt at one step of a run, with what it is about. */
export interface Attempt {
  runId: string;
  stepId: string;
  attempt: number;
  run: RunState;
  planned: Step;
  action: RecoveryAction;
  input: unknown;
  /** What time it is for this attempt. It goes on evenly whoever sets the clock, so that no bake ends early. */
  now(): number;
}

/** Wall time as of this call, and from here on by the clock that nobody sets. */
export function evenNow(clock: Pick<Clock, "now" | "monotonic">): () => number {
  const { now, monotonic } = readClocks(clock);
  return () => Math.round(now + clock.monotonic() - monotonic);
}

/** The attempt is over by somebody else's doing (aborted, skipped, taken over): leave without a word. */
export class AttemptOver extends Error {}

/**
 * Appends under the lease, and only while this very attempt is under way. Throws AttemptOver otherwise. Resolves to
 * how many events stand: none when a function had none for the state of that moment.
 */
export async function record(
  journal: Journal,
  attempt: Attempt,
  fence: Fence,
  events: NewDomainEvent[] | ((state: AppState) => NewDomainEvent[]),
): Promise<number> {
  const stood = await journal.commit(
    (state) => {
      ensureUnderWay(state, attempt);
      return typeof events === "function" ? events(state) : events;
    },
    { fence },
  );
  return stood.events.length;
}

export function ensureUnderWay(state: AppState, attempt: Attempt): { run: RunState; step: StepState } {
  const { run } = findStep(state, attempt);
  const step = stepState(run, attempt.stepId);
  if (step?.phase !== "running" || step.attempt !== attempt.attempt) throw new AttemptOver();
  return { run, step };
}

export function findStep(state: AppState, at: { runId: string; stepId: string }): { run: RunState; planned: Step } {
  const run = state.runs[at.runId];
  const planned = run && plannedStep(run, at.stepId);
  if (!planned || !isInFlight(run)) throw new AttemptOver();
  return { run, planned };
}

/** What the approvers of this run accepted by name. It stands while they are asked to go beyond it. */
export function acceptedBy(state: AppState, run: RunState): Set<string> {
  const approval = approvalOf(state, run);
  const beside = approval?.beside === undefined ? undefined : state.approvals[approval.beside];
  const granted = [approval, beside].filter((one) => one?.phase === "granted");
  return new Set(granted.flatMap((one) => one?.decisions.flatMap(({ accepted }) => accepted) ?? []));
}

type StepEventKind = Extract<NewDomainEvent["kind"], `step.${string}`>;

export function stepEvent<K extends StepEventKind>(
  attempt: Pick<Attempt, "runId" | "stepId" | "attempt">,
  kind: K,
  data: object,
  suffix = kind.slice(5),
): NewDomainEvent {
  const { runId, stepId } = attempt;
  const event = {
    key: `step/${runId}/${stepId}/${attempt.attempt}/${suffix}`,
    kind,
    actor: ACTOR,
    data: { runId, stepId, attempt: attempt.attempt, ...data },
  };
  // The journal parses the data by the kind's schema before it is appended.
  return event as unknown as NewDomainEvent;
}

/** From the moment that another region's copy is the primary, the one left behind is out of bounds. */
export function quarantine(state: AppState, { run, action, runId, stepId }: Attempt): NewDomainEvent[] {
  const { kind, source, rehearsal } = run;
  if (kind !== "failover" || action.effect !== "promotion" || rehearsal) return [];
  // A plan with several stores promotes several times; the region is left behind once.
  if (state.regions[source]?.quarantine) return [];
  const reason = "Failed away from: no traffic and no promotion until it follows and has been healthy long enough.";
  return [
    {
      key: `quarantine/${source}/${runId}/${stepId}`,
      kind: "quarantine.started",
      actor: ACTOR,
      data: { region: source, runId, reason },
    },
  ];
}

/** Promoted under broken glass, a region is a primary and no longer one to be kept from anything. */
export function endOfQuarantine(state: AppState, { run, action, runId }: Attempt): NewDomainEvent[] {
  const quarantine = state.regions[run.target]?.quarantine;
  if (!quarantine || action.effect !== "promotion" || run.kind === "rejoin" || run.rehearsal) return [];
  const reason = `Promoted by ${runId}, whose guards were overridden.`;
  const key = `quarantine/${run.target}/${quarantine.runId}/lifted`;
  return [{ key, kind: "quarantine.lifted", actor: ACTOR, data: { region: run.target, reason } }];
}

/** What a comparison of two copies found, as a fact of its own: people are asked about it when home is to serve. */
export function divergence({ run, action, runId, stepId, input }: Attempt, seen: unknown): NewDomainEvent[] {
  if (!action.compares) return [];
  const { source, target } = run;
  const data = { runId, stepId, store: action.compares.store(input), region: target, against: source };
  const found = action.compares.found(seen);
  return [
    { key: `divergence/${runId}/${stepId}`, kind: "divergence.compared", actor: ACTOR, data: { ...data, found } },
  ];
}

const ACTOR = "system:executor";
