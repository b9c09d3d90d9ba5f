import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { AppState, RunState, StepState } from "../state.ts";
import { type Actions, isIrreversible } from "./decide.ts";
import { isDone, isInFlight, plannedStep, stepState } from "./views.ts";

/** What people may do to a run in flight. Each is one event with its actor; all throw AppError when refused. */
export function createRunControl({ journal, actions }: { journal: Journal; actions: Actions }) {
  async function write(runId: string, decide: (run: RunState, state: AppState) => NewDomainEvent): Promise<RunState> {
    const { state } = await journal.commit((fresh) => [decide(findInFlight(fresh, runId), fresh)]);
    return state.runs[runId] as RunState;
  }

  return {
    retry: (runId: string, stepId: string, caller: Caller) =>
      write(runId, (run, { version }) => {
        const step = findStep(run, stepId);
        if (step.phase !== "failed" && step.phase !== "retrying") throw wrongState(run, step, "retried");
        return {
          key: `step/${runId}/${stepId}/retried/${version}`,
          kind: "step.retried",
          actor: caller.principal,
          data: { runId, stepId },
        };
      }),

    skip: (runId: string, stepId: string, reason: string, caller: Caller) =>
      write(runId, (run) => {
        const step = findStep(run, stepId);
        if (isDone(step) || step.phase === "running") throw wrongState(run, step, "skipped");
        if (run.startedAt === undefined) throw notStarted(run);
        const planned = plannedStep(run, stepId);
        // Skipping a fence or a promotion is a decision about data, which operators do not make alone.
        if (planned && isIrreversible(planned, actions) && !caller.roles.includes("commander")) {
          throw new AppError({
            code: "not-allowed",
            summary: `"${planned.name}" guards data; only a commander may skip it.`,
            hint: `Ask a commander, or abort: abort ${runId} --reason "…".`,
          });
        }
        return {
          key: `step/${runId}/${stepId}/skipped`,
          kind: "step.skipped",
          actor: caller.principal,
          data: { runId, stepId, reason },
        };
      }),

    abort: (runId: string, reason: string, caller: Caller) =>
      write(runId, (run) => {
        const kind = run.startedAt === undefined ? "run.cancelled" : "run.aborted";
        return { key: `run/${runId}/${kind.slice(4)}`, kind, actor: caller.principal, data: { runId, reason } };
      }),
  };
}

export function findRun(state: AppState, runId: string): RunState {
  const run = state.runs[runId];
  if (run) return run;
  const latest = Object.keys(state.runs).slice(-5);
  throw new AppError({
    code: "unknown-run",
    summary: `There is no run "${runId}".`,
    hint: latest.length > 0 ? `The latest are: ${latest.join(", ")}.` : "There was no run yet.",
  });
}

function findInFlight(state: AppState, runId: string): RunState {
  const run = findRun(state, runId);
  if (isInFlight(run)) return run;
  throw new AppError({
    code: "wrong-state",
    summary: `${runId} is ${run.phase}; nothing about it can be changed.`,
    hint: 'See "status".',
  });
}

function findStep(run: RunState, stepId: string): StepState {
  const step = stepState(run, stepId);
  if (step) return step;
  const ids = run.steps.map((one) => one.stepId).join(", ");
  throw new AppError({
    code: "unknown-step",
    summary: `${run.runId} has no step "${stepId}".`,
    hint: `Its steps: ${ids}.`,
  });
}

function wrongState(run: RunState, step: StepState, what: string): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `"${step.stepId}" of ${run.runId} is ${step.phase} and cannot be ${what}.`,
    hint: `See "why ${run.runId}".`,
  });
}

function notStarted(run: RunState): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `${run.runId} has not started; its steps cannot be skipped.`,
    hint: `Approve it, or withdraw it with "abort ${run.runId}".`,
  });
}
