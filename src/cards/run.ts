import type { Caller, Waiting } from "../core.ts";
import { actorName, count, duration, elapsed, instant } from "../format.ts";
import type { Overtaken } from "../runs/overtaken.ts";
import { runTitle, stepsDone } from "../runs/summary-view.ts";
import { isInFlight } from "../runs/views.ts";
import type { ApprovalState, LockState, RunState, StoreState } from "../state.ts";
import { abortButton, haltedButtons, holdButtons, offered, rejoinButtons, rollbackButtons } from "./buttons.ts";
import type { Card } from "./card.ts";
import { decisionButtons, evidenceShown, personalNote } from "./deciding.ts";
import { lossInWords } from "./loss.ts";
import { lossChoices } from "./loss-choices.ts";
import { lockText, overrideTexts } from "./override.ts";
import { type RtoClock, rtoText } from "./rto.ts";
import { runPhase, standing } from "./run-phase.ts";
import { STEP_COLUMNS, stepRow, withoutName } from "./steps.ts";

export interface RunView {
  run: RunState;
  waiting: Waiting[];
  approval?: ApprovalState;
  /** Of the outage that the run is to end, where it is known. */
  clock?: RtoClock;
  /** The latest look at the stores towards the run's target; else the one that people were shown. */
  stores?: StoreState[];
  /** The freeze in force, which this run does not heed and others must. */
  lock?: LockState;
  /** What the ended run would offer and leads nowhere any more. */
  overtaken?: Overtaken;
  /** The moment the view was taken, ISO 8601: elapsed times count up to it. */
  at: string;
}

export function runCard(view: RunView, caller?: Caller): Card {
  const { run, at } = view;
  const done = stepsDone(run);
  const choices = lossChoices(run, view.approval, at);
  const { word, status } = choices.length > 0 && run.phase === "running" && !run.paused ? HELD : runPhase(run);
  const title = `${runTitle(run)} ${word}`;
  const waiting = view.waiting.filter((one) => !stands(run, one)).map((one) => waitingText(one, at));
  return {
    title,
    status,
    facts: runFacts(view),
    progress: { done, total: run.steps.length, label: `${done} of ${count(run.steps.length, "step")}` },
    text: [...runNotes(view), ...standing(run, at, view.overtaken), ...choices, ...waiting],
    table: { columns: STEP_COLUMNS, rows: run.steps.map((step) => stepRow(run, step, at, view.waiting)) },
    buttons: runButtons(view, caller),
    context: [
      run.runId,
      ...(run.incidentId ? [run.incidentId] : []),
      `as of ${instant(at)}`,
      `plan ${run.plan.digest.slice(0, 12)}`,
    ],
    fallback: `${title}: ${done} of ${count(run.steps.length, "step")} (${run.runId})`,
  };
}

const HELD = { word: "is HELD: more would be lost than may be", status: "waiting" } as const;

/** What was overridden for this run, and the freeze that others meet. */
export function runNotes({ run, lock, at }: RunView): string[] {
  return [...overrideTexts(run, at), ...(lock && isInFlight(run) ? [`${lockText(lock, at)} This run goes on.`] : [])];
}

function runFacts({ run, approval, clock, stores, at }: RunView): { label: string; value: string }[] {
  const { expected } = run.evidence;
  const facts = [
    { label: "Reason", value: run.reason || "none given" },
    { label: "Asked for by", value: `${actorName(run.requester)} at ${instant(run.proposedAt, at)}` },
  ];
  facts.push(...lossFacts({ run, approval, stores }, at));
  if (run.startedAt) facts.push({ label: "Started", value: instant(run.startedAt, at) });
  if (run.startedAt || run.phase === "proposed") {
    const taken = run.startedAt ? `${elapsed(run.startedAt, run.endedAt ?? at)} of ` : "";
    facts.push({ label: "Time", value: `${taken}about ${duration(expected.ms)} (${expected.basis})` });
  }
  if (clock) facts.push({ label: "RTO clock", value: rtoText(clock, at) });
  if (run.endedAt) facts.push({ label: "Ended", value: instant(run.endedAt, at) });
  if (run.endReason) facts.push({ label: "Why it ended", value: run.endReason });
  if (approval) facts.push({ label: "Approval", value: approvalLine(approval, at) });
  else if (run.approvalId === undefined) facts.push({ label: "Approval", value: "not needed by the plan's policy" });
  return facts;
}

/** Until it is over: what would be lost, by the latest look. After it, each promotion says what it took on itself. */
function lossFacts(
  {
    run,
    approval,
    stores = [],
  }: { run: RunState; approval: ApprovalState | undefined; stores: StoreState[] | undefined },
  at: string,
): { label: string; value: string }[] {
  if (run.endedAt) return [];
  const { losses } = approval ? evidenceShown(approval, run) : run.evidence;
  const ahead = losses.filter(({ store }) => !run.steps.some((step) => step.loss?.store === store && step.intended));
  return ahead.map(({ store, budgetSeconds, ...shown }) => {
    const latest = stores.find((one) => one.store === store && one.source === run.source) ?? shown;
    const { loss, withinBudget } = latest.loss.at > shown.loss.at ? latest : shown;
    return { label: `Loss in ${store}`, value: lossInWords(loss, budgetSeconds, withinBudget, at) };
  });
}

export function approvalLine(approval: ApprovalState, at: string): string {
  const yes = approval.decisions.filter(({ decision }) => decision === "approve").map(({ principal }) => principal);
  const by = yes.length > 0 ? ` by ${yes.join(", ")}` : "";
  const counted = `${yes.length} of ${approval.quorum}${by}`;
  if (approval.phase === "pending")
    return `${approval.approvalId}: ${counted}; expires at ${instant(approval.expiresAt, at)}`;
  return `${approval.approvalId} ${approval.phase}: ${counted}`;
}

/** What one step waits for is said in its row, and a pause by the run itself; the rest stands above. */
function stands(run: RunState, { stepId }: Waiting): boolean {
  return (stepId === undefined && run.paused !== undefined) || run.steps.some((step) => step.stepId === stepId);
}

export function waitingText({ stepId, because, until }: Waiting, at: string): string {
  const own = withoutName(because);
  const text = stepId === undefined ? because : `${stepId}${own === because ? ":" : ""} ${own}`;
  return `${text}${until ? ` (until ${instant(until, at)})` : ""}`;
}

function runButtons({ run, approval, overtaken, at }: RunView, caller: Caller | undefined) {
  if (!isInFlight(run)) return offered(caller, [...rollbackButtons(run, overtaken), ...rejoinButtons(run, overtaken)]);
  if (run.phase === "running" && !run.paused && approval && lossChoices(run, approval, at).length > 0) {
    const question = { approval, run };
    const mine = caller === undefined || personalNote(question, caller) === undefined;
    return mine ? decisionButtons(question, runTitle(run), caller) : offered(caller, [abortButton(run)]);
  }
  const open = run.startedAt !== undefined && run.phase !== "aborting";
  const choices = open ? run.steps.filter(({ phase }) => phase === "failed" || phase === "retrying") : [];
  return offered(caller, [
    ...choices.flatMap((step) => haltedButtons(run, step)),
    ...holdButtons(run),
    abortButton(run),
  ]);
}
