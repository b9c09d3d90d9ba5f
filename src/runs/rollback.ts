import { AppError } from "../errors.ts";
import { list } from "../format.ts";
import type { Runbook, Step } from "../plans/plan.ts";
import { planDigest } from "../plans/resolve.ts";
import type { RecoveryAction } from "../ports.ts";
import type { AppState, RunState, StepState } from "../state.ts";
import { findRun } from "./control.ts";
import type { Actions } from "./decide.ts";
import { resolvedStep } from "./inputs.ts";
import type { RunSubject } from "./propose.ts";
import { isInFlight, plannedStep, runbookOf, runNumber, stepState } from "./views.ts";
import { beyondReturn, mayHaveHappened } from "./way-back.ts";

const ROLLBACK = "rollback";

/**
 * What undoing a run would be: a run of its own, in the other direction, whose runbook is made of that run's traffic
 * and scale steps turned round, the latest first. Throws AppError where there is no way back, or nothing to undo. Pure.
 */
export function rollbackSubject(state: AppState, runId: string, actions: Actions): RunSubject {
  const run = findRun(state, runId);
  ensureOver(run);
  ensureBeforeReturn(run);
  ensureLatest(state, run);
  const undone = undoneSteps(state, runId);
  const steps = undoSteps(run, undone, actions);
  if (steps.length === 0) throw nothingToUndo(run, undone);
  const { policy } = runbookOf(run);
  const runbook: Runbook = {
    name: ROLLBACK,
    summary: `Undo what ${runId} changed`,
    kind: "rollback",
    trigger: "manual",
    policy,
    steps,
  };
  const plan = { ...run.plan, runbooks: { ...run.plan.runbooks, [ROLLBACK]: runbook } };
  return { plan: { ...plan, digest: planDigest(plan) }, runbook, source: run.target, target: run.source };
}

/** One after the other: two of them may be about the same record, and the latest must go first. */
function undoSteps(run: RunState, undone: ReadonlySet<string>, actions: Actions): Step[] {
  const done = run.steps
    .filter((step) => step.before !== undefined && mayHaveHappened(step) && !undone.has(step.stepId))
    .toSorted(
      (a, b) => (b.before?.at ?? "").localeCompare(a.before?.at ?? "") || run.steps.indexOf(b) - run.steps.indexOf(a),
    );
  const steps = done.flatMap((step) => undoStep(run, step, actions));
  return steps.map((step, index) => ({
    ...step,
    needs: steps.slice(Math.max(0, index - 1), index).map(({ id }) => id),
  }));
}

/** What earlier rollbacks of this run have put back; one of them may have ended half-way. */
function undoneSteps(state: AppState, runId: string): Set<string> {
  const before = Object.values(state.runs).filter(({ rollbackOf }) => rollbackOf === runId);
  const verified = before.flatMap((run) =>
    run.steps.flatMap(({ stepId, phase }) =>
      phase === "verified" ? (plannedStep(run, stepId)?.undo?.stepId ?? []) : [],
    ),
  );
  return new Set(verified);
}

function undoStep(run: RunState, { stepId, before }: StepState, actions: Actions): Step[] {
  const planned = plannedStep(run, stepId);
  const resolved = resolvedStep(run, stepId);
  if (!planned || !resolved || planned.undo || actions.get(planned.uses)?.undo === undefined) return [];
  const { when: _, ...rest } = planned;
  return [
    {
      ...rest,
      id: `undo-${stepId}`,
      name: `Undo: ${planned.name}`,
      with: resolved.with,
      needs: [],
      prepare: false,
      pointOfNoReturn: false,
      undo: { runId: run.runId, stepId, before: before?.seen },
    },
  ];
}

/** What a run did that its rollback leaves as it is, a sentence each: a fence stands until people lift it. */
export function notUndone(run: RunState, undone: readonly Step[], actions: Actions): string[] {
  return run.steps.flatMap((step) => {
    const effect = actions.get(step.uses)?.effect;
    const lasting = effect !== undefined && effect !== "check" && effect !== "wait";
    const taken = undone.some(({ undo }) => undo?.stepId === step.stepId);
    if (!lasting || taken || step.intents === 0 || !mayHaveHappened(step)) return [];
    return [`${step.stepId} of ${run.runId} (${step.name}) is not undone: ${step.uses} has no way back.`];
  });
}

/** The action of a step; in a rollback turned round. */
export function actionOf(step: Step, actions: Actions): RecoveryAction | undefined {
  const action = actions.get(step.uses);
  if (!action || step.undo === undefined) return action;
  const { undo } = action;
  if (!undo) return undefined;
  const { before } = step.undo;
  // What a person would do by hand is about the way there.
  const { manual: _, capacity: __, ...rest } = action;
  return {
    ...rest,
    assess: (input, context) => undo.assess(before, input, context),
    ...(undo.capacity && { capacity: (seen, input) => undo.capacity?.(before, seen, input) ?? { from: [] } }),
    blockers: (seen, input) => undo.blockers(before, seen, input),
    apply: (input, seen, context) => undo.apply(before, input, seen, context),
  };
}

/**
 * A step that is blocked now by what a later step of the undone run set, and will not be when that one is undone:
 * what it then finds is what that one had seen before. Answers which one.
 */
export function clearedBy(runbook: Runbook, step: Step, action: RecoveryAction, input: unknown): string | undefined {
  const index = runbook.steps.indexOf(step);
  const earlier = runbook.steps.slice(0, index).filter(({ uses, undo }) => undo !== undefined && uses === step.uses);
  return earlier.find(({ undo }) => action.blockers?.(undo?.before, input).length === 0)?.id;
}

function ensureOver(run: RunState): void {
  if (isInFlight(run)) {
    throw new AppError({
      code: "wrong-state",
      summary: `${run.runId} is ${run.phase}; only a run that has ended can be undone.`,
      hint: `End it first: abort ${run.runId} --reason "…".`,
    });
  }
  if (run.kind !== "rollback") return;
  throw new AppError({
    code: "nothing-to-roll-back",
    summary: `${run.runId} is itself a rollback, of ${run.rollbackOf}.`,
    hint: "To do again what it undid, run the runbook again.",
  });
}

function ensureBeforeReturn(run: RunState): void {
  const gone = beyondReturn(run);
  if (gone.length === 0) return;
  const first = run.phase === "completed" ? "" : `Finish the move first (failover ${run.target}). `;
  throw new AppError({
    code: "past-no-return",
    summary: `${run.runId} has passed its point of no return (${list(gone.map(({ stepId }) => stepId))}): traffic must not go back to a primary that was fenced.`,
    hint: `${first}The way back is a run of its own: failback.`,
  });
}

/** The run that came after it and may rely on what it changed, also where it found that already so. */
export function relyingOn(state: AppState, run: RunState): RunState | undefined {
  const later = Object.values(state.runs).filter(
    (one) => runAfter(one, run) && one.kind !== "rollback" && reliesOn(one),
  );
  const undone = new Set(
    Object.values(state.runs).flatMap(({ rollbackOf, phase }) =>
      rollbackOf && phase === "completed" ? [rollbackOf] : [],
    ),
  );
  return later.find(({ runId }) => !undone.has(runId));
}

function ensureLatest(state: AppState, run: RunState): void {
  const next = relyingOn(state, run);
  if (!next) return;
  throw new AppError({
    code: "wrong-state",
    summary: `${next.runId} came after ${run.runId} and may rely on what that changed.`,
    hint: `Undo the latest first: rollback ${next.runId}; or bring the service home with failback.`,
  });
}

/** Was the one proposed after the other? */
export function runAfter(one: RunState, run: RunState): boolean {
  return runNumber(one) > runNumber(run);
}

function reliesOn(run: RunState): boolean {
  return run.steps.some(({ stepId }) => {
    const step = stepState(run, stepId);
    return step !== undefined && (step.intents > 0 || step.alreadySo === true);
  });
}

function nothingToUndo({ runId, steps }: RunState, undone: ReadonlySet<string>): AppError {
  const changed = steps.filter(({ intents, stepId }) => intents > 0 && !undone.has(stepId)).map(({ stepId }) => stepId);
  return new AppError({
    code: "nothing-to-roll-back",
    summary:
      changed.length === 0
        ? `${runId} changed nothing${undone.size > 0 ? " that is not undone already" : ""}.`
        : `${runId} changed nothing ${undone.size > 0 ? "else " : ""}that can be undone (${list(changed)} cannot).`,
    hint: `"run ${runId}" shows what it did.`,
  });
}
