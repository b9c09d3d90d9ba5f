import type { NewDomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { type Attempt, findStep } from "./attempt.ts";
import type { Actions } from "./decide.ts";
import type { PerformOptions } from "./perform-step.ts";
import { mayPromote } from "./promotion.ts";
import { guardsAtIntent, heldEvents, releasedEvents } from "./step-guards.ts";
import { holdOf } from "./views.ts";
import type { Writes } from "./writes.ts";

/**
 * Appends the intent, unless at that very moment people or a guard hold the step, or a promotion would lose more
 * than it may. Answers whether it stands.
 */
export async function intend(
  options: PerformOptions,
  attempt: Attempt,
  { intent, seen }: { intent: NewDomainEvent; seen: unknown },
  context: WorkerContext,
  writes: Writes,
): Promise<boolean> {
  let events: NewDomainEvent[] = [];
  // Decided anew when somebody else wrote meanwhile: only what the last of them said was appended.
  const write = (one: Attempt, decide: (state: AppState) => NewDomainEvent[]) =>
    writes.now(one, (state) => {
      events = guardEvents(state, attempt, seen, options.actions) ?? decide(state);
      return events;
    });
  if (attempt.action.effect === "promotion") {
    await mayPromote(options, attempt, intent, await options.refreshLoss(attempt.run, context), write);
  } else await write(attempt, (state) => (holdOf(findStep(state, attempt).run) ? [] : [intent]));
  return events.includes(intent);
}

/** What keeps the intent from standing, or has kept it until now; undefined where no guard has a say. */
function guardEvents(state: AppState, attempt: Attempt, seen: unknown, actions: Actions): NewDomainEvent[] | undefined {
  const { run } = findStep(state, attempt);
  if (holdOf(run)) return undefined;
  const holding = guardsAtIntent(state, run, attempt, seen, actions);
  if (holding.length > 0) return heldEvents(state, run, attempt.stepId, holding);
  // Released first: what the step was started on is looked at again before it goes on.
  const released = releasedEvents(state, run, attempt.stepId);
  return released.length > 0 ? released : undefined;
}
