import { approvalOf, changesFor } from "../approvals/decide.ts";
import { AppError } from "../errors.ts";
import type { StepState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { type Attempt, findStep } from "./attempt.ts";
import { isIrreversible } from "./irreversible.ts";
import type { PerformOptions } from "./perform-step.ts";
import { holdOf } from "./views.ts";

/**
 * Before an attempt is gone on with that an earlier holder of the lease had started, or that people had paused. One
 * with an intent: a request may be on its way, and is given the time to arrive before anybody looks. One without:
 * there was no request, and there can be none from now on, for its epoch's intents are refused; but what it was
 * decided on may be long ago. Answers why it must not go on.
 */
export async function takeUp(
  options: PerformOptions,
  attempt: Attempt,
  step: StepState,
  context: WorkerContext,
): Promise<AppError | undefined> {
  const { journal, actions, clock, requestTimeoutMs } = options;
  if (step.intended) {
    if (context.tookOver) await clock.sleep(requestTimeoutMs, context.signal);
    return undefined;
  }
  if (!isIrreversible(attempt.planned, actions)) return undefined;
  const state = await journal.load();
  const { run } = findStep(state, attempt);
  // Nothing is sent while people or a guard hold it; when they let it go on, this is asked again.
  if (holdOf(run) || step.guarded) return undefined;
  const approval = approvalOf(state, run);
  if (!approval) return undefined;
  const { ofClass, ofLoss } = changesFor(state, run, actions);
  // What a promotion would lose is looked at anew before its intent, and decided on there.
  const beyond = attempt.action.effect === "promotion" ? [] : ofLoss;
  if (approval.phase === "granted" && ofClass.length + beyond.length === 0) return undefined;
  return new AppError({
    code: "envelope-left",
    summary: `"${attempt.planned.name}" had been started before, and the approval no longer covers it.`,
    hint: "Nothing was changed by this attempt. Its next one, by itself or after a retry, waits for the approval.",
    retryable: true,
  });
}
