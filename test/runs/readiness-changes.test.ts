import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

describe("readiness", () => {
  let board: Switchboard;
  let muster: TestMuster;
  beforeEach(async () => {
    board = createSwitchboard();
    muster = startMuster(makePlan({ failover: { steps: [makeStep("one"), makeStep("two")] } }), board);
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    await muster.core.readiness();
  });
  afterEach(() => muster.stop());

  async function changes(): Promise<string[]> {
    const events = await muster.journal.read({ after: 0, limit: 100 });
    return events.flatMap(({ kind, data }) => (kind === "readiness.changed" ? [`${data.from} → ${data.to}`] : []));
  }

  it("is said to have changed when something comes in the way of a step, and when it goes", async () => {
    board.hidden.add("one");
    await muster.core.readiness();
    board.hidden.add("two");
    await muster.core.readiness();
    board.hidden.clear();
    await muster.core.readiness();
    expect(await changes()).toEqual([
      "not-assessed → ready",
      "ready → unknown",
      "unknown → unknown",
      "unknown → ready",
    ]);
  });

  it("is not said to have changed because a step has nothing left to do", async () => {
    board.on.add("one");
    await muster.core.readiness();
    board.hidden.add("two");
    await muster.core.readiness();
    board.on.delete("one");
    await muster.core.readiness();
    expect(await changes()).toEqual(["not-assessed → ready", "ready → unknown"]);
  });
});
