import type { Logger } from "pino";
import { AppError, type ErrorReport, reportError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { ActionContext, Assessment, Clock } from "../ports.ts";
import type { AppState, RunState, StepState, StoreState } from "../state.ts";
import { ranOut } from "../workers/lease.ts";
import type { WorkerContext } from "../workers/worker.ts";
import {
  type Attempt,
  AttemptOver,
  acceptedBy,
  ensureUnderWay,
  findStep,
  quarantine,
  record,
  stepEvent,
} from "./attempt.ts";
import { type Actions, mayStart } from "./decide.ts";
import { decideStepMove, mayFollow, type StepMove } from "./decide-step.ts";
import { inputOf } from "./inputs.ts";
import { mayPromote } from "./promotion.ts";
import { takeUp } from "./take-up.ts";
import { stepState } from "./views.ts";

export interface PerformOptions {
  journal: Journal;
  actions: Actions;
  clock: Clock;
  logger: Logger;
  requestTimeoutMs: number;
  /** Looks at the run's stores now, journals what it saw and gives it: what a promotion is decided on. */
  refreshLoss(run: RunState, context: WorkerContext): Promise<StoreState[]>;
}

const FIRST_POLL_MS = 50;
const SLOWEST_POLL_MS = 1_000;

/**
 * Performs one attempt at one step to its end: assess, intend, apply, assess until reached. The intent stands
 * before `apply` is called, and every other fact before the next effect, so that a successor can go on from any
 * of them. What only looks at the world does not wait for a write: that is what `Writes` is for.
 */
export async function performStep(
  options: PerformOptions,
  at: { runId: string; stepId: string; attempt: number },
  decidedOn: AppState,
  context: WorkerContext,
): Promise<void> {
  const writes = createWrites(options.journal, context);
  try {
    const { attempt, step } = await begin(options, at, decidedOn, context, writes);
    await pursue(options, attempt, step, context, writes);
    await writes.settled();
  } catch (error) {
    if (error instanceof AttemptOver || context.signal.aborted) return;
    throw error;
  }
}

/** Appends in their order; the journal carries out together what waits together. */
interface Writes {
  /** Resolves when it stands. */
  now(attempt: Attempt, events: Parameters<typeof record>[3]): Promise<void>;
  /** Need not be waited for: whatever is written after it fails when it does. */
  soon(write: Promise<unknown>): void;
  settled(): Promise<void>;
}

function createWrites(journal: Journal, { fence }: WorkerContext): Writes {
  let pending: Promise<unknown>[] = [];
  return {
    now: (attempt, events) => record(journal, attempt, fence, events),
    soon(write) {
      write.catch(() => {});
      pending.push(write);
    },
    async settled() {
      await Promise.all(pending);
      pending = [];
    },
  };
}

/** Starts the attempt, or picks up one that an earlier instance had started. */
async function begin(
  options: PerformOptions,
  at: { runId: string; stepId: string; attempt: number },
  decidedOn: AppState,
  context: WorkerContext,
  writes: Writes,
): Promise<{ attempt: Attempt; step: StepState }> {
  const { journal, actions, clock } = options;
  const { run, planned } = findStep(decidedOn, at);
  const action = actions.get(planned.uses);
  if (!action) throw new Error(`a pinned plan uses the action "${planned.uses}", which this version does not have`);
  const attempt = { ...at, run, planned, action, input: inputOf(run, planned, action) };
  const known = stepState(run, at.stepId);
  if (!known) throw new AttemptOver();
  if (known.phase === "running" && known.attempt === at.attempt) {
    const error = await takeUp(options, attempt, known, context);
    if (!error) return { attempt, step: known };
    await conclude(options, attempt, { move: "fail", error: reportError(error) }, writes);
    throw new AttemptOver();
  }
  const starting = journal.commit(
    (state) => {
      const now = findStep(state, at);
      const next = (stepState(now.run, at.stepId)?.attempt ?? 0) + 1 === at.attempt;
      if (!next || !mayStart(state, now.run, planned, clock.now(), actions).start) return [];
      return [stepEvent(attempt, "step.started", {})];
    },
    { fence: context.fence },
  );
  // The first look may be taken meanwhile; nothing is intended unless the start stands before it.
  writes.soon(starting);
  const { intended: _, applied: __, ...rest } = known;
  return { attempt, step: { ...rest, startedAt: new Date(clock.now()).toISOString() } };
}

async function pursue(
  options: PerformOptions,
  attempt: Attempt,
  first: StepState,
  context: WorkerContext,
  writes: Writes,
): Promise<void> {
  const { clock, journal } = options;
  const deadline = clock.monotonic() + attempt.planned.timeoutMs;
  let step = first;
  let pollMs = FIRST_POLL_MS;
  let lastSeen = "";
  while (!context.signal.aborted) {
    const assessment = await assess(options, attempt, step, context);
    const timedOut = clock.monotonic() >= deadline;
    const move = await nextMove(options, attempt, step, assessment, timedOut);
    if (move.move === "apply") {
      const applied = await intendAndApply(
        options,
        attempt,
        { seen: move.seen, intents: step.intents },
        context,
        writes,
      );
      if (!applied) return;
      step = { ...step, intents: step.intents + 1, intended: { at: applied.at }, applied };
      continue;
    }
    if (move.move !== "wait") return await conclude(options, attempt, move, writes);
    lastSeen = await noteOnce(options, attempt, assessment, lastSeen, writes);
    await clock.sleep(Math.min(pollMs, Math.max(1, deadline - clock.monotonic())), context.signal);
    pollMs = Math.min(pollMs * 1.5, SLOWEST_POLL_MS);
    ({ step } = ensureUnderWay(await journal.load(), attempt));
  }
}

async function nextMove(
  options: PerformOptions,
  attempt: Attempt,
  step: StepState,
  assessment: Assessment<unknown> | AppError,
  timedOut: boolean,
): Promise<StepMove> {
  const { action, input } = attempt;
  if (assessment instanceof AppError) {
    const error = reportError(assessment);
    return { move: "fail", error: { ...error, retryable: error.retryable && mayFollow(action, step) } };
  }
  // Only what cannot be seen may have been accepted unseen.
  const accepted = assessment.state === "unknown" ? await acceptedNow(options.journal, attempt) : new Set<string>();
  return decideStepMove({
    action: { ...action, applies: action.apply !== undefined },
    step,
    input,
    assessment,
    timedOut,
    accepted,
  });
}

async function acceptedNow(journal: Journal, attempt: Attempt): Promise<Set<string>> {
  const state = await journal.load();
  return acceptedBy(state, findStep(state, attempt).run);
}

/** What the vendor's answer was, when it took the change; why there is none has been journaled when there is none. */
async function intendAndApply(
  options: PerformOptions,
  attempt: Attempt,
  { seen, intents }: { seen: unknown; intents: number },
  context: WorkerContext,
  writes: Writes,
): Promise<{ at: string; handle?: string } | undefined> {
  const { action, input } = attempt;
  const intended = { action: action.id, input, ...(seen !== undefined && { before: seen }) };
  const intent = stepEvent(attempt, "step.intended", intended, `intended/${intents + 1}`);
  if (action.effect === "promotion") {
    const looked = await options.refreshLoss(attempt.run, context);
    if (!(await mayPromote(options, attempt, intent, looked, writes.now))) return undefined;
  } else await writes.now(attempt, [intent]);
  // The append was fenced by the store. Whoever was frozen after it has only its own clocks to ask.
  if (!context.holds()) throw ranOut(context.fence.lease);
  try {
    const answer = (await action.apply?.(input, seen, actionContext(options, attempt, undefined, context))) ?? {};
    writes.soon(writes.now(attempt, [stepEvent(attempt, "step.applied", answer, `applied/${intents + 1}`)]));
    const at = new Date(options.clock.now()).toISOString();
    return { at, ...(answer.handle !== undefined && { handle: answer.handle }) };
  } catch (error) {
    if (context.signal.aborted) throw error;
    const report = reportError(error);
    if (!(error instanceof AppError))
      options.logger.error({ err: error, ...logFields(attempt) }, "a recovery action threw");
    // A lost answer of a `once` action must be looked into by a person.
    const retryable = report.retryable && (action.repeat !== "once" || isRefusal(report));
    await conclude(options, attempt, { move: "fail", error: { ...report, retryable } }, writes);
    return undefined;
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
  writes: Writes,
): Promise<void> {
  await writes.now(attempt, (state) => {
    const step = stepState(findStep(state, attempt).run, attempt.stepId);
    if (move.move === "verify") {
      const verified = stepEvent(attempt, "step.verified", { seen: move.seen, alreadySo: move.alreadySo });
      return [verified, ...quarantine(state, attempt)];
    }
    if (move.move === "accept") {
      return [stepEvent(attempt, "step.accepted", { reason: move.reason, acceptance: move.acceptance })];
    }
    const again = move.error.retryable && (step?.attemptsSinceRetry ?? 1) <= attempt.planned.retries;
    const retryAt = new Date(options.clock.now() + attempt.planned.retryAfterMs).toISOString();
    return [stepEvent(attempt, "step.failed", { error: move.error, ...(again && { retryAt }) })];
  });
}

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
  lastSeen: string,
  writes: Writes,
): Promise<string> {
  if (assessment instanceof AppError) return lastSeen;
  const { state } = assessment;
  const seen = state === "unknown" ? `unknown ${assessment.reason}` : state;
  if (seen === lastSeen) return seen;
  const data = state === "unknown" ? { state, reason: assessment.reason } : { state, seen: assessment.seen };
  await writes.now(attempt, [stepEvent(attempt, "step.assessed", data, `assessed/${options.clock.now()}`)]);
  return seen;
}

function logFields({ runId, stepId, attempt }: Attempt) {
  return { run: runId, step: stepId, attempt };
}
