import type { Caller } from "../core.ts";
import type { RunState, StepState } from "../state.ts";
import { abortButton, haltedButtons, offered } from "./buttons.ts";
import type { Card } from "./card.ts";

/** A step that waits for a person, with the choices. Without a caller (a channel that all see) every button is there. */
export function haltCard(run: RunState, step: StepState, caller?: Caller): Card {
  const title = `${run.runId} waits for you: ${step.name}`;
  return {
    title,
    status: "danger",
    text: [step.error ? `${step.error.summary} ${step.error.hint}` : "The step failed."],
    buttons: offered(caller, [...haltedButtons(run, step), abortButton(run)]),
    context: [run.runId, step.stepId, step.uses, `attempt ${step.attempt}`],
    fallback: title,
  };
}

/** Its id in channels: a later attempt that fails is another question. */
export function haltId(at: { runId: string; stepId: string; attempt: number }): string {
  return `halt-${at.runId}-${at.stepId}-${at.attempt}`;
}

/** Does a person still have to decide about this very attempt? */
export function haltedStep(run: RunState | undefined, at: { stepId: string; attempt: number }): StepState | undefined {
  const step = run?.steps.find(({ stepId }) => stepId === at.stepId);
  return run?.phase === "halted" && step?.phase === "failed" && step.attempt === at.attempt ? step : undefined;
}
