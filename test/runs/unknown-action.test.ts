import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { approvedRun } from "../helpers/executing.ts";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const plan = makePlan({
  failover: {
    steps: [makeStep("a"), makeStep("b", { uses: "test.once", needs: ["a"] }), makeStep("c", { needs: ["a"] })],
  },
});
const board = createSwitchboard();
let muster: TestMuster;
afterEach(() => muster.stop());

/** Proposed and approved with one version, and gone on with by another one. */
async function goOnWith(actions: typeof board.registry.actions): Promise<string> {
  muster = startMuster(plan, board);
  for (const region of ["east", "west"]) await muster.verdict(region, "healthy");
  const runId = await approvedRun(muster);
  await muster.stop({ keep: true });
  muster = startMuster(plan, { registry: { ...board.registry, actions } }, muster.directory);
  muster.start("executor");
  return runId;
}

it.each([
  ["has no such action", () => new Map([...board.registry.actions].filter(([id]) => id !== "test.once"))],
  [
    "takes other inputs",
    () => {
      const once = board.registry.actions.get("test.once")!;
      const other = { ...once, effect: "scale" as const, input: z.object({ place: z.string() }) };
      return new Map([...board.registry.actions, ["test.once", other]]) as typeof board.registry.actions;
    },
  ],
])(
  "a run of a version of Muster whose successor %s halts at that step and asks, and the others go on",
  async (_, actions) => {
    const runId = await goOnWith(actions());
    const state = await muster.until(({ runs }) => {
      const [, b, c] = runs[runId]?.steps ?? [];
      return b?.phase === "failed" && c?.phase === "verified";
    });
    expect(state.runs[runId]?.phase).toBe("halted");
    expect(state.runs[runId]?.steps[1]?.error).toMatchObject({ code: "step-blocked", retryable: false });
    expect((await muster.core.runs.why(runId)).waiting).toMatchObject([
      { stepId: "b", because: expect.stringContaining("A person must retry, skip or abort.") },
    ]);
    expect(board.requests).not.toContain("b");
  },
);

it("a fault in an action halts its run and asks, and holds up nothing else", async () => {
  const once = board.registry.actions.get("test.once")!;
  const blockers = () => {
    throw new TypeError("nothing is there");
  };
  const runId = await goOnWith(new Map([...board.registry.actions, ["test.once", { ...once, blockers }]]));
  const state = await muster.until(({ runs }) => {
    const [, b, c] = runs[runId]?.steps ?? [];
    return b?.phase === "failed" && c?.phase === "verified";
  });
  expect(state.runs[runId]?.phase).toBe("halted");
  expect(state.runs[runId]?.steps[1]?.error).toMatchObject({ code: "internal", retryable: false });
  expect(board.requests).not.toContain("b");
});
