import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence } from "../journal/store.ts";
import type { Plan, Runbook } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import type { AppState, RunState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import type { Actions } from "./decide.ts";
import type { StepReadiness } from "./events.ts";
import { assessReadiness } from "./readiness.ts";
import { overallReadiness, readinessKey } from "./readiness-views.ts";
import { inFlightRuns } from "./views.ts";

export interface ReadinessWorkerOptions {
  plan: Plan;
  actions: Actions;
  journal: Journal;
  clock: Clock;
  requestTimeoutMs: number;
}

const WHILE_UNKNOWN_MS = 30_000;
/** While people are deciding, what they were shown is looked at again this often. */
const WHILE_DECIDING_MS = 10_000;
const LOOK_EVERY_MS = 500;

/** Assesses at the plan's interval every runbook that could be asked for; a change of status or reason is an event. */
export function createReadiness(options: ReadinessWorkerOptions) {
  const { plan, journal, clock } = options;

  async function assessAll(fence?: Fence): Promise<AppState["readiness"]> {
    const state = await journal.load();
    const subjects = candidates(plan, state);
    const found = await Promise.all(
      subjects.map(async (subject) => ({
        subject,
        steps: await assessReadiness(options, state, subject),
      })),
    );
    const { state: after } = await journal.commit(
      (fresh) => found.flatMap(({ subject, steps }) => readinessEvents(fresh, subject, steps, clock.now())),
      fence && { fence },
    );
    return after.readiness;
  }

  return {
    assessAll,
    async work({ fence, signal }: WorkerContext): Promise<void> {
      let assessedAt = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        const state = await journal.load();
        const runs = inFlightRuns(state);
        // A run that is held for a blocked step goes on when somebody looks again and finds it ready.
        const held = runs.some(isHeldForReadiness);
        const deciding = held || runs.some(({ phase }) => phase === "proposed");
        const everyMs = Math.min(plan.readinessEveryMs, paceOf(state, deciding));
        // A running runbook changes what it is about to be asked about; its own steps say how it goes.
        const running = runs.some(({ startedAt }) => startedAt !== undefined);
        if ((!running || held) && isSeen(state) && clock.monotonic() - assessedAt >= everyMs) {
          await assessAll(fence);
          assessedAt = clock.monotonic();
        }
        await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
      }
    },
  };
}

/** What could not be seen may have been a slow answer only: nobody should read "unknown" for five minutes. */
function paceOf({ readiness }: AppState, deciding: boolean): number {
  if (deciding) return WHILE_DECIDING_MS;
  const unseen = Object.values(readiness).some(({ status }) => status === "unknown");
  return unseen ? WHILE_UNKNOWN_MS : Number.POSITIVE_INFINITY;
}

function isHeldForReadiness({ steps }: RunState): boolean {
  return steps.some(({ guarded }) => guarded?.guards.some(({ guard }) => guard === "readiness-blocked"));
}

/** Before the first verdicts there is nothing to compare with. */
function isSeen(state: AppState): boolean {
  return Object.values(state.regions).every(({ verdict }) => verdict !== "unknown");
}

interface Subject {
  plan: Plan;
  runbook: Runbook;
  source: string;
  target: string;
}

/** A failover to each other region; a failback when the service is away from home. */
function candidates(plan: Plan, state: AppState): Subject[] {
  return Object.values(plan.runbooks).flatMap((runbook) => {
    const others = Object.keys(plan.regions).filter((code) => code !== state.active);
    if (runbook.kind === "failover") return others.map((target) => ({ plan, runbook, source: state.active, target }));
    if (runbook.kind !== "failback" || state.active === plan.home) return [];
    return [{ plan, runbook, source: state.active, target: plan.home }];
  });
}

function readinessEvents(
  state: AppState,
  { runbook, source, target }: Subject,
  steps: StepReadiness[],
  now: number,
): NewDomainEvent[] {
  const key = readinessKey(runbook.name, source, target);
  const known = state.readiness[key];
  const to = overallReadiness(steps);
  if (known && known.status === to && reasons(known.steps) === reasons(steps)) return [];
  const from = known?.status ?? "not-assessed";
  return [
    {
      key: `readiness/${key}/${now}`,
      kind: "readiness.changed",
      actor: "system:readiness",
      data: { runbook: runbook.name, source, target, from, to, steps },
    },
  ];
}

/** What people would call a change: numbers that were seen are not, nor that there is nothing left to do. */
function reasons(steps: StepReadiness[]): string {
  return steps.map(({ stepId, state }) => `${stepId}=${state === "already-so" ? "ready" : state}`).join(",");
}
