import type { Plan } from "../plans/plan.ts";
import { planDigest } from "../plans/resolve.ts";

/**
 * The plan for a run that one person carries out without the store: nothing is proposed by itself, and the one at
 * the terminal is who approves. Everything else (fences, budgets, guards, checks) stays as it is.
 */
export function offlinePlan({ digest: _, ...plan }: Plan): Plan {
  const runbooks = Object.fromEntries(
    Object.entries(plan.runbooks).map(([name, runbook]) => {
      const policy = {
        ...runbook.policy,
        approval: "required",
        quorum: 1,
        roles: ["commander"],
        excludeRequester: false,
      };
      return [name, { ...runbook, trigger: "manual", policy }];
    }),
  ) as Plan["runbooks"];
  const changed = { ...plan, runbooks };
  return { ...changed, digest: planDigest(changed) };
}
