import type { Logger } from "pino";
import { approvalOf } from "../approvals/decide.ts";
import { AppError, type ErrorReport, reportError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { Step } from "../plans/plan.ts";
import type { ActionContext, Assessment, Clock, RecoveryAction } from "../ports.ts";
import type { AppState, RunState, StepState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { type Actions, mayStart } from "./decide.ts";
import { decideStepMove, type StepMove } from "./decide-step.ts";
import { inputOf } from "./inputs.ts";
import { isInFlight, plannedStep, stepState } from "./views.ts";

export interface PerformOptions {
  journal: Journal;
  actions: Actions;
  clock: Clock;
  logger: Logger;
  requestTimeoutMs: number;
  /** Looks at the run's stores now and journals what it saw, before a promotion is decided on. */
  refreshLoss(run: RunState, context: WorkerContext): Promise<void>;
}

const FIRST_POLL_MS = 50;
const SLOWEST_POLL_MS = 1_000;

/** The attempt is over by somebody else's doing (aborted, skipped, taken over): leave without a word. */
class AttemptOver extends Error {}

/**
 * Performs one attempt at one step to its end: assess, intend, apply, assess until reached. Every fact is appended
 * before the next move, so that a successor can go on from any of them.
 */
export async function performStep(
  options: PerformOptions,
  at: { runId: string; stepId: string; attempt: number },
  context: WorkerContext,
): Promise<void> {
  try {
    const attempt = await begin(options, at, context);
    if (attempt) await pursue(options, attempt, context);
  } catch (error) {
    if (error instanceof AttemptOver || context.signal.aborted) return;
    throw error;
  }
}

interface Attempt {
  runId: string;
  stepId: string;
  attempt: number;
  run: RunState;
  planned: Step;
  action: RecoveryAction;
  input: unknown;
}

/** Starts the attempt, or picks up one that an earlier instance had started. */
async function begin(
  options: PerformOptions,
  at: { runId: string; stepId: string; attempt: number },
  context: WorkerContext,
): Promise<Attempt | undefined> {
  const { journal, actions, clock } = options;
  const { run, planned } = find(await journal.load(), at);
  const action = actions.get(planned.uses);
  if (!action) throw new Error(`a pinned plan uses the action "${planned.uses}", which this version does not have`);
  const attempt = { ...at, run, planned, action, input: inputOf(run, planned, action) };
  const known = stepState(run, at.stepId);
  if (known?.phase === "running" && known.attempt === at.attempt) {
    // An overtaken instance may have a request on its way: give it the time to arrive before looking.
    if (known.intended && context.tookOver) await clock.sleep(options.requestTimeoutMs, context.signal);
    return attempt;
  }
  if (action.effect === "promotion") await options.refreshLoss(run, context);
  let started = false;
  await journal.commit(
    (state) => {
      started = false;
      const now = find(state, at);
      const next = (stepState(now.run, at.stepId)?.attempt ?? 0) + 1 === at.attempt;
      if (!next || !mayStart(state, now.run, planned, clock.now(), actions).start) return [];
      started = true;
      return [stepEvent(attempt, "step.started", {}), ...promotionLoss(state, attempt)];
    },
    { fence: context.fence },
  );
  return started ? attempt : undefined;
}

/** What the promotion takes on itself, for the journal: the loss as it is at this moment. */
function promotionLoss(state: AppState, { action, input, run, runId, stepId, attempt }: Attempt): NewDomainEvent[] {
  const store = action.effect === "promotion" ? action.store?.(input) : undefined;
  const known = store === undefined ? undefined : state.stores[`${store}/${run.target}`];
  if (store === undefined || !known) return [];
  const ceilingSeconds = approvalOf(state, run)?.envelope.lossCeilingSeconds[store] ?? null;
  const { loss } = known;
  const within = ceilingSeconds === null || (loss.kind !== "unknown" && loss.seconds <= ceilingSeconds);
  return [
    {
      key: `step/${runId}/${stepId}/${attempt}/loss`,
      kind: "loss.assessed",
      actor: ACTOR,
      data: { runId, stepId, store, loss, ceilingSeconds, within },
    },
  ];
}

async function pursue(options: PerformOptions, attempt: Attempt, context: WorkerContext): Promise<void> {
  const { clock } = options;
  const deadline = clock.monotonic() + attempt.planned.timeoutMs;
  let pollMs = FIRST_POLL_MS;
  let lastSeen = "";
  while (!context.signal.aborted) {
    const { step, accepted } = await current(options, attempt);
    const assessment = await assess(options, attempt, step, context);
    const { action, input } = attempt;
    const move: StepMove =
      assessment instanceof AppError
        ? { move: "fail", error: reportError(assessment) }
        : decideStepMove({
            action: { ...action, applies: action.apply !== undefined },
            step,
            input,
            assessment,
            timedOut: clock.monotonic() >= deadline,
            accepted,
          });
    if (move.move === "wait") {
      lastSeen = await noteOnce(options, attempt, assessment, context, lastSeen);
      await clock.sleep(Math.min(pollMs, Math.max(1, deadline - clock.monotonic())), context.signal);
      pollMs = Math.min(pollMs * 1.5, SLOWEST_POLL_MS);
      continue;
    }
    if (move.move === "apply") {
      if (await intendAndApply(options, attempt, move.seen, context)) continue;
      return;
    }
    await conclude(options, attempt, move, context);
    return;
  }
}

/** Returns true when the vendor took the change; a failure has been journaled when it returns false. */
async function intendAndApply(
  options: PerformOptions,
  attempt: Attempt,
  seen: unknown,
  context: WorkerContext,
): Promise<boolean> {
  const { action, input } = attempt;
  const intents = (await current(options, attempt)).step.intents;
  const intended = { action: action.id, input, ...(seen !== undefined && { before: seen }) };
  await record(options, attempt, context, [stepEvent(attempt, "step.intended", intended, `intended/${intents + 1}`)]);
  try {
    const { handle, note: said } =
      (await action.apply?.(input, seen, actionContext(options, attempt, undefined, context))) ?? {};
    const applied = { ...(handle !== undefined && { handle }), ...(said !== undefined && { note: said }) };
    await record(options, attempt, context, [stepEvent(attempt, "step.applied", applied, `applied/${intents + 1}`)]);
    return true;
  } catch (error) {
    if (error instanceof AttemptOver || context.signal.aborted) throw error;
    if (error instanceof AppError && error.code === "fenced") throw error;
    const report = reportError(error);
    if (!(error instanceof AppError))
      options.logger.error({ err: error, ...logFields(attempt) }, "a recovery action threw");
    // A lost answer of a `once` action must be looked into by a person.
    const retryable = report.retryable && (action.repeat !== "once" || isRefusal(report));
    await conclude(options, attempt, { move: "fail", error: { ...report, retryable } }, context);
    return false;
  }
}

/** The vendor answered no: nothing was changed, whatever the action's nature. */
function isRefusal(error: ErrorReport): boolean {
  return error.code === "vendor-rejected" || error.code === "vendor-conflict" || error.code === "vendor-throttled";
}

async function conclude(
  options: PerformOptions,
  attempt: Attempt,
  move: Exclude<StepMove, { move: "wait" | "apply" }>,
  context: WorkerContext,
): Promise<void> {
  await record(options, attempt, context, (state) => {
    const step = stepState(find(state, attempt).run, attempt.stepId);
    if (move.move === "verify") {
      const verified = stepEvent(attempt, "step.verified", { seen: move.seen, alreadySo: move.alreadySo });
      return [verified, ...quarantine(attempt)];
    }
    if (move.move === "accept") {
      return [stepEvent(attempt, "step.accepted", { reason: move.reason, acceptance: move.acceptance })];
    }
    const again = move.error.retryable && (step?.attemptsSinceRetry ?? 1) <= attempt.planned.retries;
    const retryAt = new Date(options.clock.now() + attempt.planned.retryAfterMs).toISOString();
    return [stepEvent(attempt, "step.failed", { error: move.error, ...(again && { retryAt }) })];
  });
}

/** From the moment that another region's copy is the primary, the one left behind is out of bounds. */
function quarantine({ run, action, runId }: Attempt): NewDomainEvent[] {
  const { kind, source, rehearsal } = run;
  if (kind !== "failover" || action.effect !== "promotion" || rehearsal) return [];
  const reason = "Failed away from: no traffic and no promotion until it follows and has been healthy long enough.";
  return [
    {
      key: `quarantine/${source}/${runId}`,
      kind: "quarantine.started",
      actor: ACTOR,
      data: { region: source, runId, reason },
    },
  ];
}

const ACTOR = "system:executor";

async function assess(
  options: PerformOptions,
  attempt: Attempt,
  step: StepState,
  context: WorkerContext,
): Promise<Assessment<unknown> | AppError> {
  try {
    return await attempt.action.assess(attempt.input, actionContext(options, attempt, step, context));
  } catch (error) {
    if (context.signal.aborted) throw new AttemptOver();
    if (error instanceof AppError) return error;
    options.logger.error({ err: error, ...logFields(attempt) }, "a recovery action threw while assessing");
    return { state: "unknown", reason: "the recovery action itself failed; see the log" };
  }
}

function actionContext(
  options: PerformOptions,
  attempt: Attempt,
  step: StepState | undefined,
  { signal }: WorkerContext,
): ActionContext {
  return {
    signal,
    requestTimeoutMs: options.requestTimeoutMs,
    token: `${attempt.runId}/${attempt.stepId}/${attempt.attempt}`,
    now: () => options.clock.now(),
    ...(step?.startedAt !== undefined && { startedAt: step.startedAt }),
    ...(step?.applied?.handle !== undefined && { handle: step.applied.handle }),
  };
}

/** One event for each state that a person would tell apart, not one for each look. */
async function noteOnce(
  options: PerformOptions,
  attempt: Attempt,
  assessment: Assessment<unknown> | AppError,
  context: WorkerContext,
  lastSeen: string,
): Promise<string> {
  if (assessment instanceof AppError) return lastSeen;
  const { state } = assessment;
  const seen = state === "unknown" ? `unknown ${assessment.reason}` : state;
  if (seen === lastSeen) return seen;
  const data = state === "unknown" ? { state, reason: assessment.reason } : { state, seen: assessment.seen };
  await record(options, attempt, context, [
    stepEvent(attempt, "step.assessed", data, `assessed/${options.clock.now()}`),
  ]);
  return seen;
}

/** Appends under the lease, and only while this very attempt is under way. */
async function record(
  options: PerformOptions,
  attempt: Attempt,
  { fence }: WorkerContext,
  events: NewDomainEvent[] | ((state: AppState) => NewDomainEvent[]),
): Promise<void> {
  await options.journal.commit(
    (state) => {
      ensureUnderWay(state, attempt);
      return typeof events === "function" ? events(state) : events;
    },
    { fence },
  );
}

async function current(options: PerformOptions, attempt: Attempt): Promise<{ step: StepState; accepted: Set<string> }> {
  const state = await options.journal.load();
  const { run, step } = ensureUnderWay(state, attempt);
  const approval = approvalOf(state, run);
  return {
    step,
    accepted: new Set(approval?.phase === "granted" ? approval.decisions.flatMap(({ accepted }) => accepted) : []),
  };
}

function ensureUnderWay(state: AppState, attempt: Attempt): { run: RunState; step: StepState } {
  const { run } = find(state, attempt);
  const step = stepState(run, attempt.stepId);
  if (!step || step.phase !== "running" || step.attempt !== attempt.attempt) throw new AttemptOver();
  return { run, step };
}

function find(state: AppState, at: { runId: string; stepId: string }): { run: RunState; planned: Step } {
  const run = state.runs[at.runId];
  const planned = run && plannedStep(run, at.stepId);
  if (!run || !planned || !isInFlight(run)) throw new AttemptOver();
  return { run, planned };
}

type StepEventKind = Extract<NewDomainEvent["kind"], `step.${string}`>;

function stepEvent<K extends StepEventKind>(
  attempt: Attempt,
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

function logFields({ runId, stepId, attempt }: Attempt) {
  return { run: runId, step: stepId, attempt };
}
