import type { Logger } from "pino";
import { AppError, reportError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Assessment, Clock } from "../ports.ts";
import type { AppState, RunState, StepState, StoreState } from "../state.ts";
import { ranOut } from "../workers/lease.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { actionContext, assess, logFields } from "./assess.ts";
import { type Attempt, AttemptOver, acceptedBy, ensureUnderWay, evenNow, findStep, stepEvent } from "./attempt.ts";
import { conclude } from "./conclude.ts";
import { type Actions, mayStart } from "./decide.ts";
import { decideStepMove, mayFollow, type StepMove } from "./decide-step.ts";
import { endMisfit, fittingOf } from "./fitting.ts";
import { intend } from "./intend.ts";
import { releasedEvents } from "./step-guards.ts";
import { takeUp } from "./take-up.ts";
import { nothingTold, type Telling, tellingOf } from "./telling.ts";
import { holdOf, stepState } from "./views.ts";
import { isRefusal } from "./way-back.ts";
import { createWrites, type Writes } from "./writes.ts";

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
    const begun = await begin(options, at, decidedOn, context, writes);
    await pursue(options, begun, context, writes).catch((error) =>
      endUnexpected(options, begun, error, context, writes),
    );
    await writes.settled();
  } catch (error) {
    if (error instanceof AttemptOver || context.signal.aborted) return;
    throw error;
  }
}

/** A fault in one action must not hold up whatever else runs: its run halts, and people are asked. */
async function endUnexpected(
  options: PerformOptions,
  { attempt }: UnderWay,
  error: unknown,
  { signal }: WorkerContext,
  writes: Writes,
): Promise<void> {
  if (signal.aborted || error instanceof AttemptOver || error instanceof AppError) throw error;
  options.logger.error({ err: error, ...logFields(attempt) }, "an attempt ended in a fault");
  await conclude(options, attempt, { move: "fail", error: reportError(error) }, writes);
}

/** An attempt as it stands, with what people said of its run. */
interface UnderWay {
  attempt: Attempt;
  step: StepState;
  hold: ReturnType<typeof holdOf>;
}

/** Starts the attempt, or picks up one that an earlier instance had started. */
async function begin(
  options: PerformOptions,
  at: { runId: string; stepId: string; attempt: number },
  decidedOn: AppState,
  context: WorkerContext,
  writes: Writes,
): Promise<UnderWay> {
  const { journal, actions, clock } = options;
  const { run, planned } = findStep(decidedOn, at);
  const fitting = fittingOf(run, planned, actions);
  if (fitting instanceof AppError) return await endMisfit(options, at, fitting, context);
  const attempt = { ...at, run, planned, ...fitting, now: evenNow(clock) };
  const known = stepState(run, at.stepId);
  if (!known) throw new AttemptOver();
  if (known.phase === "running" && known.attempt === at.attempt) {
    const error = await takeUp(options, attempt, known, context);
    if (!error) return { attempt, step: known, hold: holdOf(run) };
    await conclude(options, attempt, { move: "fail", error: reportError(error) }, writes);
    throw new AttemptOver();
  }
  const starting = journal.commit(
    (state) => {
      const now = findStep(state, at);
      const next = (stepState(now.run, at.stepId)?.attempt ?? 0) + 1 === at.attempt;
      if (!next || !mayStart(state, now.run, planned, clock.now(), actions).start) return [];
      return [...releasedEvents(state, now.run, at.stepId), stepEvent(attempt, "step.started", {})];
    },
    { fence: context.fence },
  );
  // The first look may be taken meanwhile; nothing is intended unless the start stands before it.
  writes.soon(starting);
  const { intended: _, applied: __, ...rest } = known;
  return { attempt, step: { ...rest, startedAt: new Date(clock.now()).toISOString() }, hold: undefined };
}

async function pursue(
  options: PerformOptions,
  { attempt, step: first, hold: firstHold }: UnderWay,
  context: WorkerContext,
  writes: Writes,
): Promise<void> {
  const { clock, journal } = options;
  let deadline = clock.monotonic() + attempt.planned.timeoutMs;
  let step = first;
  let hold = firstHold;
  let held = hold === "paused";
  let pollMs = FIRST_POLL_MS;
  let telling = nothingTold;
  while (!context.signal.aborted) {
    const lookedAt = clock.monotonic();
    const assessment = await assess(options, attempt, step, context);
    const timedOut = clock.monotonic() >= deadline;
    const move = await nextMove(options, { attempt, step, hold }, assessment, timedOut);
    if (move.move === "apply") {
      const sent = await intendAndApply(options, attempt, { seen: move.seen, intents: step.intents }, context, writes);
      if (sent === "failed") return;
      if (sent !== "held") {
        step = {
          ...step,
          intents: step.intents + 1,
          intended: { at: sent.at },
          ...(sent.answered && { applied: sent }),
        };
        continue;
      }
      held = true;
    } else if (move.move !== "wait") return await conclude(options, attempt, move, writes);
    telling = await note(options, attempt, assessment, telling, writes);
    const leftMs = hold === "paused" ? pollMs : Math.max(1, deadline - clock.monotonic());
    await clock.sleep(Math.min(pollMs, leftMs), context.signal);
    pollMs = Math.min(pollMs * 1.5, SLOWEST_POLL_MS);
    const now = ensureUnderWay(await journal.load(), attempt);
    ({ step } = now);
    hold = holdOf(now.run);
    held ||= hold === "paused";
    // The time of an attempt stands still while people or a guard hold it, until it was looked at after that.
    if (held) deadline += clock.monotonic() - lookedAt;
    // An abort ends every hold: what is in flight is looked at for the rest of its own time, and no longer.
    if (hold === "aborting") held = false;
    if (!held || hold !== undefined || step.guarded) continue;
    held = false;
    const error = await takeUp(options, attempt, step, context);
    if (error) return await conclude(options, attempt, { move: "fail", error: reportError(error) }, writes);
  }
}

async function nextMove(
  options: PerformOptions,
  { attempt, step, hold }: UnderWay,
  looked: Assessment<unknown> | AppError,
  timedOut: boolean,
): Promise<StepMove> {
  const { action, input } = attempt;
  if (looked instanceof AppError && hold === undefined) {
    const error = reportError(looked);
    return { move: "fail", error: { ...error, retryable: error.retryable && mayFollow(action, step) } };
  }
  // While people hold the run nothing ends by itself: it was not seen, and is looked at again.
  const assessment = looked instanceof AppError ? { state: "unknown" as const, reason: looked.summary } : looked;
  // Only what cannot be seen may have been accepted unseen.
  const accepted = assessment.state === "unknown" ? await acceptedNow(options.journal, attempt) : new Set<string>();
  return decideStepMove({
    action: { ...action, applies: action.apply !== undefined },
    step,
    input,
    assessment,
    timedOut,
    accepted,
    hold,
  });
}

async function acceptedNow(journal: Journal, attempt: Attempt): Promise<Set<string>> {
  const state = await journal.load();
  return acceptedBy(state, findStep(state, attempt).run);
}

/**
 * `held`: no intent stands, so nothing was sent: people paused or ended the run meanwhile, a guard refused, or a
 * promotion would lose more than it may. What `failed` stands in the journal.
 */
type Sent = { at: string; answered: boolean; handle?: string } | "held" | "failed";

async function intendAndApply(
  options: PerformOptions,
  attempt: Attempt,
  { seen, intents }: { seen: unknown; intents: number },
  context: WorkerContext,
  writes: Writes,
): Promise<Sent> {
  const { action, input } = attempt;
  const intended = { action: action.id, input, ...(seen !== undefined && { before: seen }) };
  const intent = stepEvent(attempt, "step.intended", intended, `intended/${intents + 1}`);
  if (!(await intend(options, attempt, { intent, seen }, context, writes))) return "held";
  // The append was fenced by the store. Whoever was frozen after it has only its own clocks to ask.
  if (!context.holds()) throw ranOut(context.fence.lease);
  try {
    const answer = (await action.apply?.(input, seen, actionContext(options, attempt, undefined, context))) ?? {};
    writes.soon(writes.now(attempt, [stepEvent(attempt, "step.applied", answer, `applied/${intents + 1}`)]));
    const at = new Date(options.clock.now()).toISOString();
    return { at, answered: true, ...(answer.handle !== undefined && { handle: answer.handle }) };
  } catch (error) {
    if (context.signal.aborted) throw error;
    const report = reportError(error);
    if (!(error instanceof AppError))
      options.logger.error({ err: error, ...logFields(attempt) }, "a recovery action threw");
    // A lost answer of a `once` action must be looked into by a person.
    const retryable = report.retryable && (action.repeat !== "once" || isRefusal(report));
    if (!isRefusal(report) && (await isAborting(options.journal, attempt))) {
      // Nobody tries it again, so whether it arrived can only be looked at.
      return { at: new Date(options.clock.now()).toISOString(), answered: false };
    }
    await conclude(options, attempt, { move: "fail", error: { ...report, retryable } }, writes);
    return "failed";
  }
}

async function isAborting(journal: Journal, attempt: Attempt): Promise<boolean> {
  return holdOf(findStep(await journal.load(), attempt).run) === "aborting";
}

/** What was seen, where it is to be told. */
async function note(
  options: PerformOptions,
  attempt: Attempt,
  assessment: Assessment<unknown> | AppError,
  before: Telling,
  writes: Writes,
): Promise<Telling> {
  if (assessment instanceof AppError) return before;
  const { tell, ...telling } = tellingOf(before, assessment, options.clock.monotonic());
  if (!tell) return telling;
  const { state } = assessment;
  const data = state === "unknown" ? { state, reason: assessment.reason } : { state, seen: assessment.seen };
  await writes.now(attempt, [stepEvent(attempt, "step.assessed", data, `assessed/${options.clock.now()}`)]);
  return telling;
}
