import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Plan } from "../../src/plans/plan.ts";
import { approvedRun, startExecuting } from "../helpers/executing.ts";
import { approver1, approver2, commander, operator, type TestMuster } from "../helpers/muster.ts";
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

describe("approval", () => {
  it("starts nothing but preparation until two people have approved", async () => {
    await begin(
      makePlan({ failover: { steps: [makeStep("prep", { prepare: true }), makeStep("a", { needs: ["prep"] })] } }),
    );
    const { run: proposed, approval } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    const id = approval?.approvalId ?? "";
    await muster.until(({ runs }) => runs[proposed.runId]?.steps[0]?.phase === "verified");
    await muster.core.approvals.approve(id, [], approver1);
    await expect(muster.core.approvals.approve(id, [], approver1)).rejects.toMatchObject({ code: "already-decided" });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(board.transitions).toEqual(["prep"]);
    await muster.core.approvals.approve(id, [], approver2);
    await muster.until(({ runs }) => runs[proposed.runId]?.phase === "completed");
    expect(board.transitions).toEqual(["prep", "a"]);
  });

  it("is not the requester's to give, nor an operator's", async () => {
    await begin(makePlan({ failover: { steps: [makeStep("a")] } }));
    const { approval } = await muster.core.runs.propose("failover", { target: "west" }, commander);
    const id = approval?.approvalId ?? "";
    await expect(muster.core.approvals.approve(id, [], commander)).rejects.toMatchObject({
      code: "requester-excluded",
    });
    await expect(muster.core.approvals.approve(id, [], operator)).rejects.toMatchObject({ code: "not-allowed" });
    expect((await muster.journal.load()).approvals[id]?.decisions).toEqual([]);
  });

  it("is voided and asked anew when the facts leave the envelope, and the old one takes no decision", async () => {
    await begin(makePlan({ failover: { steps: [makeStep("a")] } }));
    const { run: proposed, approval } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    const id = approval?.approvalId ?? "";
    await muster.core.approvals.approve(id, [], approver1);
    await muster.verdict("east", "down");
    const state = await muster.until(({ approvals }) => approvals[id]?.phase === "voided");
    expect(state.approvals[id]?.changes).toEqual([{ what: "region east", old: "up", new: "down" }]);
    await expect(muster.core.approvals.approve(id, [], approver2)).rejects.toMatchObject({ code: "approval-closed" });
    const successor = Object.values((await muster.journal.load()).approvals).find(({ replaces }) => replaces === id);
    expect(successor).toMatchObject({ phase: "pending", decisions: [], runId: proposed.runId });
    // Who is asked again is shown what is true now.
    expect(proposed.evidence.verdicts.east).toBe("healthy");
    expect(successor?.evidence?.verdicts.east).toBe("down");
    expect(board.transitions).toEqual([]);
  });

  it("halts the next irreversible step when the envelope is left after the start, and goes on when approved anew", async () => {
    board.delays.set("slow", 300);
    await begin(
      makePlan({ failover: { steps: [makeStep("slow"), makeStep("fence", { uses: "test.fence", needs: ["slow"] })] } }),
    );
    const id = await approvedRun(muster);
    await muster.until(({ runs }) => runs[id]?.startedAt !== undefined);
    await muster.verdict("west", "down");
    const state = await muster.until(({ approvals }) =>
      Object.values(approvals).some(({ replaces }) => replaces === "ap-1"),
    );
    expect(board.on.has("fence")).toBe(false);
    const again = Object.values(state.approvals).at(-1)?.approvalId ?? "";
    await muster.core.approvals.approve(again, [], approver1);
    await muster.core.approvals.approve(again, [], approver2);
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
  });

  it("expires, and cancels what it was about", async () => {
    const plan = makePlan({ failover: { steps: [makeStep("a")] } });
    (plan.runbooks.failover as { policy: { expiryMs: number } }).policy.expiryMs = 100;
    await begin(plan);
    const { run: proposed } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    const state = await muster.until(({ runs }) => runs[proposed.runId]?.phase === "cancelled");
    expect(state.approvals["ap-1"]?.phase).toBe("expired");
    expect(board.transitions).toEqual([]);
  });

  it("that is denied cancels the run, with the reason", async () => {
    await begin(makePlan({ failover: { steps: [makeStep("a")] } }));
    const { run: proposed } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    await muster.core.approvals.deny("ap-1", "too risky", approver1);
    const state = await muster.until(({ runs }) => runs[proposed.runId]?.phase === "cancelled");
    expect(state.runs[proposed.runId]?.endReason).toContain("too risky");
  });

  it("must name the fence that cannot be verified, and then goes past it without calling it verified", async () => {
    board.hidden.add("fence");
    await begin(
      makePlan({
        failover: { steps: [makeStep("fence", { uses: "test.fence" }), makeStep("b", { needs: ["fence"] })] },
      }),
    );
    const { run: proposed, approval } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    const id = approval?.approvalId ?? "";
    expect(approval?.mustAccept.map((one) => one.id)).toEqual(["fence:fence"]);
    await expect(muster.core.approvals.approve(id, [], approver1)).rejects.toMatchObject({
      code: "acceptance-missing",
    });
    await muster.core.approvals.approve(id, ["fence:fence"], approver1);
    await muster.core.approvals.approve(id, ["fence:fence"], approver2);
    const state = await muster.until(({ runs }) => runs[proposed.runId]?.phase === "completed");
    expect(state.runs[proposed.runId]?.steps[0]?.phase).toBe("accepted");
    expect(board.requests).toEqual(["b"]);
  });

  it("does not cover a fence that was in sight when people approved: the run halts and asks", async () => {
    board.delays.set("slow", 200);
    await begin(
      makePlan({ failover: { steps: [makeStep("slow"), makeStep("fence", { uses: "test.fence", needs: ["slow"] })] } }),
    );
    const id = await approvedRun(muster);
    board.hidden.add("fence");
    const state = await muster.until(({ runs }) => runs[id]?.phase === "halted");
    expect(state.runs[id]?.steps[1]?.error?.code).toBe("step-unverified");
    await expect(muster.core.runs.skip(id, "fence", "trust me", operator)).rejects.toMatchObject({
      code: "not-allowed",
    });
    await muster.core.runs.skip(id, "fence", "fenced at the firewall", commander);
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
  });
});
