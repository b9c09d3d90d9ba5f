import type { Plan } from "../../src/plans/plan.ts";
import { approver1, approver2, operator, startMuster, type TestMuster } from "./muster.ts";
import type { Switchboard } from "./switchboard.ts";

/** A Muster that executes, and has seen both regions well. */
export async function startExecuting(plan: Plan, board: Switchboard): Promise<TestMuster> {
  const muster = startMuster(plan, board);
  muster.start("executor");
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  return muster;
}

/** Proposed by the operator, approved by two. */
export async function approvedRun({ core }: TestMuster, target = "west"): Promise<string> {
  const { run, approval } = await core.runs.propose("failover", { target, reason: "a test" }, operator);
  if (approval) {
    const accepted = approval.mustAccept.map(({ id }) => id);
    await core.approvals.approve(approval.approvalId, accepted, approver1);
    await core.approvals.approve(approval.approvalId, accepted, approver2);
  }
  return run.runId;
}
