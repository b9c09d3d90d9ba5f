import type { Caller, Role } from "../core.ts";

/**
 * Operators ask and approvers decide: neither is thereby the other, so that one person's word is never both.
 * A commander may do either (and is still not counted as the approver of an own request); everybody may look.
 */
export function hasRole(caller: Pick<Caller, "roles">, role: Role): boolean {
  if (role === "observer") return caller.roles.length > 0;
  return caller.roles.includes(role) || caller.roles.includes("commander");
}
