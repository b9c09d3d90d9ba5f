import { approvalOf } from "../approvals/decide.ts";
import { AppError, reportError } from "../errors.ts";
import { decideIncidents, type Proposal } from "../incidents/decide.ts";
import { refusalEvents } from "../incidents/refused.ts";
import { decideLock } from "../locks/decide.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState, RunState } from "../state.ts";
import { createWaker } from "../workers/waker.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { type Decision, decide } from "./decide.ts";
import { isIrreversible } from "./irreversible.ts";
import { type PerformOptions, performStep } from "./perform-step.ts";
import { inFlightRuns, isDone, isInFlight, plannedStep } from "./views.ts";

export interface ExecutorOptions extends PerformOptions {
  plan: Plan;
  /** Gathers fresh evidence and proposes a run that detection or a return asks for. */
  propose(proposal: Proposal, context: WorkerContext): Promise<void>;
}

/**
 * Makes what was decided happen: appends what follows, performs the steps that may run, each in parallel, and
 * stops those whose run has ended. Holds no state that the journal does not have.
 */
export function createExecutor(options: ExecutorOptions): { work(context: WorkerContext): Promise<void> } {
  const { journal, actions, clock, plan, logger } = options;

  return {
    async work(context) {
      const waker = createWaker((listener) => journal.subscribe(listener), clock);
      const performing = new Map<string, { runId: string; stop: AbortController }>();
      const failed = new AbortController();
      const signal = AbortSignal.any([context.signal, failed.signal]);
      const under = { ...context, signal };

      const launch = (key: string, runId: string, perform: (context: WorkerContext) => Promise<void>) => {
        if (performing.has(key)) return;
        const stop = new AbortController();
        performing.set(key, { runId, stop });
        perform({ ...under, signal: AbortSignal.any([signal, stop.signal]) })
          .catch((error) => failed.abort(error))
          .finally(() => {
            performing.delete(key);
            waker.wake();
          });
      };

      const begin = (step: Decision["perform"][number], state: AppState) => {
        const key = `${step.runId}/${step.stepId}/${step.attempt}`;
        launch(key, step.runId, (inner) => performStep(options, step, state, inner));
      };

      const decideAll = (state: AppState, now: number) => {
        const incidents = decideIncidents(plan, state, now);
        const runs = decide(state, now, actions);
        const lock = decideLock(state, now);
        const wakes = [incidents.wakeAt, runs.wakeAt, lock.wakeAt].filter((at) => at !== undefined);
        return {
          incidents,
          runs,
          events: [...lock.events, ...incidents.events, ...runs.events],
          wakeAt: wakes.length > 0 ? Math.min(...wakes) : undefined,
        };
      };

      let last: { state: AppState; decision: ReturnType<typeof decideAll> } | undefined;
      // What follows from what is about to be written is written with it. Steps that nothing takes back wait until it
      // stands.
      let foreseen = "";
      const unforesee = journal.foresee((ahead) => {
        const whole = last !== undefined && ahead.seq > last.state.seq;
        if (signal.aborted || !whole || ahead.runs === last?.state.runs) return;
        const now = awaited(ahead);
        if (now === foreseen) return;
        foreseen = now;
        const { perform, events } = decide(ahead, clock.now(), actions);
        if (events.length > 0) {
          const also = journal.commit((fresh) => decide(fresh, clock.now(), actions).events, { fence: context.fence });
          // If it does not come to stand, it is decided anew on what does.
          also.catch(() => {});
          return;
        }
        for (const step of perform) {
          const planned = plannedStep(ahead.runs[step.runId] as RunState, step.stepId);
          if (planned && !isIrreversible(planned, actions)) begin(step, ahead);
        }
      });
      try {
        while (!signal.aborted) {
          const state = await journal.load();
          // What was decided on this very state still holds, until its time comes.
          if (last?.state !== state || clock.now() >= (last.decision.wakeAt ?? Number.POSITIVE_INFINITY))
            last = { state, decision: decideAll(state, clock.now()) };
          const { decision } = last;
          if (decision.events.length > 0) {
            const fence = context.fence;
            await journal.commit((fresh) => decideAll(fresh, clock.now()).events, { fence });
            continue;
          }
          for (const [, { runId, stop }] of performing) {
            const run = state.runs[runId];
            if (run && !isInFlight(run)) stop.abort(new Error("the run has ended"));
          }
          for (const step of decision.runs.perform) begin(step, state);
          for (const proposal of decision.incidents.proposals) {
            launch(`propose/${proposal.runbook}/${proposal.target}`, "", async (inner) => {
              await options.propose(proposal, inner).catch(async (error) => {
                if (inner.signal.aborted) return;
                const report = reportError(error);
                const { events } = await journal.commit((fresh) => refusalEvents(fresh, proposal, report), inner);
                const level = events.length > 0 || !(error instanceof AppError) ? "warn" : "debug";
                logger[level]({ err: error, ...proposal }, "a run could not be proposed; trying again");
              });
              await clock.sleep(1_000, inner.signal).catch(() => {});
            });
          }
          await waker.wait(decision.wakeAt, signal);
        }
      } finally {
        unforesee();
        waker.close();
      }
      if (failed.signal.aborted && !context.signal.aborted) throw failed.signal.reason;
    },
  };
}

/** What the next steps wait for. That a step begins or is answered lets no other one begin, and is not decided on. */
function awaited(state: AppState): string {
  return inFlightRuns(state)
    .map((run) => {
      const { runId, phase, paused, steps } = run;
      const ended = steps.filter(isDone).length;
      return [runId, phase, paused?.at, approvalOf(state, run)?.phase, ended].join(" ");
    })
    .join();
}
