import { AppError } from "../errors.ts";
import type { ActionContext, Assessment } from "../ports.ts";
import type { StepState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { type Attempt, AttemptOver } from "./attempt.ts";
import type { PerformOptions } from "./perform-step.ts";

/** One look at the world in an attempt. An AppError ends the attempt; whatever else is thrown is `unknown`. */
export async function assess(
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

export function actionContext(
  options: PerformOptions,
  attempt: Attempt,
  step: StepState | undefined,
  { signal }: WorkerContext,
): ActionContext {
  return {
    signal,
    requestTimeoutMs: options.requestTimeoutMs,
    token: `${attempt.runId}/${attempt.stepId}/${attempt.attempt}`,
    now: attempt.now,
    ...(step?.startedAt !== undefined && { startedAt: step.startedAt }),
    ...(step?.applied?.handle !== undefined && { handle: step.applied.handle }),
  };
}

export function logFields({ runId, stepId, attempt }: Attempt) {
  return { run: runId, step: stepId, attempt };
}
