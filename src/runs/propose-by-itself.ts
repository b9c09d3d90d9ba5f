import { AppError } from "../errors.ts";
import { type Proposal, proposalsFor } from "../incidents/decide.ts";
import type { Fence } from "../journal/store.ts";
import type { AppState } from "../state.ts";
import { type ProposeOptions, proposeSubject, subjectOf } from "./propose.ts";

/**
 * A run that detection asks for. To gather evidence takes time: it is proposed only if what is known when it is written
 * still asks for it, and else AppError `no-longer-asked`.
 */
export async function proposeByItself(options: ProposeOptions, proposal: Proposal, fence: Fence): Promise<void> {
  const { runbook, target, reason } = proposal;
  const find = (state: AppState) => {
    const asked = proposalsFor(options.plan, state).some((one) => one.runbook === runbook && one.target === target);
    if (!asked) throw noLongerAsked(proposal);
    return subjectOf(options.plan, state, runbook, target);
  };
  await proposeSubject(options, find, { reason }, { principal: "system:detector" }, fence);
}

function noLongerAsked({ runbook, target, reason }: Proposal): AppError {
  return new AppError({
    code: "no-longer-asked",
    summary: `The ${runbook} to ${target} was not proposed: "${reason}" does not hold any more.`,
    hint: "Nothing is to be done; it is proposed when it is asked for again.",
  });
}
