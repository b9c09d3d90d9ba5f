import type { Step } from "../plans/plan.ts";
import type { RecoveryAction } from "../ports.ts";

/** Steps that nothing takes back: they look at the envelope once more before each attempt. */
export function isIrreversible(step: Step, actions: ReadonlyMap<string, RecoveryAction>): boolean {
  const effect = actions.get(step.uses)?.effect;
  return step.pointOfNoReturn || effect === "fence" || effect === "promotion" || effect === "follower";
}
