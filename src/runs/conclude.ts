import type { Clock } from "../ports.ts";
import { type Attempt, divergence, endOfQuarantine, findStep, quarantine, stepEvent } from "./attempt.ts";
import type { StepMove } from "./decide-step.ts";
import { holdOf, stepState } from "./views.ts";
import type { Writes } from "./writes.ts";

/** Writes how an attempt ended, together with what follows from it for its regions. */
export async function conclude(
  { clock }: { clock: Clock },
  attempt: Attempt,
  move: Exclude<StepMove, { move: "wait" | "apply" }>,
  writes: Writes,
): Promise<void> {
  await writes.now(attempt, (state) => {
    const step = stepState(findStep(state, attempt).run, attempt.stepId);
    if (move.move === "verify") {
      const verified = stepEvent(attempt, "step.verified", { seen: move.seen, alreadySo: move.alreadySo });
      const also = [...endOfQuarantine(state, attempt), ...divergence(attempt, move.seen)];
      return [verified, ...quarantine(state, attempt), ...also];
    }
    if (move.move === "accept") {
      return [stepEvent(attempt, "step.accepted", { reason: move.reason, acceptance: move.acceptance })];
    }
    if (move.move === "stop") {
      const { move: _, ...seen } = move;
      return [stepEvent(attempt, "step.stopped", seen)];
    }
    const held = holdOf(findStep(state, attempt).run) === "aborting";
    const again = !held && move.error.retryable && (step?.attemptsSinceRetry ?? 1) <= attempt.planned.retries;
    const retryAt = new Date(clock.now() + attempt.planned.retryAfterMs).toISOString();
    return [stepEvent(attempt, "step.failed", { error: move.error, ...(again && { retryAt }) })];
  });
}
