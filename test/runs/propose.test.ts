import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Plan } from "../../src/plans/plan.ts";
import { startExecuting } from "../helpers/executing.ts";
import { operator, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;

async function begin(plan: Plan): Promise<void> {
  muster = await startExecuting(plan, board);
}

beforeEach(() => {
  board = createSwitchboard();
});

afterEach(() => muster.stop());

describe("bad requests", () => {
  it.each([
    ["an unknown region", "mars", "unknown-region"],
    ["the active region", "east", "already-active"],
  ])("%s is refused, and nothing is written", async (_, target, code) => {
    await begin(makePlan({ failover: { steps: [makeStep("a")] } }));
    const before = (await muster.journal.load()).version;
    await expect(muster.core.runs.propose("failover", { target }, operator)).rejects.toMatchObject({ code });
    expect((await muster.journal.load()).version).toBe(before);
  });

  it("a failover to an unhealthy region, a second one at once, and a failback from home are refused", async () => {
    await begin(
      makePlan({ failover: { steps: [makeStep("a")] }, failback: { kind: "failback", steps: [makeStep("a")] } }),
    );
    const { propose } = muster.core.runs;
    await expect(propose("failback", {}, operator)).rejects.toMatchObject({ code: "nothing-to-fail-back" });
    await propose("failover", { target: "west" }, operator);
    await expect(propose("failover", { target: "west" }, operator)).rejects.toMatchObject({ code: "run-in-progress" });
    await muster.core.runs.abort("run-1", "no", operator);
    await muster.verdict("west", "down");
    await expect(propose("failover", { target: "west" }, operator)).rejects.toMatchObject({ code: "target-unhealthy" });
    await muster.verdict("east", "down");
    await expect(propose("failover", { target: "west" }, operator)).rejects.toMatchObject({
      code: "no-healthy-region",
    });
  });

  it("a dry run from a region to itself says that there is nothing to do", async () => {
    const { records } = { records: { "${{ source.code }}": 1, "${{ target.code }}": 2 } };
    await begin(makePlan({ failback: { kind: "failback", steps: [makeStep("a", { with: { records } })] } }));
    await expect(muster.core.runs.dryRun("failback", {}, operator)).rejects.toMatchObject({
      code: "nothing-to-fail-back",
    });
  });

  it("a dry run writes nothing and shows every step and every refusal", async () => {
    await begin(makePlan({ failover: { steps: [makeStep("a"), makeStep("b", { needs: ["a"] })] } }));
    await muster.verdict("west", "down");
    const before = (await muster.journal.load()).version;
    const dry = await muster.core.runs.dryRun("failover", { target: "west" }, operator);
    expect(dry.steps.map(({ stepId, readiness }) => [stepId, readiness.state])).toEqual([
      ["a", "ready"],
      ["b", "ready"],
    ]);
    expect(dry.refusals.map(({ code }) => code)).toEqual(["target-unhealthy", "last-capacity"]);
    expect((await muster.journal.load()).version).toBe(before);
    expect(board.requests).toEqual([]);
  });
});
