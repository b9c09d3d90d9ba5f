import type { Plan, Runbook, Step } from "../plans/plan.ts";
import type { AppState, RunState, StepState } from "../state.ts";

/** Runs that are not over, oldest first. */
export function inFlightRuns(state: AppState): RunState[] {
  return Object.values(state.runs).filter(isInFlight);
}

/** Run ids count up in the journal's order: what came after what is read from them, and from no clock. */
export function runNumber({ runId }: Pick<RunState, "runId">): number {
  return Number(runId.replace(/\D/g, ""));
}

export function isInFlight(run: RunState): boolean {
  return !OVER.has(run.phase);
}

const OVER: ReadonlySet<RunState["phase"]> = new Set(["completed", "aborted", "cancelled"]);

/** What keeps a run's steps from starting and from being applied: people who paused it, or ended it. */
export function holdOf(run: RunState): "paused" | "aborting" | undefined {
  if (run.phase === "aborting") return "aborting";
  return run.paused && "paused";
}

/** A step that its dependants need not wait for any more. */
export function isDone(step: StepState): boolean {
  return step.phase === "verified" || step.phase === "accepted" || step.phase === "skipped";
}

export function runbookOf(run: Pick<RunState, "plan" | "runbook">): Runbook {
  const runbook = run.plan.runbooks[run.runbook];
  if (!runbook) throw new Error(`the pinned plan of a run has no runbook "${run.runbook}"`);
  return runbook;
}

export function plannedStep(run: RunState, stepId: string): Step | undefined {
  return runbookOf(run).steps[stepIndex(run, stepId)];
}

export function stepState(run: RunState, stepId: string): StepState | undefined {
  return run.steps[stepIndex(run, stepId)];
}

/** A pinned plan never changes, so neither does a step's place in it; a run of many steps is asked all the time. */
const indexes = new WeakMap<Runbook, ReadonlyMap<string, number>>();

/** Where the step stands, in the plan and in the run alike; -1 when there is none. */
export function stepIndex(run: Pick<RunState, "plan" | "runbook">, stepId: string): number {
  const runbook = runbookOf(run);
  let known = indexes.get(runbook);
  if (!known) {
    known = new Map(runbook.steps.map(({ id }, index) => [id, index]));
    indexes.set(runbook, known);
  }
  return known.get(stepId) ?? -1;
}

/** Has the run passed a step after which going back means another run? */
export function passedNoReturn(run: RunState): boolean {
  return runbookOf(run).steps.some((step) => step.pointOfNoReturn && stepState(run, step.id)?.phase === "verified");
}

/** Where the stores take writes: the active region, until a run in flight has promoted another. */
export function primaryRegion(state: AppState): string {
  const moving = inFlightRuns(state).find(
    (run) => (run.kind === "failover" || run.kind === "failback") && passedNoReturn(run),
  );
  return moving?.target ?? state.active;
}

/** Every region that may ever hold this application's data. */
export function allowedRegions(plan: Plan): string[] {
  return Object.keys(plan.regions).filter((code) => isAllowed(plan, code));
}

/** Regions that may ever hold this application's data: allowed by the jurisdictions of every service. */
export function isAllowed(plan: Plan, region: string): boolean {
  const jurisdiction = plan.regions[region]?.jurisdiction;
  return Object.values(plan.services).every((service) => service.jurisdictions.includes(jurisdiction ?? ""));
}
