import type { Caller, Role } from "../../src/core.ts";

const person = (principal: string, ...roles: Role[]): Caller => ({
  principal,
  name: principal,
  roles: ["observer", ...roles],
});

/** Everybody there is in the simulated company. */
export const PERSONS = {
  operator: person("operator", "operator"),
  approver1: person("approver-1", "approver"),
  approver2: person("approver-2", "approver"),
  approver3: person("approver-3", "approver"),
  /** Asks for runs and may approve those of others. */
  lead: person("lead", "operator", "approver"),
  commander: person("commander", "operator", "approver", "commander"),
};

export const EVERYBODY: readonly Caller[] = Object.values(PERSONS);

export function rolesOf(principal: string): readonly Role[] {
  return EVERYBODY.find((one) => one.principal === principal)?.roles ?? [];
}
