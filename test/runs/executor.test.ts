import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { mayStart } from "../../src/runs/decide.ts";
import type { RunState } from "../../src/state.ts";
import { approvedRun, startExecuting } from "../helpers/executing.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

const unavailable = new AppError({ code: "vendor-unavailable", summary: "The vendor is away.", retryable: true });

let board: Switchboard;
let muster: TestMuster;

async function begin(plan: Plan): Promise<void> {
  muster = await startExecuting(plan, board);
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
    const id = await approvedRun(muster);
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
    const id = await approvedRun(muster);
    await muster.until(({ runs }) => runs[id]?.steps.every(({ intended }) => intended !== undefined) === true);
    expect(board.requests).toEqual([]);
    resolve();
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(board.requests.toSorted()).toEqual(names);
  });

  it("skips what is already so, without asking the vendor for anything", async () => {
    board.on.add("a");
    await begin(makePlan({ failover: { steps: [makeStep("a"), makeStep("b")] } }));
    const id = await approvedRun(muster);
    const state = await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(board.requests).toEqual(["b"]);
    expect(state.runs[id]?.steps.map(({ alreadySo }) => alreadySo)).toEqual([true, false]);
  });

  it("writes its intent before every effect", async () => {
    await begin(makePlan({ failover: { steps: [makeStep("a"), makeStep("b")] } }));
    const id = await approvedRun(muster);
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    const kinds = (await muster.core.journal.query({ run: id, kind: "step" }))
      .filter(({ data }) => (data as { stepId: string }).stepId === "a")
      .map(({ kind }) => kind);
    expect(kinds).toEqual(["step.started", "step.intended", "step.applied", "step.verified"]);
  });

  it("tries again by itself as often as the plan says, when the error is retryable", async () => {
    board.failures.set("a", { times: 2, error: unavailable });
    await begin(makePlan({ failover: { steps: [makeStep("a", { retries: 2 })] } }));
    const id = await approvedRun(muster);
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
    const id = await approvedRun(muster);
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
    const id = await approvedRun(muster);
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
    const id = await approvedRun(muster);
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
    const id = await approvedRun(muster);
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
    const id = await approvedRun(muster);
    const state = await muster.until(({ runs }) => runs[id]?.phase === "halted");
    expect(state.runs[id]?.steps[0]?.error?.code).toBe("step-timeout");
  });

  it("never sends a `once` action again when its answer was lost, and asks", async () => {
    board.failures.set("a", { times: 1, error: unavailable });
    await begin(makePlan({ failover: { steps: [makeStep("a", { uses: "test.once", retries: 5 })] } }));
    const id = await approvedRun(muster);
    await muster.until(({ runs }) => runs[id]?.phase === "halted");
    expect(board.requests).toEqual(["a"]);
  });

  it("sees a change whose answer was lost, and does not make it twice", async () => {
    board.failures.set("a", { times: 1, error: unavailable, afterActing: true });
    await begin(makePlan({ failover: { steps: [makeStep("a", { retries: 1 })] } }));
    const id = await approvedRun(muster);
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(board.requests).toEqual(["a"]);
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
    const id = await approvedRun(muster);
    await muster.until(({ runs }) => runs[id]?.steps[1]?.intended !== undefined);
    await muster.stop({ keep: true });
    muster = startMuster(plan, board, muster.directory);
    muster.start("executor");
    await muster.until(({ runs }) => runs[id]?.phase === "completed", 8_000);
    expect(board.transitions).toEqual(names);
  });
});
