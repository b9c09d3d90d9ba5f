import { z } from "zod";
import { AppError, reportError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Step } from "../plans/plan.ts";
import type { Clock, RecoveryAction } from "../ports.ts";
import type { RunState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { AttemptOver, findStep, stepEvent } from "./attempt.ts";
import { type Actions, mayStart } from "./decide.ts";
import { inputOf } from "./inputs.ts";
import { actionOf } from "./rollback.ts";
import { releasedEvents } from "./step-guards.ts";
import { stepState } from "./views.ts";

interface Fitting {
  action: RecoveryAction;
  input: unknown;
}

/** The action and the input of a step; why there are none where another version of Muster has planned it. */
export function fittingOf(run: RunState, planned: Step, actions: Actions): Fitting | AppError {
  const action = actionOf(planned, actions);
  if (!action) return misfit(planned, `has no action "${planned.uses}"`);
  try {
    return { action, input: inputOf(run, planned, action) };
  } catch (error) {
    if (error instanceof z.ZodError) return misfit(planned, `takes other inputs for "${planned.uses}"`);
    throw error;
  }
}

function misfit({ name }: Step, what: string): AppError {
  return new AppError({
    code: "step-blocked",
    summary: `"${name}" was planned by another version of Muster: this one ${what}.`,
    hint: "This version sent nothing. Start the other one and retry, skip it with a reason, or abort.",
  });
}

/** Ends the attempt before its first look, so that the run halts and people are asked. */
export async function endMisfit(
  { journal, actions, clock }: { journal: Journal; actions: Actions; clock: Clock },
  at: { runId: string; stepId: string; attempt: number },
  misfit: AppError,
  { fence }: WorkerContext,
): Promise<never> {
  await journal.commit(
    (state) => {
      const { run, planned } = findStep(state, at);
      const step = stepState(run, at.stepId);
      const failed = stepEvent(at, "step.failed", { error: reportError(misfit) });
      if (step?.phase === "running" && step.attempt === at.attempt) return [failed];
      const next = (step?.attempt ?? 0) + 1 === at.attempt;
      if (!next || !mayStart(state, run, planned, clock.now(), actions).start) return [];
      return [...releasedEvents(state, run, at.stepId), stepEvent(at, "step.started", {}), failed];
    },
    { fence },
  );
  throw new AttemptOver();
}
