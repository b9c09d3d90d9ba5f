import type { DomainEvent } from "../events.ts";
import type { AppState, HeldGuard, StepState } from "../state.ts";
import { allowedRegions } from "./views.ts";
import { withRun } from "./with-run.ts";

export function foldGuards(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "plan.adopted":
      return { ...state, allowed: allowedRegions(event.data.plan) };
    case "guard.overridden": {
      const { runId, guards, reason } = event.data;
      return withRun(state, runId, (run) => ({
        ...run,
        overridden: { guards, reason, by: event.actor, at: event.at },
      }));
    }
    case "guard.held":
      return withStep(state, event.data, (step) => ({
        ...step,
        guarded: { since: event.at, guards: event.data.guards as HeldGuard[] },
      }));
    case "guard.released":
    case "step.skipped":
      return withStep(state, event.data, withoutGuards);
    // Of a run that is over, or about to be, no step waits for a guard.
    case "run.aborting":
    case "run.aborted":
    case "run.cancelled":
      return withRun(state, event.data.runId, (run) => ({ ...run, steps: run.steps.map(withoutGuards) }));
    default:
      return state;
  }
}

function withoutGuards({ guarded: _, ...step }: StepState): StepState {
  return step;
}

function withStep(
  state: AppState,
  { runId, stepId }: { runId: string; stepId: string },
  change: (old: StepState) => StepState,
): AppState {
  return withRun(state, runId, (run) => ({
    ...run,
    steps: run.steps.map((step) => (step.stepId === stepId ? change(step) : step)),
  }));
}
