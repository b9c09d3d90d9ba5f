import type { ActionContext, Assessment, RecoveryAction } from "../../src/ports.ts";
import { actionContext } from "../contracts/recovery-action.ts";

/** Uses an action as the core does, with an input as a plan has it. */
export function look(
  action: RecoveryAction,
  input: object,
  overrides: Partial<ActionContext> = {},
): Promise<Assessment<unknown>> {
  return action.assess(action.input.parse(input), actionContext(overrides));
}

export async function seenBy(action: RecoveryAction, input: object): Promise<unknown> {
  const assessment = await look(action, input);
  if (assessment.state === "unknown") throw new Error(assessment.reason);
  return assessment.seen;
}

export async function blockersOf(action: RecoveryAction, input: object): Promise<string[] | undefined> {
  return action.blockers?.(await seenBy(action, input), action.input.parse(input));
}

export async function apply(action: RecoveryAction, input: object): Promise<{ handle?: string; note?: string }> {
  return action.apply!(action.input.parse(input), await seenBy(action, input), actionContext());
}
