import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { mayStart } from "../../src/runs/decide.ts";
import type { RunState } from "../../src/state.ts";
import { approver1, approver2, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

const unavailable = new AppError({ code: "vendor-unavailable", summary: "The vendor is away.", retryable: true });

let board: Switchboard;
let muster: TestMuster;

async function begin(plan: Plan): Promise<void> {
  muster = startMuster(plan, board);
  muster.start("executor");
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
}

/** Proposed by the operator, approved by two. */
async function run(target = "west"): Promise<string> {
  const { run, approval } = await muster.core.runs.propose("failover", { target, reason: "a test" }, operator);
  if (approval) {
    const accepted = approval.mustAccept.map(({ id }) => id);
    await muster.core.approvals.approve(approval.approvalId, accepted, approver1);
    await muster.core.approvals.approve(approval.approvalId, accepted, approver2);
  }
  return run.runId;
}

beforeEach(() => {
  board = createSwitchboard();
});

afterEach(() => muster.stop());

describe("a run", () => {
  it("performs every step once its needs are met, and moves the active region when it completes", async () => {
    await begin(
      makePlan({
        failover: { steps: [makeStep("a"), makeStep("b", { needs: ["a"] }), makeStep("c", { needs: ["a", "b"] })] },
      }),
    );
    const id = await run();
    const state = await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(board.transitions).toEqual(["a", "b", "c"]);
    expect(board.requests).toEqual(board.transitions);
    expect(state.active).toBe("west");
  });

  it("starts independent steps at the same time", async () => {
    const names = ["a", "b", "c", "d"];
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const name of names) board.gates.set(name, promise);
    await begin(makePlan({ failover: { steps: names.map((name) => makeStep(name)) } }));
    const id = await run();
    await muster.until(({ runs }) => runs[id]?.steps.every(({ intended }) => intended !== undefined) === true);
    expect(board.requests).toEqual([]);
    resolve();
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(board.requests.toSorted()).toEqual(names);
  });

  it("skips what is already so, without asking the vendor for anything", async () => {
    board.on.add("a");
    await begin(makePlan({ failover: { steps: [makeStep("a"), makeStep("b")] } }));
    const id = await run();
    const state = await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(board.requests).toEqual(["b"]);
    expect(state.runs[id]?.steps.map(({ alreadySo }) => alreadySo)).toEqual([true, false]);
  });

  it("writes its intent before every effect", async () => {
    await begin(makePlan({ failover: { steps: [makeStep("a"), makeStep("b")] } }));
    const id = await run();
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    const kinds = (await muster.core.journal.query({ run: id, kind: "step" }))
      .filter(({ data }) => (data as { stepId: string }).stepId === "a")
      .map(({ kind }) => kind);
    expect(kinds).toEqual(["step.started", "step.intended", "step.applied", "step.verified"]);
  });

  it("tries again by itself as often as the plan says, when the error is retryable", async () => {
    board.failures.set("a", { times: 2, error: unavailable });
    await begin(makePlan({ failover: { steps: [makeStep("a", { retries: 2 })] } }));
    const id = await run();
    const state = await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(state.runs[id]?.steps[0]?.attempt).toBe(3);
  });

  it("halts when the retries are used up, lets other branches go on, and goes on after a person's retry", async () => {
    board.failures.set("a", { times: 2, error: unavailable });
    await begin(
      makePlan({
        failover: { steps: [makeStep("a", { retries: 1 }), makeStep("after-a", { needs: ["a"] }), makeStep("b")] },
      }),
    );
    const id = await run();
    await muster.until(({ runs }) => runs[id]?.phase === "halted" && board.on.has("b"));
    expect(board.on.has("after-a")).toBe(false);
    const { waiting } = await muster.core.runs.why(id);
    expect(waiting.map(({ because }) => because).join("\n")).toContain("A person must retry, skip or abort");
    await muster.core.runs.retry(id, "a", operator);
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
  });

  it("does not count an error that is not retryable as a reason to try again", async () => {
    const rejected = new AppError({ code: "vendor-rejected", summary: "No such thing." });
    board.failures.set("a", { times: 9, error: rejected });
    await begin(makePlan({ failover: { steps: [makeStep("a", { retries: 5 })] } }));
    const id = await run();
    await muster.until(({ runs }) => runs[id]?.phase === "halted");
    expect(board.requests).toEqual(["a"]);
  });

  it("goes on after a skip with its reason, and after an abort does nothing more", async () => {
    board.failures.set("a", { times: 9, error: unavailable });
    await begin(
      makePlan({
        failover: { steps: [makeStep("a"), makeStep("b", { needs: ["a"] }), makeStep("c", { needs: ["b"] })] },
      }),
    );
    board.delays.set("b", 300);
    const id = await run();
    await muster.until(({ runs }) => runs[id]?.phase === "halted");
    await muster.core.runs.skip(id, "a", "done by hand", operator);
    await muster.until(({ runs }) => runs[id]?.steps[1]?.intended !== undefined);
    await muster.core.runs.abort(id, "enough", operator);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const state = await muster.journal.load();
    expect(state.runs[id]?.phase).toBe("aborted");
    expect(state.active).toBe("east");
    expect(board.on.has("c")).toBe(false);
  });

  it("does not start a step that was skipped or started between the decision and the append", async () => {
    await begin(makePlan({ failover: { steps: [makeStep("a")] } }));
    const id = await run();
    const { runs, ...state } = await muster.until(({ runs }) => runs[id]?.phase === "completed");
    const done = runs[id] as RunState;
    const actions = board.registry.actions;
    for (const phase of ["pending", "retrying", "running", "failed", "verified", "accepted", "skipped"] as const) {
      const steps = done.steps.map((step) => ({ ...step, phase }));
      const gate = mayStart({ ...state, runs }, { ...done, steps }, makeStep("a"), Date.now(), actions);
      expect([phase, gate.start]).toEqual([phase, phase === "pending" || phase === "retrying"]);
    }
  });

  it("ends a step that does not get there in the plan's time", async () => {
    await begin(makePlan({ failover: { steps: [makeStep("never", { uses: "test.check", timeoutMs: 100 })] } }));
    const id = await run();
    const state = await muster.until(({ runs }) => runs[id]?.phase === "halted");
    expect(state.runs[id]?.steps[0]?.error?.code).toBe("step-timeout");
  });

  it("never sends a `once` action again when its answer was lost, and asks", async () => {
    board.failures.set("a", { times: 1, error: unavailable });
    await begin(makePlan({ failover: { steps: [makeStep("a", { uses: "test.once", retries: 5 })] } }));
    const id = await run();
    await muster.until(({ runs }) => runs[id]?.phase === "halted");
    expect(board.requests).toEqual(["a"]);
  });

  it("sees a change whose answer was lost, and does not make it twice", async () => {
    board.failures.set("a", { times: 1, error: unavailable, afterActing: true });
    await begin(makePlan({ failover: { steps: [makeStep("a", { retries: 1 })] } }));
    const id = await run();
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(board.requests).toEqual(["a"]);
  });
});

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
    const id = await run();
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
    const id = await run();
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

describe("a successor", () => {
  it("finishes what an instance left in the middle, without doing anything twice", async () => {
    const names = ["a", "b", "c", "d"];
    for (const name of names) board.delays.set(name, 100);
    const plan = makePlan({
      failover: { steps: names.map((name, at) => makeStep(name, { needs: names.slice(Math.max(0, at - 1), at) })) },
    });
    await begin(plan);
    const id = await run();
    await muster.until(({ runs }) => runs[id]?.steps[1]?.intended !== undefined);
    await muster.stop({ keep: true });
    muster = startMuster(plan, board, muster.directory);
    muster.start("executor");
    await muster.until(({ runs }) => runs[id]?.phase === "completed", 8_000);
    expect(board.transitions).toEqual(names);
  });
});

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
