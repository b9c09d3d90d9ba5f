import type { ErrorReport } from "../errors.ts";
import { clause } from "../format.ts";
import type { Assessment, RecoveryAction } from "../ports.ts";
import type { StepState } from "../state.ts";

/** The next move in one attempt at a step, given what was just seen. */
export type StepMove =
  | { move: "verify"; seen: unknown; alreadySo: boolean }
  | { move: "apply"; seen: unknown }
  | { move: "wait" }
  | { move: "accept"; acceptance: string; reason: string }
  /** The run is being aborted: this attempt is left as it was last seen. */
  | { move: "stop"; sent: boolean; state: "moving" | "away" | "unknown"; seen?: unknown; reason: string }
  | { move: "fail"; error: ErrorReport };

export interface StepSituation {
  action: Pick<RecoveryAction, "id" | "effect" | "repeat" | "onUnknown" | "onAbort" | "blockers"> & {
    applies: boolean;
  };
  step: StepState;
  input: unknown;
  assessment: Assessment<unknown>;
  /** The attempt's time is over. */
  timedOut: boolean;
  /** Ids of what the approvers accepted. */
  accepted: ReadonlySet<string>;
  /** What people said of the run meanwhile. */
  hold?: "paused" | "aborting" | undefined;
}

/**
 * Pure. The rules: reached is done. Unknown is never reached and never permits a repeat. An intent without an
 * answer is sent again only where the action says that a repeat is harmless; `once` asks a person.
 */
export function decideStepMove(situation: StepSituation): StepMove {
  if (situation.hold === "aborting") return whileAborting(situation);
  const move = freely(situation);
  // What was sent may still be verified; everything else is decided when the run goes on.
  return situation.hold === "paused" && move.move !== "verify" ? { move: "wait" } : move;
}

/** Nothing is sent any more: what is in flight is looked at, as long as its action says that this is right. */
function whileAborting(situation: StepSituation): StepMove {
  const { assessment, step, action, timedOut } = situation;
  const sent = step.intended !== undefined;
  if (assessment.state === "reached") return freely(situation);
  if (sent && action.onAbort === "finish" && !timedOut) return { move: "wait" };
  const { state } = assessment;
  const seen = state === "unknown" ? {} : { seen: assessment.seen };
  if (!sent) return { move: "stop", sent, state, ...seen, reason: "nothing was sent" };
  const last = state === "unknown" ? `unknown, ${clause(assessment.reason)}` : state;
  const reason = `what was sent may still take effect; its state was last seen as ${last}`;
  return { move: "stop", sent, state, ...seen, reason };
}

type Unseen = Extract<Assessment<unknown>, { state: "unknown" }>;

function freely(situation: StepSituation): StepMove {
  const { assessment, step, timedOut } = situation;
  if (assessment.state === "reached") {
    // A check that passes has done its work; only what could have been changed was "already so".
    return { move: "verify", seen: assessment.seen, alreadySo: situation.action.applies && step.intents === 0 };
  }
  if (assessment.state === "unknown") {
    const move = onUnknown(situation, assessment);
    return move.move === "wait" && timedOut ? timeout(situation) : move;
  }
  if (timedOut) return timeout(situation);
  return assessment.state === "moving" ? { move: "wait" } : onAway(situation, assessment.seen);
}

function onUnknown({ action, step, accepted, timedOut }: StepSituation, { reason, retryable }: Unseen): StepMove {
  const acceptance = `fence:${step.stepId}`;
  if (action.effect === "fence" && accepted.has(acceptance)) return { move: "accept", acceptance, reason };
  // Whether our own change arrived is the very thing that is unknown: keep looking.
  if (step.intended) return { move: "wait" };
  if (action.onUnknown === "wait") return { move: "wait" };
  if (action.onUnknown === "proceed" && action.applies) return { move: "apply", seen: undefined };
  // One answer that was lost wakes nobody. A fence that is out of sight is asked about at once: its region is down.
  if (retryable && !timedOut && action.effect !== "fence") return { move: "wait" };
  return fail({
    code: "step-unverified",
    summary: `"${step.name}" cannot be seen: ${clause(reason)}.`,
    hint: "Nothing was changed by this attempt. Retry when it can be seen again, abort, or skip it with a reason if you know that it is safe.",
    retryable: false,
  });
}

function onAway({ action, step, input }: StepSituation, seen: unknown): StepMove {
  if (!action.applies) return { move: "wait" };
  if (step.applied) return { move: "wait" };
  if (step.intended && action.repeat === "once") {
    return fail({
      code: "step-unknown",
      summary: `"${step.name}" was sent, its answer was lost, and its effect is not to be seen.`,
      hint: "It may still arrive. Look at the resource; then retry to send it again, skip with a reason, or abort.",
      retryable: false,
    });
  }
  const blockers = action.blockers?.(seen, input) ?? [];
  if (blockers.length > 0) {
    return fail({
      code: "step-blocked",
      summary: `"${step.name}" must not run now: ${blockers.join("; ")}.`,
      hint: "Nothing was changed. Remove what blocks it and retry, skip it with a reason, or abort.",
      retryable: true,
    });
  }
  return { move: "apply", seen };
}

/** May another attempt follow by itself? What must be done once and was sent is sent again by nobody but a person. */
export function mayFollow({ repeat }: Pick<RecoveryAction, "repeat">, step: StepState): boolean {
  return repeat !== "once" || step.intended === undefined;
}

function timeout({ action, step, assessment }: StepSituation): StepMove {
  const last = assessment.state === "unknown" ? `unknown (${clause(assessment.reason)})` : assessment.state;
  return fail({
    code: "step-timeout",
    summary: `"${step.name}" did not get there in time; its state was ${last}.`,
    hint: step.intended
      ? "What was asked for may still be happening. Retry to go on waiting for it, skip it with a reason, or abort."
      : "Nothing was changed by this attempt. Retry, skip it with a reason, or abort.",
    retryable: mayFollow(action, step),
  });
}

function fail(error: ErrorReport): StepMove {
  return { move: "fail", error };
}
