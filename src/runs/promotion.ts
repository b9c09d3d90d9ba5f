import { ceilingsFor } from "../approvals/ceilings.ts";
import { approvalOf, askAgain, changesFor, isInside } from "../approvals/decide.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Clock } from "../ports.ts";
import type { AppState, RunState, StoreState } from "../state.ts";
import { type Attempt, findStep, stepEvent } from "./attempt.ts";
import type { Actions } from "./decide.ts";
import { holdOf } from "./views.ts";

/**
 * The last decision before what cannot be taken back. All needs of the step were met when `looked` was seen, the
 * fence among them, so that is what will be lost; it is compared in the very append that holds the intent. Answers
 * whether the intent stands.
 */
export async function mayPromote(
  { clock, actions }: { clock: Clock; actions: Actions },
  attempt: Attempt,
  intent: NewDomainEvent,
  looked: readonly StoreState[],
  write: (attempt: Attempt, events: (state: AppState) => NewDomainEvent[]) => Promise<unknown>,
): Promise<boolean> {
  let intended = false;
  await write(attempt, (state) => {
    const events = intendPromotion(state, attempt, intent, looked, clock.now(), actions);
    intended = events.includes(intent);
    return events;
  });
  return intended;
}

/**
 * The intent to promote with the loss that it takes on itself; or, where that is more than the run may lose without
 * asking, the step held and the question to people, and no intent. Pure. Two samples must both be inside: the one
 * that this attempt took after its needs were met, and the latest in the journal, which may be of a moment later.
 */
export function intendPromotion(
  state: AppState,
  attempt: Attempt,
  intent: NewDomainEvent,
  looked: readonly StoreState[],
  now: number,
  actions: Actions,
): NewDomainEvent[] {
  const { run } = findStep(state, attempt);
  if (holdOf(run)) return [];
  const approval = approvalOf(state, run);
  const assessed = (seen: AppState) => lossEvents(seen, run, attempt, intent.key, actions);
  if (approval && approval.phase !== "granted") {
    const reason = `${approval.approvalId} is ${approval.phase}, and nothing else allows the promotion`;
    return [stepEvent(attempt, "step.held", { reason })];
  }
  for (const seen of [withSamples(state, run, looked), state]) {
    const changes = changesFor(seen, run, actions);
    if (isInside(changes)) continue;
    const reason = [...changes.ofClass, ...changes.ofLoss].map(
      (one) => `${one.what} is ${one.new}, allowed was ${one.old}`,
    );
    const held = stepEvent(attempt, "step.held", { reason: reason.join("; ") });
    // People are asked about how things are now. Where they are well again by now, the next attempt looks for itself.
    const present = looked.length > 0 ? state : seen;
    const left = changesFor(present, run, actions);
    return [...assessed(seen), held, ...(isInside(left) ? [] : askAgain(present, run, left, now, actions))];
  }
  return [...assessed(state), intent];
}

/** The state with what was just seen in place of what the journal knows; a store that was not looked at is unknown. */
function withSamples(state: AppState, run: RunState, looked: readonly StoreState[]): AppState {
  const own = Object.keys(run.plan.stores).map((store) => `${store}/${run.target}`);
  const others = Object.entries(state.stores).filter(([key]) => !own.includes(key));
  const seen = looked.map((one) => [`${one.store}/${one.target}`, one] as const);
  return { ...state, stores: Object.fromEntries([...others, ...seen]) };
}

/** What the promotion takes on itself, or was held for. */
function lossEvents(
  seen: AppState,
  run: RunState,
  { action, input, runId, stepId }: Attempt,
  intentKey: string,
  actions: Actions,
): NewDomainEvent[] {
  const store = action.store?.(input);
  if (store === undefined) return [];
  const known = seen.stores[`${store}/${run.target}`];
  const at = run.proposedAt;
  const loss =
    known?.source === run.source ? known.loss : { kind: "unknown" as const, reason: "no look at the store", at };
  const ceilingSeconds = ceilingsFor(run, approvalOf(seen, run), seen, actions)[store] ?? null;
  const within = ceilingSeconds === null || (loss.kind !== "unknown" && loss.seconds <= ceilingSeconds);
  return [
    {
      key: `${intentKey}/loss`,
      kind: "loss.assessed",
      actor: "system:executor",
      data: { runId, stepId, store, loss, ceilingSeconds, within },
    },
  ];
}
