import { afterEach, expect, it } from "vitest";
import { roomOf } from "../../src/war-room/views.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

let muster: TestMuster | undefined;
afterEach(() => muster?.stop());

it("people are asked how it goes by a worker of its own, and a run goes to its end meanwhile", async () => {
  const steps = { failover: { steps: [makeStep("a"), makeStep("b", { needs: ["a"] })] } };
  const plan = { ...makePlan(steps), warRoom: { checkInEveryMs: 200 } };
  const started = startMuster(plan, createSwitchboard());
  muster = started;
  await started.say({ key: "plan/1", kind: "plan.adopted", actor: "system:test", data: { plan } });
  started.start("executor", "check-ins");
  await started.verdict("east", "healthy");
  await started.verdict("west", "healthy");
  const { run, approval } = await started.core.runs.propose("failover", { target: "west", reason: "test" }, operator);
  await started.until(({ incidents }) => roomOf(incidents["inc-1"]).checkInCount >= 2);
  for (const principal of ["approver-1", "approver-2"]) {
    await started.core.approvals.approve(approval?.approvalId ?? "", [], { principal, name: "", roles: ["approver"] });
  }
  const { incidents } = await started.until(({ runs }) => runs[run.runId]?.phase === "completed");
  const [first] = roomOf(incidents["inc-1"]).checkIns;
  expect(first).toMatchObject({ checkInId: "inc-1/checkin-1", because: "time" });
  expect(first?.briefing.roadblocks[0]?.what).toContain("0 of 2 approvals");
});
