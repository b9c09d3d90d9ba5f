import { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import { clause, list } from "../format.ts";
import type { Step } from "../plans/plan.ts";
import type { RecoveryAction } from "../ports.ts";
import type { AppState, HeldGuard, RunState } from "../state.ts";
import { isUp, takingOfStep, uncarried } from "./capacity.ts";
import { inputOf, resolvedStep } from "./inputs.ts";
import { isIrreversible } from "./irreversible.ts";
import { stepReadinessOf } from "./readiness-views.ts";
import { isAllowed, isDone, runbookOf, stepState } from "./views.ts";

/**
 * The guards at execution. The proposal has passed them once (`guards.ts`); here each is asked again in front of
 * every step that changes the world: when it is due, in the append that starts it, and in the append of its intent.
 */
type Actions = ReadonlyMap<string, RecoveryAction>;

interface Situation {
  state: AppState;
  run: RunState;
  step: Step;
  action: RecoveryAction;
  actions: Actions;
  /** Asked for where it matters only: steps are looked at all the time. */
  input(): unknown;
  /** What the attempt has just seen; absent before it has looked. */
  seen?: unknown;
}

type StepGuard = (situation: Situation) => HeldGuard | undefined;

function hold(guard: ErrorCode, summary: string, until: string): HeldGuard {
  return { guard, summary, until };
}

/** Every region down at once says more about the observer than about the regions. */
const someRegionIsUp: StepGuard = ({ state }) => {
  if (Object.keys(state.regions).some((code) => isUp(state, code))) return undefined;
  return hold(
    "no-healthy-region",
    "no region is seen healthy, so Muster's own view is suspect",
    "a region is seen healthy",
  );
};

const somebodyCarriesOn: StepGuard = ({ state, run, step, action, input, seen }) => {
  const taking = takingOfStep(run, step, action, input, seen);
  const [region] = uncarried(state, taking);
  if (region === undefined) return undefined;
  const carriers = taking.carriers[region] ?? [];
  const said = carriers.map((code) => `${code} is ${state.regions[code]?.verdict ?? "unknown"}`);
  const why = said.length > 0 ? list(said) : "no other region would serve";
  return hold(
    "last-capacity",
    `it takes capacity from ${region} while no other region that would carry it is seen healthy (${why})`,
    `${carriers.length > 0 ? list(carriers, "or") : "another region"} is seen healthy`,
  );
};

/** The plan that was pinned, and the one that is in force by now: a jurisdiction may have been closed meanwhile. */
const targetIsAllowed: StepGuard = ({ state, run, action }) => {
  const { plan, target } = run;
  // A fence keeps data from being written there, which is right wherever it is.
  if (run.kind === "rejoin" && action.effect === "fence") return undefined;
  if (isAllowed(plan, target) && (state.allowed ?? [target]).includes(target)) return undefined;
  const where = plan.regions[target]?.jurisdiction;
  return hold(
    "jurisdiction",
    `${target}${where ? ` (${where})` : ""} is outside the jurisdictions where this application's data may go`,
    "the plan in force allows it",
  );
};

const targetIsUp: StepGuard = ({ state, run, action }) => {
  if (run.kind === "rejoin" || (action.effect !== "promotion" && action.effect !== "traffic")) return undefined;
  if (isUp(state, run.target)) return undefined;
  const verdict = state.regions[run.target]?.verdict ?? "unknown";
  return hold("target-unhealthy", `${run.target} is ${verdict}`, `${run.target} is seen healthy`);
};

const targetIsNotQuarantined: StepGuard = ({ state, run }) => {
  const quarantine = state.regions[run.target]?.quarantine;
  if (!quarantine || run.kind === "rejoin") return undefined;
  return hold(
    "target-quarantined",
    `${run.target} is in quarantine after ${quarantine.runId}`,
    "its quarantine is lifted",
  );
};

/** Until something was done that nothing takes back; half-way, going on is safer, and each action has its own blockers. */
const readinessIsNotBlocked: StepGuard = ({ state, run, step, actions }) => {
  if (run.kind === "rejoin" || step.prepare) return undefined;
  // First what rarely holds: steps of large runs are looked at all the time.
  const blocked = stepReadinessOf(state, run).find(({ stepId, state: ready }) => {
    const known = ready === "blocked" ? stepState(run, stepId) : undefined;
    return known !== undefined && !isDone(known);
  });
  if (!blocked) return undefined;
  const { steps } = runbookOf(run);
  const crossed = steps.some((one) => isIrreversible(one, actions) && (stepState(run, one.id)?.intents ?? 0) > 0);
  if (crossed) return undefined;
  const because = blocked.reason ? `: ${clause(blocked.reason)}` : "";
  return hold(
    "readiness-blocked",
    `step ${blocked.stepId} is blocked on ${run.target}${because}`,
    `${blocked.stepId} is ready`,
  );
};

const guards: StepGuard[] = [
  someRegionIsUp,
  somebodyCarriesOn,
  targetIsAllowed,
  targetIsUp,
  targetIsNotQuarantined,
  readinessIsNotBlocked,
];

/** Which guards keep this step from starting now; none of those that this run may override. Pure. */
export function guardsAtStart(state: AppState, run: RunState, step: Step, actions: Actions): HeldGuard[] {
  const action = actions.get(step.uses);
  if (!action || resolvedStep(run, step.id)?.when === false) return [];
  try {
    return ask({ state, run, step, action, actions, input: () => inputOf(run, step, action) });
  } catch (error) {
    // Planned by another version of Muster: the attempt ends before it does anything, and says so.
    if (error instanceof z.ZodError) return [];
    throw error;
  }
}

/** The same for a change whose intent is about to be appended, by what the attempt has just seen. Pure. */
export function guardsAtIntent(
  state: AppState,
  run: RunState,
  attempt: { planned: Step; action: RecoveryAction; input: unknown },
  seen: unknown,
  actions: Actions,
): HeldGuard[] {
  const { planned, action, input } = attempt;
  return ask({ state, run, step: planned, action, actions, input: () => input, seen });
}

function ask(situation: Situation): HeldGuard[] {
  const { action, run } = situation;
  if (!action.apply) return [];
  const overridden = new Set(run.overridden?.guards.map(({ guard }) => guard));
  return guards
    .map((guard) => guard(situation))
    .filter((held) => held !== undefined)
    .filter(({ guard }) => !overridden.has(guard));
}

export function heldText(step: Step, holding: HeldGuard[]): string {
  return `"${step.name}" is held by a guard: ${guardsText(holding)}`;
}

export function guardsText(holding: readonly HeldGuard[]): string {
  return holding.map(({ guard, summary, until }) => `${summary} (${guard}); it goes on when ${until}`).join("; ");
}

/** That a step is held, once for each set of guards that hold it. */
export function heldEvents(state: AppState, run: RunState, stepId: string, holding: HeldGuard[]): NewDomainEvent[] {
  const { runId } = run;
  const known = stepState(run, stepId);
  if (names(known?.guarded?.guards) === names(holding)) return [];
  const { version } = state;
  return [
    {
      key: `guard/${runId}/${stepId}/held/${version}`,
      kind: "guard.held",
      actor: ACTOR,
      data: { runId, stepId, guards: holding },
    },
  ];
}

/** That nothing holds a step any more; to be appended with what it then does. */
export function releasedEvents(state: AppState, run: RunState, stepId: string): NewDomainEvent[] {
  const held = stepState(run, stepId)?.guarded;
  if (!held) return [];
  const { runId } = run;
  return [
    {
      key: `guard/${runId}/${stepId}/released/${state.version}`,
      kind: "guard.released",
      actor: ACTOR,
      data: { runId, stepId, guards: held.guards.map(({ guard }) => guard) },
    },
  ];
}

function names(holding: readonly HeldGuard[] | undefined): string {
  return holding?.map(({ guard }) => guard).join() ?? "";
}

const ACTOR = "system:executor";
