import { actorName, capital, clause, duration, instant, sentence } from "../format.ts";
import { own } from "../own.ts";
import type { AppState } from "../state.ts";
import type { Describers } from "./describe.ts";
import { lossText } from "./loss-text.ts";
import { seenInWords } from "./seen.ts";

type RunKind =
  | "run.proposed"
  | "run.started"
  | "run.completed"
  | "run.paused"
  | "run.resumed"
  | "run.aborting"
  | "run.aborted"
  | "run.cancelled"
  | "step.started"
  | "step.assessed"
  | "step.intended"
  | "step.applied"
  | "step.verified"
  | "step.accepted"
  | "step.failed"
  | "step.held"
  | "step.retried"
  | "step.skipped"
  | "step.stopped"
  | "loss.assessed"
  | "readiness.changed";

export const describeRun: Describers<RunKind> = {
  "run.proposed": ({ data, actor }) => {
    const what = data.rehearsal ? `Drill ${data.runId} (${data.runbook})` : `${capital(data.runbook)} ${data.runId}`;
    return `${what} proposed by ${actorName(actor)}: ${data.source} → ${data.target}. Reason: ${sentence(data.reason || "none given")}`;
  },
  "run.started": ({ data }, state) => `${runName(data.runId, state)} started.`,
  "run.completed": ({ data }, state) => `${runName(data.runId, state)} completed.`,
  "run.paused": ({ data, actor }, state) =>
    `${runName(data.runId, state)} paused by ${actorName(actor)}: ${sentence(data.reason)}`,
  "run.resumed": ({ data, actor }, state) => `${runName(data.runId, state)} resumed by ${actorName(actor)}.`,
  "run.aborting": ({ data, actor }, state) =>
    `${actorName(actor)} ended ${inner(runName(data.runId, state))}: ${sentence(data.reason)} Nothing is applied any more; it is looked at what becomes of ${data.inFlight.join(", ")}.`,
  "run.aborted": ({ data, actor }, state) =>
    `${runName(data.runId, state)} aborted by ${actorName(actor)}: ${sentence(data.reason)}`,
  "run.cancelled": ({ data, actor }, state) =>
    `${runName(data.runId, state)} ended by ${actorName(actor)} before it started: ${sentence(data.reason)}`,

  "step.started": ({ data }, state) =>
    `${stepName(data, state)} started${data.attempt > 1 ? ` (attempt ${data.attempt})` : ""}.`,
  "step.assessed": ({ data }, state) => {
    const found = clause(data.reason ?? seenInWords(data.seen));
    return `${stepName(data, state)} assessed: ${data.state}${found ? ` (${found})` : ""}.`;
  },
  "step.intended": ({ data }, state) => `${stepName(data, state)}: about to send ${data.action}.`,
  "step.applied": ({ data }, state) =>
    `${stepName(data, state)}: the change was taken${data.note ? ` (${clause(data.note)})` : ""}.`,
  "step.verified": ({ data }, state) => {
    const seen = clause(seenInWords(data.seen));
    return `${stepName(data, state)} verified${data.alreadySo ? ": it was already so" : ""}${seen ? ` (${seen})` : ""}.`;
  },
  "step.accepted": ({ data }, state) =>
    `${stepName(data, state)} could not be verified; people had accepted that by name (${data.acceptance}): ${sentence(data.reason)}`,
  "step.failed": ({ data, at }, state) => {
    const next = data.retryAt
      ? `The next attempt is due at ${instant(data.retryAt, at)}.`
      : "A person has to retry, skip or abort.";
    return `${stepName(data, state)} failed at attempt ${data.attempt} (${data.error.code}): ${sentence(data.error.summary)} ${next}`;
  },
  "step.held": ({ data }, state) =>
    `${stepName(data, state)} held before anything was sent: ${clause(data.reason)}. People are asked.`,
  "step.retried": ({ data, actor }, state) =>
    `${actorName(actor)} asked for another attempt of ${inner(stepName(data, state))}.`,
  "step.skipped": ({ data, actor }, state) =>
    `${stepName(data, state)} skipped by ${actorName(actor)}: ${sentence(data.reason)}`,
  "step.stopped": ({ data }, state) => {
    const seen = clause(seenInWords(data.seen));
    return `${stepName(data, state)} was left where it was: ${clause(data.reason)}${seen ? ` (last seen: ${seen})` : ""}.`;
  },
  "loss.assessed": ({ data }) => {
    const ceiling =
      data.ceilingSeconds === null
        ? "no ceiling was set"
        : `${data.within ? "inside" : "OUTSIDE"} the ceiling of ${duration(data.ceilingSeconds * 1_000)}`;
    return `Looked at again for the promotion in ${data.runId}: store ${data.store} would lose ${lossText(data.loss)}; ${ceiling}.`;
  },
  "readiness.changed": ({ data }) => {
    const open = data.steps.filter((step) => step.state === "blocked" || step.state === "unknown");
    const why = open.map(({ stepId, state, reason }) => `${stepId} ${state}${reason ? `: ${clause(reason)}` : ""}`);
    // The same word again: something else stands in the way now.
    const still = data.from === data.to ? `is still ${data.to}` : `went from ${data.from} to ${data.to}`;
    const change = data.from === "not-assessed" ? `is ${data.to}` : still;
    return `Readiness of ${data.runbook} ${data.source} → ${data.target} ${change}${why.map((one) => `; ${one}`).join("")}.`;
  },
};

/** "Failover run-1", "Drill run-2 (failover)", or the bare id where the state is not at hand. */
function runName(runId: string, state: AppState | undefined): string {
  const run = own(state?.runs ?? {}, runId);
  if (!run) return `Run ${runId}`;
  if (run.rehearsal) return `Drill ${runId} (${run.runbook})`;
  return `${capital(run.runbook)} ${runId}`;
}

function stepName({ runId, stepId }: { runId: string; stepId: string }, state: AppState | undefined): string {
  const name = own(state?.runs ?? {}, runId)?.steps.find((step) => step.stepId === stepId)?.name;
  return name ? `Step ${stepId} of ${runId} (${name})` : `Step ${stepId} of ${runId}`;
}

function inner(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
