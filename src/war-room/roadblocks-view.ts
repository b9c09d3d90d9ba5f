import { isReady, isWaiting, updatesOf } from "../comms/views.ts";
import { actorName, clause, clip, duration, list } from "../format.ts";
import { inFlightRuns } from "../runs/views.ts";
import type { ApprovalState, AppState, RunState, StepState } from "../state.ts";
import type { Briefing } from "./events.ts";

type Roadblock = Briefing["roadblocks"][number];

const MOST = 8;
const LONGEST = 240;

/** What waits, since when and on whom, the longest first. `at`: now, for what has no beginning of its own. */
export function roadblocksOf(state: AppState, at: string): Roadblock[] {
  const found = [
    ...Object.values(state.approvals)
      .filter(({ phase }) => phase === "pending")
      .map(asked),
    ...inFlightRuns(state).flatMap((run) => [...held(run), ...run.steps.flatMap((step) => stuck(run, step, at))]),
    ...updates(state),
    ...frozen(state),
    ...away(state),
  ];
  const all = found.map((one) => ({ ...one, what: clip(one.what, LONGEST), on: clip(one.on, LONGEST) }));
  return all.toSorted((one, other) => one.since.localeCompare(other.since)).slice(0, MOST);
}

function asked({ approvalId, runId, decisions, quorum, roles, requestedAt }: ApprovalState): Roadblock {
  const yes = decisions.filter(({ decision }) => decision === "approve").length;
  return {
    what: `${approvalId} for ${runId}: ${yes} of ${quorum} approvals`,
    since: requestedAt,
    on: list(roles, "or"),
  };
}

function held({ runId, paused, aborting }: RunState): Roadblock[] {
  if (paused) {
    const what = `${runId} is paused: ${clause(paused.reason)}`;
    return [{ what, since: paused.at, on: `${actorName(paused.by)}, or whoever resumes it` }];
  }
  if (!aborting) return [];
  const what = `${runId} ends when it is known what became of ${list(aborting.inFlight)}`;
  return [{ what, since: aborting.at, on: "the control planes" }];
}

function stuck(run: RunState, step: StepState, at: string): Roadblock[] {
  const since = step.startedAt ?? at;
  const name = `“${step.name}” in ${run.runId}`;
  if (step.phase === "failed") {
    const what = `${name} failed: ${clause(step.error?.summary ?? "no reason given")}`;
    const on = "a person: retry, skip or abort";
    return [{ what, since: step.endedAt ?? since, on }];
  }
  if (step.guarded) {
    const { guards } = step.guarded;
    const what = `${name} is held by a guard: ${guards.map(({ summary }) => clause(summary)).join("; ")}`;
    return [{ what, since: step.guarded.since, on: guards.map(({ until }) => `until ${until}`).join("; ") }];
  }
  // Nothing has been seen: what would have to answer is what is waited for.
  if (step.phase === "running" && step.reason !== undefined) {
    return [
      { what: `${name} cannot be seen: ${clause(step.reason)}`, since, on: step.uses.split(".")[0] ?? step.uses },
    ];
  }
  const usualMs = run.evidence.expected.steps?.[step.stepId];
  if (step.phase === "running" && usualMs !== undefined && isOverdue(Date.parse(at) - Date.parse(since), usualMs)) {
    // Not how long by now: what changes with every minute would look like news in every check-in.
    const what = `${name} takes far longer than the usual ${duration(usualMs)} (attempt ${step.attempt})`;
    return [{ what, since, on: step.uses.split(".")[0] ?? step.uses }];
  }
  if (step.phase === "retrying" && step.error) {
    const what = `${name} is tried again: ${clause(step.error.summary)}`;
    return [{ what, since: step.endedAt ?? since, on: "the next attempt" }];
  }
  return [];
}

const OVERDUE_TIMES = 3;
const OVERDUE_AT_LEAST_MS = 60_000;

/** Long enough that somebody should look, however little is usual. */
function isOverdue(takenMs: number, usualMs: number): boolean {
  return takenMs >= Math.max(OVERDUE_AT_LEAST_MS, OVERDUE_TIMES * usualMs);
}

/** What the public would be told, and waits for a tap. */
function updates({ comms, openIncidentId }: AppState): Roadblock[] {
  const own = openIncidentId === undefined ? undefined : comms[openIncidentId];
  if (!own) return [];
  return updatesOf(own)
    .filter((update) => isWaiting(update) && !isReady(update))
    .map(({ stage, dueAt, held: by }) => ({
      what: `the status update “${stage}” is not posted`,
      since: dueAt,
      on: by ? `${actorName(by.by)}, who holds it back` : "an operator's tap",
    }));
}

function frozen({ lock }: AppState): Roadblock[] {
  if (!lock) return [];
  return [{ what: `changes are locked: ${clause(lock.reason)}`, since: lock.since, on: actorName(lock.by) }];
}

function away({ chats }: AppState): Roadblock[] {
  return Object.entries(chats).flatMap(([chat, { lost }]) =>
    lost ? [{ what: `${chat} is not reached: ${clause(lost.summary)}`, since: lost.since, on: chat }] : [],
  );
}
