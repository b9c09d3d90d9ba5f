import type { Caller, Role } from "../core.ts";
import type { Plan } from "../plans/plan.ts";
import { hasRole } from "./roles.ts";

/** Runbooks whose approval can never be given, because too few people have a role that counts; one sentence each. */
export function quorumProblems(plan: Plan, people: readonly Caller[]): string[] {
  return Object.values(plan.runbooks).flatMap(({ name, policy }) => {
    if (policy.approval === "automatic") return [];
    const able = people.filter((caller) => policy.roles.some((role) => hasRole(caller, role as Role)));
    if (able.length >= policy.quorum) return [];
    const who = able.length === 0 ? "nobody" : able.map(({ principal }) => principal).join(", ");
    return [
      `${name} needs ${policy.quorum} of ${policy.roles.join(" or ")} to approve, and the people file has ${who}.`,
    ];
  });
}
