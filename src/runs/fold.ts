import type { DomainEvent } from "../events.ts";
import type { AppState, RunPhase, RunState, StepState } from "../state.ts";
import { stepIndex } from "./views.ts";
import { withRun } from "./with-run.ts";

export function foldRun(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "run.proposed": {
      const run = proposed(event);
      return {
        ...state,
        runs: { ...state.runs, [run.runId]: run },
        counts: { ...state.counts, runs: state.counts.runs + 1 },
      };
    }
    case "approval.requested":
      return withRun(state, event.data.runId, (old) => ({ ...old, approvalId: event.data.approvalId }));
    case "approval.withdrawn":
      return withRun(state, event.data.runId, ({ approvalId: _, ...old }) => ({
        ...old,
        ...(event.data.restores !== undefined && { approvalId: event.data.restores }),
      }));
    case "run.started":
      return withRun(state, event.data.runId, (old) => withPhase({ ...old, startedAt: event.at, phase: "running" }));
    case "run.completed": {
      const run = state.runs[event.data.runId];
      const moved = run && (run.kind === "failover" || run.kind === "failback") && !run.rehearsal;
      const next = ended(state, event.data.runId, "completed", event.at);
      return moved ? { ...next, active: run.target } : next;
    }
    case "run.paused": {
      const { runId, reason } = event.data;
      return withRun(state, runId, (old) => ({ ...old, paused: { at: event.at, by: event.actor, reason } }));
    }
    case "run.resumed":
      return withRun(state, event.data.runId, ({ paused: _, ...old }) => old);
    case "run.aborting": {
      const { runId, reason, inFlight } = event.data;
      const aborting = { at: event.at, by: event.actor, reason, inFlight };
      return withRun(state, runId, ({ paused: _, ...old }) => ({
        ...old,
        phase: "aborting",
        aborting,
        steps: old.steps.map(withoutRetry),
      }));
    }
    case "run.aborted":
      return ended(state, event.data.runId, "aborted", event.at, event.data.reason);
    case "run.cancelled":
      return ended(state, event.data.runId, "cancelled", event.at, event.data.reason);
    case "readiness.changed": {
      const { runbook, source, target, to, steps } = event.data;
      const key = `${runbook}/${source}/${target}`;
      const entry = { runbook, source, target, status: to, since: event.at, steps };
      return { ...state, readiness: { ...state.readiness, [key]: entry } };
    }
    default:
      return foldStep(state, event);
  }
}

function foldStep(state: AppState, event: DomainEvent): AppState {
  const at = event.at;
  switch (event.kind) {
    case "step.started":
      return withStep(
        state,
        event.data,
        ({ stepId, name, uses, intents, before, firstStartedAt, attemptsSinceRetry }) => ({
          stepId,
          name,
          uses,
          intents,
          ...(before && { before }),
          phase: "running",
          attempt: event.data.attempt,
          attemptsSinceRetry: attemptsSinceRetry + 1,
          startedAt: at,
          firstStartedAt: firstStartedAt ?? at,
        }),
      );
    case "step.assessed":
      // A reason is why nothing could be seen: it goes when something is seen again.
      return withStep(state, event.data, ({ reason: _, ...old }) => ({
        ...old,
        ...(event.data.seen !== undefined && { seen: event.data.seen }),
        ...(event.data.reason !== undefined && { reason: event.data.reason }),
      }));
    case "step.intended":
      return withStep(state, event.data, ({ applied: _, ...old }) => ({
        ...old,
        intents: old.intents + 1,
        intended: { at, ...(event.data.before !== undefined && { before: event.data.before }) },
        ...(event.data.before !== undefined && { before: { at, seen: event.data.before } }),
      }));
    case "step.applied": {
      const { handle } = event.data;
      return withStep(state, event.data, (old) => ({
        ...old,
        applied: { at, ...(handle !== undefined && { handle }) },
      }));
    }
    case "step.verified": {
      const { seen, alreadySo } = event.data;
      return withStep(state, event.data, ({ reason: _, ...old }) => ({
        ...old,
        phase: "verified",
        endedAt: at,
        seen,
        alreadySo,
      }));
    }
    case "step.accepted":
      return withStep(state, event.data, (old) => ({
        ...old,
        phase: "accepted",
        endedAt: at,
        reason: event.data.reason,
      }));
    case "step.held":
      // Nothing was sent, so the attempt is none of those that the plan allows.
      return withStep(state, event.data, ({ intended: _, applied: __, startedAt: ___, ...old }) => ({
        ...old,
        phase: "pending",
        attemptsSinceRetry: Math.max(0, old.attemptsSinceRetry - 1),
        held: { at, reason: event.data.reason },
      }));
    case "step.failed": {
      const { error, retryAt } = event.data;
      return withStep(state, event.data, (old) => ({
        ...old,
        phase: retryAt === undefined ? "failed" : "retrying",
        endedAt: at,
        error: error as NonNullable<StepState["error"]>,
        ...(retryAt !== undefined && { retryAt }),
      }));
    }
    case "step.stopped": {
      const { sent, state: last, seen, reason } = event.data;
      return withStep(state, event.data, (old) => ({
        ...old,
        phase: "stopped",
        endedAt: at,
        stopped: { sent, state: last },
        reason,
        ...(seen !== undefined && { seen }),
      }));
    }
    case "step.retried":
      return withStep(state, event.data, (old) => ({ ...old, phase: "retrying", attemptsSinceRetry: 0, retryAt: at }));
    case "step.skipped":
      return withStep(state, event.data, (old) => ({
        ...old,
        phase: "skipped",
        endedAt: at,
        reason: event.data.reason,
      }));
    case "loss.assessed": {
      const { store, loss, ceilingSeconds, within } = event.data;
      return withStep(state, event.data, (old) => ({ ...old, loss: { store, loss, ceilingSeconds, within } }));
    }
    default:
      return state;
  }
}

function proposed(event: Extract<DomainEvent, { kind: "run.proposed" }>): RunState {
  const { runbook, plan } = event.data;
  const book = plan.runbooks[runbook];
  return {
    ...event.data,
    kind: book?.kind ?? "custom",
    requester: event.actor,
    phase: "proposed",
    proposedAt: event.at,
    steps: (book?.steps ?? []).map(({ id, name, uses }) => ({
      stepId: id,
      name,
      uses,
      phase: "pending",
      attempt: 0,
      attemptsSinceRetry: 0,
      intents: 0,
    })),
  };
}

/** A started run is halted exactly while one of its steps waits for a person. */
function withPhase(run: RunState): RunState {
  if (run.phase !== "running" && run.phase !== "halted") return run;
  const phase = run.steps.some((step) => step.phase === "failed") ? "halted" : "running";
  return phase === run.phase ? run : { ...run, phase };
}

/** No attempt follows any more, so what it waited to try again has failed. */
function withoutRetry(step: StepState): StepState {
  if (step.phase !== "retrying") return step;
  const { retryAt: _, ...rest } = step;
  return { ...rest, phase: "failed" };
}

/** Journals of before `step.stopped` end a run while a step is under way: nobody looked at it after that. */
function settled(step: StepState, at: string): StepState {
  if (step.phase !== "running") return withoutRetry(step);
  const sent = step.intended !== undefined;
  const reason = sent ? "the run ended while it was under way" : "the run ended before anything was sent";
  return { ...step, phase: "stopped", endedAt: at, stopped: { sent, state: "unknown" }, reason };
}

function ended(state: AppState, runId: string, phase: RunPhase, at: string, reason?: string): AppState {
  return withRun(state, runId, ({ paused: _, ...old }) => ({
    ...old,
    phase,
    endedAt: at,
    steps: old.steps.map((step) => settled(step, at)),
    ...(reason !== undefined && { endReason: reason }),
  }));
}

function withStep(
  state: AppState,
  { runId, stepId }: { runId: string; stepId: string },
  change: (old: StepState) => StepState,
): AppState {
  return withRun(state, runId, (run) => {
    const index = stepIndex(run, stepId);
    const old = run.steps[index];
    if (!old) return run;
    const step = change(old);
    const next = { ...run, steps: run.steps.with(index, step) };
    // None of a running run waits for a person, so only this one could.
    return run.phase === "running" && step.phase !== "failed" ? next : withPhase(next);
  });
}
