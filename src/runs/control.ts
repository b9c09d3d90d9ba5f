import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import { actorName } from "../format.ts";
import type { Journal } from "../journal/journal.ts";
import { own } from "../own.ts";
import type { AppState, RunState, StepState } from "../state.ts";
import type { Actions } from "./decide.ts";
import { ending } from "./ending.ts";
import { isIrreversible } from "./irreversible.ts";
import { isDone, isInFlight, plannedStep, stepState } from "./views.ts";

/** What people may do to a run in flight. Each is one event with its actor; all throw AppError when refused. */
export function createRunControl({ journal, actions }: { journal: Journal; actions: Actions }) {
  async function writeAll(
    runId: string,
    decide: (run: RunState, state: AppState) => NewDomainEvent[],
  ): Promise<RunState> {
    const { state } = await journal.commit((fresh) => decide(findInFlight(fresh, runId), fresh));
    return state.runs[runId] as RunState;
  }
  /** About a run that is not ending. */
  const write = (runId: string, decide: (run: RunState, state: AppState) => NewDomainEvent) =>
    writeAll(runId, (run, state) => {
      if (run.phase === "aborting") throw endingAlready(run);
      return [decide(run, state)];
    });

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

    pause: (runId: string, reason: string, caller: Caller) =>
      write(runId, ({ paused }, { version }) => {
        if (paused) throw pausedAlready(runId, paused);
        const key = `run/${runId}/paused/${version}`;
        return { key, kind: "run.paused", actor: caller.principal, data: { runId, reason } };
      }),

    resume: (runId: string, caller: Caller) =>
      write(runId, ({ paused }, { version }) => {
        if (!paused) throw notPaused(runId);
        const key = `run/${runId}/resumed/${version}`;
        return { key, kind: "run.resumed", actor: caller.principal, data: { runId } };
      }),

    /** With `now` nobody waits for what is in flight; an abort that is under way can be ended so, too. */
    abort: (runId: string, reason: string, caller: Caller, { now = false }: { now?: boolean } = {}) =>
      writeAll(runId, (run) => {
        if (run.phase === "aborting" && !now) throw endingAlready(run);
        return ending(run, reason, caller.principal, now);
      }),
  };
}

export function findRun(state: AppState, runId: string): RunState {
  const run = own(state.runs, runId);
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

function endingAlready({ runId, aborting }: RunState): AppError {
  const open = aborting?.inFlight.join(", ") || "a step";
  return new AppError({
    code: "wrong-state",
    summary: `${runId} is being aborted; it ends when it is known what became of ${open}.`,
    hint: `"why ${runId}" says how it goes; "abort ${runId} --now" ends it at once and leaves that unknown.`,
  });
}

function pausedAlready(runId: string, { by, at, reason }: NonNullable<RunState["paused"]>): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `${runId} was paused by ${actorName(by)} at ${at}: ${reason}`,
    hint: `"resume ${runId}" lets it go on; "abort ${runId}" ends it.`,
  });
}

function notPaused(runId: string): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `${runId} is not paused.`,
    hint: `"why ${runId}" says what it waits for.`,
  });
}

function notStarted(run: RunState): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `${run.runId} has not started; its steps cannot be skipped.`,
    hint: `Approve it, or withdraw it with "abort ${run.runId}".`,
  });
}
