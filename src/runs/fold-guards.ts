import type { DomainEvent } from "../events.ts";
import type { AppState, HeldGuard, RunState, StepState } from "../state.ts";
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
    case "guard.held": {
      const held = withStep(state, event.data, (step) => ({
        ...step,
        guarded: { since: event.at, guards: event.data.guards as HeldGuard[] },
      }));
      return withRun(held, event.data.runId, (run) => withWake(run, event));
    }
    case "guard.released":
    case "step.skipped":
      return withRun(withStep(state, event.data, withoutGuards), event.data.runId, (run) => goesOn(run, event));
    // Of a run that is over, or about to be, no step waits for a guard.
    case "run.aborting":
    case "run.completed":
    case "run.aborted":
    case "run.cancelled":
      return withRun(state, event.data.runId, (run) =>
        withEnd({ ...run, steps: run.steps.map(withoutGuards) }, event.seq),
      );
    default:
      return state;
  }
}

/** A verdict that goes to and fro would wake people each time. The last of these pages stays until the run ends. */
const MOST_WAKES = 2;

function withWake(run: RunState, { seq }: DomainEvent): RunState {
  const { wakes = [], startedAt } = run;
  const last = wakes.at(-1);
  // Before the start people are asked anyway.
  if (startedAt === undefined || wakes.length === MOST_WAKES || (last && last.ended === undefined)) return run;
  return { ...run, wakes: [...wakes, { seq }] };
}

/** When the last of its steps is let go. */
function goesOn(run: RunState, { seq }: DomainEvent): RunState {
  const { wakes = [], steps } = run;
  const isLast = wakes.length === MOST_WAKES;
  return isLast || steps.some(({ guarded }) => guarded) ? run : withEnd(run, seq);
}

function withEnd(run: RunState, seq: number): RunState {
  const { wakes = [] } = run;
  const last = wakes.at(-1);
  return last && last.ended === undefined ? { ...run, wakes: [...wakes.slice(0, -1), { ...last, ended: seq }] } : run;
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
