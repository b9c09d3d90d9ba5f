import type { Waiting } from "../core.ts";
import { lossText } from "../events/loss-text.ts";
import { seenInWords } from "../events/seen.ts";
import { clause, clip, duration, elapsed, instant } from "../format.ts";
import type { Step } from "../plans/plan.ts";
import { guardsText } from "../runs/step-guards.ts";
import type { RunState, StepState } from "../state.ts";

export const STEP_COLUMNS = ["Step", "State", "Time", "Detail"];

export function stepRow(run: RunState, step: StepState, at: string, waiting: readonly Waiting[] = []): string[] {
  return [step.name, stepState(step, at), stepTime(run, step, at), stepDetail(run, step, at, waiting)];
}

export function stepState(step: StepState, at?: string): string {
  const again = step.attempt > 1 ? ` (attempt ${step.attempt})` : "";
  switch (step.phase) {
    case "pending":
      if (step.guarded) return "◼ held by a guard";
      return step.held ? "‖ held" : "○ waiting";
    case "running":
      if (step.guarded) return `◼ held by a guard${again}`;
      return `▶ ${runningWord(step)}${again}`;
    case "retrying":
      return `↻ retry at ${instant(step.retryAt, at)}${again}`;
    case "failed":
      return `✗ failed${again}`;
    case "verified":
      return step.alreadySo ? "✓ was so already" : `✓ done${again}`;
    case "accepted":
      return "! accepted unverified";
    case "skipped":
      return "– skipped";
    case "stopped":
      return step.stopped?.sent ? "■ left in flight" : "■ stopped";
  }
}

/** How far an attempt has come: the difference matters when a vendor hangs, or the world cannot be seen. */
function runningWord(step: StepState): string {
  if (step.reason !== undefined) return "looking";
  if (step.applied) return "verifying";
  return step.intended ? "applying" : "assessing";
}

/** `12 s of 40 s`: elapsed against expected, or against the limit where nothing is known of the usual time. */
export function stepTime(run: RunState, step: StepState, at: string): string {
  const usual = expectedMs(run, step.stepId);
  const limit = plannedStep(run, step.stepId)?.timeoutMs;
  const against =
    usual !== undefined ? ` of about ${duration(usual)}` : limit !== undefined ? `, limit ${duration(limit)}` : "";
  // Of this attempt, as the limit is: before it somebody may have thought for an hour.
  const from = step.startedAt;
  if (from === undefined) return usual !== undefined ? `about ${duration(usual)}` : "";
  if (step.phase === "running" || step.phase === "retrying") return `${elapsed(from, at)}${against}`;
  return step.endedAt ? `${elapsed(from, step.endedAt)}${usual !== undefined ? against : ""}` : "";
}

function plannedStep(run: RunState, stepId: string): Step | undefined {
  return run.plan.runbooks[run.runbook]?.steps.find(({ id }) => id === stepId);
}

/** The usual time of one step, where the evidence gives it (`expected.steps`, milliseconds by step id). */
function expectedMs(run: RunState, stepId: string): number | undefined {
  return run.evidence.expected.steps?.[stepId];
}

function stepDetail(run: RunState, step: StepState, at: string, waiting: readonly Waiting[]): string {
  const own = step.phase === "pending" ? waiting.filter(({ stepId }) => stepId === step.stepId) : [];
  const parts = [
    ...(step.phase === "failed" || step.phase === "retrying" ? errorText(step) : []),
    ...own.map(({ because, until }) => `${withoutName(because)}${until ? ` (until ${instant(until, at)})` : ""}`),
    step.guarded && step.phase === "running" ? guardsText(step.guarded.guards) : undefined,
    step.reason && clause(step.reason),
    step.loss &&
      `${step.loss.store}: ${lossText(step.loss.loss)}, seen at ${instant(step.loss.loss.at, at)}${step.loss.within ? "" : "; OVER what was approved"}`,
    step.phase === "pending" ? undefined : lastSeen(run, step),
  ];
  return clip(parts.filter((part) => part !== undefined && part !== "").join(" · "), 400);
}

/** What keeps steps of a run from getting on, each with its id; empty while it goes on as it should. */
export function obstaclesOf(run: RunState): string[] {
  return run.steps.flatMap(({ stepId, phase, guarded, reason, error }) => {
    if (phase !== "running" && phase !== "retrying") return [];
    if (guarded) return [`${stepId} is held: ${guardsText(guarded.guards)}`];
    if (phase === "retrying")
      return [`${stepId} failed and is tried again: ${clause(error?.summary ?? "no reason given")}`];
    return reason === undefined ? [] : [`${stepId} cannot be seen: ${clause(reason)}`];
  });
}

/** What `why` adds about a step under way: how long it takes, and what was seen of it, which is what it waits for. */
export function underWayText(run: RunState, stepId: string | undefined, at: string): string {
  const step = run.steps.find((one) => one.stepId === stepId);
  if (step?.phase !== "running" || step.guarded) return "";
  const parts = [stepTime(run, step, at), lastSeen(run, step)].filter((part) => part !== "");
  return parts.map((part) => `; ${part}`).join("");
}

/** A step's own row, and a line that begins with its id, need not say its name again. */
export function withoutName(because: string): string {
  return because.replace(/^"[^"]*" /, "");
}

/** While the world does not answer, what was seen is of before. */
function lastSeen(run: RunState, step: StepState): string {
  const seen = seenInWords(step.seen, plannedStep(run, step.stepId)?.with);
  return step.phase === "running" && step.reason !== undefined && seen !== "" ? `before: ${seen}` : seen;
}

function errorText({ error, stepId, uses }: StepState): string[] {
  return error ? [`${error.summary} ${error.hint}`.trim(), `${stepId}, ${uses}, ${error.code}`] : [];
}
