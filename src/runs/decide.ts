import { approvalOf, askAgain, type Changes, changesFor, isInside, withdraw } from "../approvals/decide.ts";
import { reminderOf } from "../approvals/decide-reminder.ts";
import { divergenceChanges } from "../approvals/divergence.ts";
import { heldUnanswered } from "../approvals/unanswered.ts";
import type { Waiting } from "../core.ts";
import type { NewDomainEvent } from "../events.ts";
import { actorName, clause, instant } from "../format.ts";
import type { Step } from "../plans/plan.ts";
import type { RecoveryAction } from "../ports.ts";
import type { ApprovalState, AppState, RunState } from "../state.ts";
import { ending, over } from "./ending.ts";
import { resolvedStep } from "./inputs.ts";
import { isIrreversible } from "./irreversible.ts";
import { guardsAtStart, heldEvents, heldText } from "./step-guards.ts";
import { holdOf, inFlightRuns, isDone, runbookOf, stepState } from "./views.ts";

export type Actions = ReadonlyMap<string, RecoveryAction>;

export interface Decision {
  /** To be appended as they are; then decide again. */
  events: NewDomainEvent[];
  /** Attempts that should be under way: the executor starts those that it is not already performing. */
  perform: { runId: string; stepId: string; attempt: number }[];
  waiting: Waiting[];
  /** Milliseconds since 1970 at which time alone changes the decision. */
  wakeAt?: number;
}

const ACTOR = "system:executor";

/**
 * What follows from the state at this moment, for every run in flight. Pure: the same in production, in tests and
 * in simulation. Events come first; what is to be performed is decided on a state that has them.
 */
export function decide(state: AppState, now: number, actions: Actions): Decision {
  return merge(inFlightRuns(state).map((run) => decideRun(state, run, now, actions)));
}

function merge(decisions: Decision[]): Decision {
  const wakes = decisions.map(({ wakeAt }) => wakeAt).filter((at) => at !== undefined);
  return {
    // Two steps that find the same envelope left ask the same question: once.
    events: [...new Map(decisions.flatMap(({ events }) => events).map((event) => [event.key, event])).values()],
    perform: decisions.flatMap(({ perform }) => perform),
    waiting: decisions.flatMap(({ waiting }) => waiting),
    ...(wakes.length > 0 && { wakeAt: Math.min(...wakes) }),
  };
}

function nothing(): Decision {
  return { events: [], perform: [], waiting: [] };
}

function decideRun(state: AppState, run: RunState, now: number, actions: Actions): Decision {
  if (run.phase === "aborting") return decideAborting(run);
  const approval = approvalOf(state, run);
  const asked = approval ? decideApproval(state, run, approval, now, actions) : nothing();
  if (asked.events.length > 0) return asked;
  if (run.phase === "proposed" && !run.paused && (!approval || approval.phase === "granted")) {
    return { ...nothing(), events: [runEvent(run, "run.started")] };
  }
  const steps = runbookOf(run).steps.map((step) => decideStep(state, run, step, now, actions));
  if (run.phase !== "proposed" && run.steps.every(isDone)) {
    return { ...nothing(), events: [runEvent(run, "run.completed")] };
  }
  return merge([asked, decidePaused(run), ...steps]);
}

/** Said once for the run: its steps wait for nothing else that they could say. */
function decidePaused({ runId, paused }: RunState): Decision {
  if (!paused) return nothing();
  const because = `paused by ${actorName(paused.by)} at ${instant(paused.at)}: ${clause(paused.reason)}; "resume ${runId}" lets it go on`;
  return { ...nothing(), waiting: [{ runId, because }] };
}

/** What is in flight is looked at to its end, and nothing else happens. */
function decideAborting(run: RunState): Decision {
  const under = run.steps.filter(({ phase }) => phase === "running");
  const { reason = "", by = ACTOR } = run.aborting ?? {};
  if (under.length === 0) return { ...nothing(), events: [over(run, reason, by)] };
  const { runId } = run;
  return {
    ...nothing(),
    perform: under.map(({ stepId, attempt }) => ({ runId, stepId, attempt })),
    waiting: under.map(({ stepId, name }) => ({
      runId,
      stepId,
      because: `"${name}" was in flight when the run was aborted; the run ends when it is known what became of it, or at once with "abort ${runId} --now"`,
    })),
  };
}

function runEvent(run: RunState, kind: "run.started" | "run.completed"): NewDomainEvent {
  return { key: `${kind.replace(".", "/")}/${run.runId}`, kind, actor: ACTOR, data: { runId: run.runId } };
}

/** Expiry, denial and voiding, and what people are still asked. */
function decideApproval(
  state: AppState,
  run: RunState,
  approval: ApprovalState,
  now: number,
  actions: Actions,
): Decision {
  const started = run.startedAt !== undefined;
  if (approval.phase === "denied") return ended(run, approval);
  if (approval.phase !== "pending") {
    const left = changesFor(state, run, actions);
    // Held because nobody answered: who lets it go on is asked.
    const again = started && approval.phase === "expired" && !run.paused;
    if (!again && (started || isInside(left))) return nothing();
    return { ...nothing(), events: askAgain(state, run, again ? NOTHING_NEW : left, now, actions) };
  }
  const withdrawn = withdraw(state, run, approval, actions);
  if (withdrawn.length > 0) return { ...nothing(), events: withdrawn };
  const expiresAt = Date.parse(approval.expiresAt);
  if (now >= expiresAt) {
    const expired: NewDomainEvent = {
      key: `approval/${approval.approvalId}/expired`,
      kind: "approval.expired",
      actor: ACTOR,
      data: { approvalId: approval.approvalId, runId: run.runId },
    };
    return { ...nothing(), events: [expired, ...afterExpiry(state, run, approval, now, actions)] };
  }
  const changes = changesFor(state, run, actions);
  if (!isInside(changes)) return { ...nothing(), events: askAgain(state, run, changes, now, actions) };
  const due = reminderOf(approval, now);
  if (due.event) return { ...nothing(), events: [due.event] };
  const because = describeApproval(approval);
  return { ...nothing(), waiting: [{ runId: run.runId, because, until: approval.expiresAt }], wakeAt: due.wakeAt };
}

const NOTHING_NEW: Changes = { ofClass: [], ofLoss: [] };

/** A run that has not started ends; one that has is asked about again, a few times, and then waits for a person. */
function afterExpiry(state: AppState, run: RunState, approval: ApprovalState, now: number, actions: Actions) {
  if (run.startedAt === undefined) return ending(run, "Nobody decided in time.", ACTOR);
  const held = heldUnanswered(state, run, approval);
  if (held.length > 0 || run.paused) return held;
  return askAgain(state, run, NOTHING_NEW, now, actions);
}

/** A no before the start cancels the run; a no to going on after it aborts the rest. */
function ended(run: RunState, approval: ApprovalState): Decision {
  const no = approval.decisions.find(({ decision }) => decision === "deny");
  const reason = `${no?.principal ?? "An approver"} denied ${approval.approvalId}${no?.reason ? `: ${no.reason}` : "."}`;
  return { ...nothing(), events: ending(run, reason, ACTOR) };
}

function describeApproval(approval: ApprovalState): string {
  const yes = approval.decisions.filter(({ decision }) => decision === "approve").map(({ principal }) => principal);
  const who = yes.length > 0 ? ` (${yes.join(", ")})` : "";
  return `${approval.approvalId}: ${yes.length} of ${approval.quorum} approvals${who}, from ${approval.roles.join(" or ")}`;
}

function decideStep(state: AppState, run: RunState, step: Step, now: number, actions: Actions): Decision {
  const known = stepState(run, step.id);
  if (!known || isDone(known)) return nothing();
  const at = { runId: run.runId, stepId: step.id };
  switch (known.phase) {
    case "running": {
      // A world that does not answer is why nothing moves.
      const looking = known.reason === undefined ? "" : `; looking: ${clause(known.reason)}`;
      if (known.guarded) return perform(at, known.attempt, heldText(step, known.guarded.guards));
      return perform(at, known.attempt, `"${step.name}" is under way (attempt ${known.attempt})${looking}`);
    }
    case "failed":
      return wait(
        at,
        `"${step.name}" failed: ${known.error?.summary ?? "no reason given"} A person must retry, skip or abort.`,
      );
    case "retrying": {
      if (run.paused) return nothing();
      const retryAt = Date.parse(known.retryAt ?? "");
      // Twice as far away as it can be, it was set before the clock was set back.
      const isPlausible = retryAt - now <= 2 * step.retryAfterMs;
      if (now < retryAt && isPlausible)
        return wait(at, `"${step.name}" is tried again: ${known.error?.summary ?? ""}`, retryAt);
      break;
    }
    default:
      break;
  }
  const gate = mayStart(state, run, step, now, actions);
  if (gate.start && resolvedStep(run, step.id)?.when === false)
    return { ...nothing(), events: [notForThese(run, step)] };
  if (gate.start) return perform(at, known.attempt + 1, `"${step.name}" starts`);
  return { ...(gate.because === undefined ? nothing() : wait(at, gate.because)), events: gate.events ?? [] };
}

type StepAddress = { runId: string; stepId: string };

function wait(at: StepAddress, because: string, until?: number): Decision {
  if (until === undefined) return { ...nothing(), waiting: [{ ...at, because }] };
  return { ...nothing(), waiting: [{ ...at, because, until: new Date(until).toISOString() }], wakeAt: until };
}

function perform(at: StepAddress, attempt: number, because: string): Decision {
  return { ...wait(at, because), perform: [{ ...at, attempt }] };
}

function notForThese(run: RunState, { id }: Step): NewDomainEvent {
  const reason = `The plan's condition does not hold for ${run.source} → ${run.target}.`;
  return {
    key: `step/${run.runId}/${id}/skipped`,
    kind: "step.skipped",
    actor: ACTOR,
    data: { runId: run.runId, stepId: id, reason },
  };
}

export type Gate = { start: true } | { start: false; because?: string; events?: NewDomainEvent[] };

/** May this step's next attempt begin now? Asked by `decide`, and again in the append that starts it. */
export function mayStart(state: AppState, run: RunState, step: Step, now: number, actions: Actions): Gate {
  const known = stepState(run, step.id);
  // Skipped or started by somebody else between the decision and the append.
  if (known?.phase !== "pending" && known?.phase !== "retrying") return { start: false };
  if (holdOf(run)) return { start: false };
  const unmet = step.needs.filter((need) => {
    const other = stepState(run, need);
    return other !== undefined && !isDone(other);
  });
  if (unmet.length > 0) return { start: false, because: `"${step.name}" needs ${unmet.join(", ")}` };
  // What follows from the approval is said once, by the approval itself.
  if (run.startedAt === undefined && !step.prepare) return { start: false };
  const holding = guardsAtStart(state, run, step, actions);
  if (holding.length > 0) {
    return { start: false, because: heldText(step, holding), events: heldEvents(state, run, step.id, holding) };
  }
  const looksAgain = isIrreversible(step, actions) || isCanary(run, step, actions);
  if (run.startedAt === undefined || !looksAgain) return { start: true };
  const approval = approvalOf(state, run);
  if (approval && approval.phase !== "granted") {
    const held = known.held ? `is held (${clause(known.held.reason)})` : "cannot be undone";
    return { start: false, because: `"${step.name}" ${held} and waits for ${describeApproval(approval)}` };
  }
  const changes = changesFor(state, run, actions);
  if (!isIrreversible(step, actions)) return mayShiftHome(state, run, changes, now, actions);
  // A promotion that was sent, and whose answer was lost, has perhaps changed what there is to lose: it is looked at
  // first, and the loss again before it is sent once more.
  const sent = isPromotion(step, actions) && known.intents > 0 && !known.held;
  if (changes.ofClass.length === 0 && (sent || changes.ofLoss.length === 0)) return { start: true };
  return { start: false, events: askAgain(state, run, changes, now, actions) };
}

/** No traffic goes home before people know, or have accepted, what only home's copies hold. */
function isCanary(run: RunState, step: Step, actions: Actions): boolean {
  return run.kind === "failback" && actions.get(step.uses)?.effect === "traffic";
}

/** Traffic can be shifted back, so nothing else than what home alone holds keeps it from starting. */
function mayShiftHome(state: AppState, run: RunState, changes: Changes, now: number, actions: Actions): Gate {
  // Where nobody was asked, nobody was shown anything.
  const bound = approvalOf(state, run)?.envelope ?? {
    target: run.target,
    divergence: Object.fromEntries(Object.keys(run.plan.stores).map((store) => [store, null])),
  };
  const news = divergenceChanges(bound, state);
  if (news.length === 0) return { start: true };
  return { start: false, events: askAgain(state, run, { ...changes, ofClass: news }, now, actions) };
}

function isPromotion(step: Step, actions: Actions): boolean {
  return actions.get(step.uses)?.effect === "promotion";
}
