import { afterEach, beforeEach, expect, it } from "vitest";
import { homeCards } from "../../src/chat/home.ts";
import type { Caller } from "../../src/core.ts";
import { approver1, approver2, commander, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

let muster: TestMuster;

beforeEach(async () => {
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard());
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
});
afterEach(() => muster.stop());

const asked = async (caller: Caller) =>
  (await homeCards(muster.core, caller)).filter(({ title }) => title.startsWith("Approve?")).length;

it("a person's page asks only who may decide and has not", async () => {
  await muster.core.runs.propose("failover", { target: "west" }, commander);
  await muster.core.approvals.approve("ap-1", [], approver2);
  expect(await asked(approver1)).toBe(1);
  expect(await asked(approver2)).toBe(0);
  // Who asked for the run may not decide on it, whatever roles they have.
  expect(await asked(commander)).toBe(0);
});
