import { actorName, clause, instant, list } from "../format.ts";
import type { Overtaken } from "../runs/overtaken.ts";
import { wayBack } from "../runs/way-back.ts";
import type { RunPhase, RunState, StepState } from "../state.ts";
import type { Card } from "./card.ts";
import { stepState } from "./steps.ts";

const PHASES: Record<RunPhase, { word: string; status: Card["status"] }> = {
  proposed: { word: "waits for approval", status: "waiting" },
  running: { word: "is running", status: "info" },
  halted: { word: "is HALTED and waits for a person", status: "danger" },
  aborting: { word: "is being aborted", status: "warning" },
  completed: { word: "completed", status: "ok" },
  aborted: { word: "was aborted", status: "warning" },
  cancelled: { word: "was cancelled", status: "muted" },
};

/** What a run does, as the end of a sentence about it, and the colour of its card. */
export function runPhase(run: RunState): { word: string; status: Card["status"] } {
  const phase = PHASES[run.phase];
  if (!run.paused) return phase;
  return { word: run.phase === "halted" ? "is PAUSED and halted" : "is PAUSED", status: "warning" };
}

/** Who holds it and why, and after an abort what was done, what became of what was in flight, and the way back. */
export function standing(run: RunState, at: string, overtaken: Overtaken = {}): string[] {
  const { paused } = run;
  if (paused) {
    const who = `Paused by ${actorName(paused.by)} at ${instant(paused.at, at)}: ${clause(paused.reason)}.`;
    return [`${who} No step starts and nothing is applied until "resume ${run.runId}".`];
  }
  if (run.phase !== "aborting" && run.phase !== "aborted" && run.phase !== "cancelled") return [];
  return [...account(run, overtaken), ...(overtaken.rejoin === undefined ? [] : [overtaken.rejoin])];
}

function account(run: RunState, overtaken: Overtaken): string[] {
  const flown = run.steps.filter((step) => step.phase === "stopped" || run.aborting?.inFlight.includes(step.stepId));
  const done = run.steps.filter((step) => step.phase === "verified" && !step.alreadySo && !flown.includes(step));
  const open = run.steps.filter(({ phase }) => phase === "pending");
  const back = overtaken.rollback ?? wayBack(run);
  // Withdrawn before anything was touched: there is nothing to account for.
  if (flown.length === 0 && run.steps.every(({ intents }) => intents === 0)) return [];
  return [
    `Done before: ${names(done)}.`,
    `In flight at the abort: ${flown.length === 0 ? "nothing" : flown.map(became).join("; ")}.`,
    ...(open.length > 0 ? [`Never begun: ${names(open)}.`] : []),
    ...(back === undefined || run.phase === "aborting" ? [] : [back]),
  ];
}

function names(steps: StepState[]): string {
  return steps.length === 0 ? "nothing" : list(steps.map(({ stepId }) => stepId));
}

function became(step: StepState): string {
  const detail = step.phase === "stopped" ? step.reason : (step.error?.summary ?? "");
  return `${step.stepId} ${stepState(step)}${detail ? ` (${clause(detail)})` : ""}`;
}
