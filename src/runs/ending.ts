import type { NewDomainEvent } from "../events.ts";
import type { RunState, StepState } from "../state.ts";

/**
 * Ends a run before its last step, by whoever's word. While attempts are under way it only begins to end, so that
 * the journal can say what became of them; `now` does not wait for that. Pure.
 */
export function ending(run: RunState, reason: string, actor: string, now = false): NewDomainEvent[] {
  const under = run.steps.filter(({ phase }) => phase === "running");
  if (under.length === 0 || now) {
    return [...under.map((step) => leftAlone(run, step, actor)), over(run, reason, actor)];
  }
  const { runId } = run;
  const inFlight = under.map(({ stepId }) => stepId);
  return [{ key: `run/${runId}/aborting`, kind: "run.aborting", actor, data: { runId, reason, inFlight } }];
}

/** Withdrawn before its start, aborted after it. */
export function over(run: RunState, reason: string, actor: string): NewDomainEvent {
  const { runId, startedAt } = run;
  const kind = startedAt === undefined ? "run.cancelled" : "run.aborted";
  return { key: `run/${runId}/${kind.slice(4)}`, kind, actor, data: { runId, reason } };
}

function leftAlone({ runId }: RunState, { stepId, attempt, intended }: StepState, actor: string): NewDomainEvent {
  const sent = intended !== undefined;
  const reason = sent
    ? "the run was ended at once; what became of what was sent is not known"
    : "the run was ended at once, before anything was sent";
  return {
    key: `step/${runId}/${stepId}/${attempt}/stopped`,
    kind: "step.stopped",
    actor,
    data: { runId, stepId, attempt, sent, state: "unknown", reason },
  };
}
