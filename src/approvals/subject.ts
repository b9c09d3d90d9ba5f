import type { Plan, Runbook } from "../plans/plan.ts";
import type { RecoveryAction } from "../ports.ts";
import type { AppState, StoreState } from "../state.ts";

/** What an approval would be about. */
export interface Subject {
  plan: Plan;
  runbook: Runbook;
  source: string;
  target: string;
}

type Actions = ReadonlyMap<string, RecoveryAction>;

/** The stores that a runbook promotes, with what is known of their backlog towards the target. */
export function promotedStores(
  state: AppState,
  subject: Subject,
  actions: Actions,
): { store: string; known?: StoreState }[] {
  return subject.runbook.steps.flatMap((step) => {
    const action = actions.get(step.uses);
    const store = action?.effect === "promotion" ? action.store?.(step.with) : undefined;
    if (!store || !subject.plan.stores[store]) return [];
    const known = state.stores[`${store}/${subject.target}`];
    return [known && known.source === subject.source ? { store, known } : { store }];
  });
}
