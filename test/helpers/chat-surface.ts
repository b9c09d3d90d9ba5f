import { AppError } from "../../src/errors.ts";
import { makePlan, makeStep } from "./plan.ts";
import { createSwitchboard, type Switchboard } from "./switchboard.ts";

/** What the contract of chats is played with: one quick step, and one that halts the first time. */
export const surfacePlan = makePlan({
  failover: { steps: [makeStep("quick"), makeStep("halting", { needs: ["quick"] })] },
});

export function surfaceWorld(): { board: Switchboard; halt(): void } {
  const board = createSwitchboard();
  const error = new AppError({
    code: "vendor-rejected",
    summary: "The vendor said no.",
    hint: "Look at the resource.",
  });
  return { board, halt: () => board.failures.set("halting", { times: 1, error }) };
}
