import { afterEach, beforeEach, expect, it } from "vitest";
import { approvedRun, startExecuting } from "../helpers/executing.ts";
import type { TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;
beforeEach(() => {
  board = createSwitchboard();
});
afterEach(() => muster.stop());

/** So many looks of an attempt, counted from the first of these moments, get no answer. */
function loseLooks(lost: number, when: "before the request" | "after the request"): { lost: number } {
  const left = { lost };
  const action = board.registry.actions.get("test.promote")!;
  const assess: typeof action.assess = async (input, context) => {
    const isThen = board.requests.length > 0 === (when === "after the request");
    if (context.startedAt === undefined || !isThen || left.lost === 0) return await action.assess(input, context);
    left.lost--;
    return { state: "unknown", reason: "no answer within 50 ms", retryable: true };
  };
  board.registry = {
    ...board.registry,
    actions: new Map(board.registry.actions).set(action.id, { ...action, assess }),
  };
  return left;
}

async function promote(timeoutMs: number): Promise<string> {
  const step = makeStep("p", { uses: "test.promote", timeoutMs, retries: 0 });
  muster = await startExecuting(makePlan({ failover: { steps: [step] } }), board);
  return await approvedRun(muster);
}

it.each(["before the request", "after the request"] as const)(
  "looks at a promotion that are lost %s are repeated, wake nobody, and send nothing twice",
  async (when) => {
    const left = loseLooks(2, when);
    const runId = await promote(20_000);
    const state = await muster.until(({ runs }) => ["completed", "halted"].includes(runs[runId]?.phase ?? ""));
    expect(state.runs[runId]?.phase).toBe("completed");
    expect(left.lost).toBe(0);
    expect(board.requests).toEqual(["p"]);
  },
);

it("people are asked about a promotion that cannot be seen when the step's time is over, with nothing sent", async () => {
  loseLooks(Number.POSITIVE_INFINITY, "before the request");
  const runId = await promote(400);
  const { runs } = await muster.until((state) => state.runs[runId]?.phase === "halted");
  expect(runs[runId]?.steps[0]).toMatchObject({ phase: "failed", attempt: 1, error: { code: "step-unverified" } });
  expect(board.requests).toEqual([]);
});
