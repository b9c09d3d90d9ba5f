import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import type { Plan, Step } from "../../src/plans/plan.ts";
import type { RunState, StepState } from "../../src/state.ts";
import { startExecuting } from "../helpers/executing.ts";
import { approver1, approver2, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

/** What people do to a run while it goes on: pause, resume, abort. */
let board: Switchboard;
let muster: TestMuster;

beforeEach(() => {
  board = createSwitchboard();
});
afterEach(() => muster.stop());

function automatic(steps: Step[]): Plan {
  const plan = makePlan({ failover: { steps } });
  plan.runbooks.failover!.policy.approval = "automatic";
  return plan;
}

async function begin(plan: Plan): Promise<string> {
  muster = await startExecuting(plan, board);
  return (await muster.core.runs.propose("failover", { target: "west" }, operator)).run.runId;
}

const until = async (id: string, what: (run: RunState) => boolean): Promise<RunState> =>
  (await muster.until(({ runs }) => runs[id] !== undefined && what(runs[id]))).runs[id] as RunState;
const stepOf = ({ steps }: RunState, stepId: string): StepState => steps.find((step) => step.stepId === stepId)!;
const sent = (id: string, stepId: string) => until(id, (run) => stepOf(run, stepId).intended !== undefined);
/** Calls this in an attempt between what was seen and the intent that would follow from it. */
function onLook(id: string, then: () => Promise<unknown>): void {
  const action = board.registry.actions.get(id)!;
  const assess: typeof action.assess = async (input, context) => {
    const seen = await action.assess(input, context);
    if (context.startedAt !== undefined) await then();
    return seen;
  };
  board.registry = { ...board.registry, actions: new Map(board.registry.actions).set(id, { ...action, assess }) };
}
/** Long enough for a step that wrongly starts to have asked the board for something. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 300));
/** Long enough for people to pause a step in it on a busy machine. */
const STEP_MS = 1_000;
const longerThanTheStepHas = () => new Promise((resolve) => setTimeout(resolve, STEP_MS + 200));

describe("while a run is paused", () => {
  it("what was sent is verified, nothing else starts, and why says who holds it and why", async () => {
    board.settling.set("a", 200);
    const id = await begin(automatic([makeStep("a"), makeStep("b", { needs: ["a"] })]));
    await sent(id, "a");
    await muster.core.runs.pause(id, "the region answers again", operator);
    const run = await until(id, (now) => stepOf(now, "a").phase === "verified");
    await aWhile();
    expect(board.requests).toEqual(["a"]);
    expect(run).toMatchObject({ phase: "running", paused: { by: "operator", reason: "the region answers again" } });
    const { waiting } = await muster.core.runs.why(id);
    expect(waiting).toHaveLength(1);
    expect(waiting[0]?.because).toMatch(/^paused by operator at .*: the region answers again; "resume run-1"/);
    await muster.core.runs.resume(id, operator);
    await until(id, ({ phase }) => phase === "completed");
    expect(board.transitions).toEqual(["a", "b"]);
  });

  it("a step that has started and looked, but sent nothing, sends nothing until it is resumed", async () => {
    let holding: Promise<unknown> | undefined;
    onLook("test.switch", () => {
      holding ??= muster.core.runs.pause("run-1", "wait", operator);
      return holding;
    });
    const id = await begin(automatic([makeStep("a", { timeoutMs: STEP_MS })]));
    await until(id, ({ paused }) => paused !== undefined);
    await longerThanTheStepHas();
    expect(board.requests).toEqual([]);
    // Its time has passed by the clock, but it stood still.
    expect(stepOf(await until(id, () => true), "a").phase).toBe("running");
    await muster.core.runs.resume(id, operator);
    await until(id, ({ phase }) => phase === "completed");
    expect(board.requests).toEqual(["a"]);
  });

  it("a step that hangs does not time out, and does when its own time is over after the resume", async () => {
    board.settling.set("a", 60_000);
    const id = await begin(automatic([makeStep("a", { timeoutMs: STEP_MS })]));
    await sent(id, "a");
    await muster.core.runs.pause(id, "wait", operator);
    await longerThanTheStepHas();
    expect(stepOf(await until(id, () => true), "a").phase).toBe("running");
    await muster.core.runs.resume(id, operator);
    const run = await until(id, ({ phase }) => phase === "halted");
    expect(stepOf(run, "a").error?.code).toBe("step-timeout");
  });

  it("a look that ends the attempt ends it only after the resume", async () => {
    board.settling.set("a", 60_000);
    let broken = false;
    onLook("test.switch", async () => {
      if (broken) throw new AppError({ code: "error-rate", summary: "Too many errors." });
    });
    const id = await begin(automatic([makeStep("a")]));
    await sent(id, "a");
    await muster.core.runs.pause(id, "wait", operator);
    broken = true;
    await aWhile();
    expect(stepOf(await until(id, () => true), "a").phase).toBe("running");
    await muster.core.runs.resume(id, operator);
    const run = await until(id, ({ phase }) => phase === "halted");
    expect(stepOf(run, "a").error?.code).toBe("error-rate");
  });

  it("no attempt follows a failure until it is resumed", async () => {
    const away = new AppError({ code: "vendor-unavailable", summary: "The vendor is away.", retryable: true });
    board.failures.set("a", { times: 1, error: away });
    board.delays.set("a", 150);
    const id = await begin(automatic([makeStep("a", { retries: 3 })]));
    await sent(id, "a");
    await muster.core.runs.pause(id, "wait", operator);
    await until(id, (run) => stepOf(run, "a").phase === "retrying");
    await aWhile();
    expect(board.requests).toEqual(["a"]);
    await muster.core.runs.resume(id, operator);
    await until(id, ({ phase }) => phase === "completed");
  });

  it("it does not start either, though its approval was granted meanwhile", async () => {
    const plan = makePlan({ failover: { steps: [makeStep("p", { prepare: true }), makeStep("b", { needs: ["p"] })] } });
    board.delays.set("p", 200);
    const id = await begin(plan);
    await muster.core.runs.pause(id, "not yet", operator);
    await muster.core.approvals.approve("ap-1", [], approver1);
    await muster.core.approvals.approve("ap-1", [], approver2);
    await aWhile();
    expect((await until(id, () => true)).startedAt).toBeUndefined();
    expect(board.requests.includes("b")).toBe(false);
    await muster.core.runs.resume(id, operator);
    await until(id, ({ phase }) => phase === "completed");
  });

  it("a step that cannot be undone looks at the envelope again before it sends, however long ago it had started", async () => {
    let holding: Promise<unknown> | undefined;
    onLook("test.fence", () => {
      holding ??= muster.core.runs.pause("run-1", "wait", operator);
      return holding;
    });
    const id = await begin(makePlan({ failover: { steps: [makeStep("fence", { uses: "test.fence" })] } }));
    await muster.core.approvals.approve("ap-1", [], approver1);
    await muster.core.approvals.approve("ap-1", [], approver2);
    await until(id, ({ paused }) => paused !== undefined);
    await muster.verdict("west", "down");
    await muster.core.runs.resume(id, operator);
    const run = await until(id, ({ phase }) => phase === "halted");
    expect(stepOf(run, "fence").error?.code).toBe("envelope-left");
    expect(board.requests).toEqual([]);
  });

  it("a successor starts nothing either", async () => {
    board.settling.set("a", 100);
    const plan = automatic([makeStep("a"), makeStep("b", { needs: ["a"] })]);
    const id = await begin(plan);
    await sent(id, "a");
    await muster.core.runs.pause(id, "wait", operator);
    await muster.stop({ keep: true });
    muster = startMuster(plan, board, muster.directory);
    muster.start("executor");
    await muster.until(({ runs }) => stepOf(runs[id]!, "a").phase === "verified", 8_000);
    await aWhile();
    expect(board.requests).toEqual(["a"]);
  });
});

describe("an abort", () => {
  it("lets what was sent be verified, applies nothing more, and ends when nothing is in flight", async () => {
    board.settling.set("a", 300);
    const id = await begin(
      automatic([makeStep("a"), makeStep("b", { needs: ["a"] }), makeStep("c", { needs: ["a"] })]),
    );
    await sent(id, "a");
    const aborting = await muster.core.runs.abort(id, "false alarm", operator);
    expect(aborting).toMatchObject({ phase: "aborting", aborting: { by: "operator", inFlight: ["a"] } });
    const run = await until(id, ({ phase }) => phase === "aborted");
    await aWhile();
    expect(board.requests).toEqual(["a"]);
    expect(run.steps.map(({ phase }) => phase)).toEqual(["verified", "pending", "pending"]);
    expect(run.endReason).toBe("false alarm");
  });

  it("goes on looking at what was sent when one look ends in an error", async () => {
    board.settling.set("a", 400);
    let broken = 0;
    onLook("test.switch", async () => {
      if (broken-- > 0) throw new AppError({ code: "error-rate", summary: "Too many errors." });
    });
    const id = await begin(automatic([makeStep("a")]));
    await sent(id, "a");
    await muster.core.runs.abort(id, "false alarm", operator);
    broken = 1;
    const run = await until(id, ({ phase }) => phase === "aborted");
    expect(stepOf(run, "a").phase).toBe("verified");
  });

  it("sends nothing for a step that had only looked when it came", async () => {
    let ending: Promise<unknown> | undefined;
    onLook("test.switch", () => {
      ending ??= muster.core.runs.abort("run-1", "no", operator);
      return ending;
    });
    const id = await begin(automatic([makeStep("a")]));
    const run = await until(id, ({ phase }) => phase === "aborted");
    expect(board.requests).toEqual([]);
    expect(stepOf(run, "a")).toMatchObject({ phase: "stopped", stopped: { sent: false } });
  });

  it("does not wait where the action says that a step may be left, and keeps how it was last seen", async () => {
    board.settling.set("a", 60_000);
    const id = await begin(automatic([makeStep("a", { uses: "test.left", timeoutMs: 60_000 })]));
    await sent(id, "a");
    await muster.core.runs.abort(id, "no", operator);
    const run = await until(id, ({ phase }) => phase === "aborted");
    expect(stepOf(run, "a")).toMatchObject({
      phase: "stopped",
      stopped: { sent: true, state: "moving" },
      seen: { on: false },
    });
  });

  it("gives up a step that never gets there when its time is over, and does not call that a failure", async () => {
    board.settling.set("a", 60_000);
    const id = await begin(automatic([makeStep("a", { timeoutMs: 400, retries: 5 })]));
    await sent(id, "a");
    await muster.core.runs.abort(id, "no", operator);
    const run = await until(id, ({ phase }) => phase === "aborted");
    expect(stepOf(run, "a")).toMatchObject({ phase: "stopped", stopped: { sent: true, state: "moving" } });
    expect(stepOf(run, "a").reason).toContain("may still take effect");
  });

  it("looks for what became of a request whose answer was lost, and does not send it again", async () => {
    const lost = new AppError({ code: "vendor-unavailable", summary: "No answer.", retryable: true });
    board.failures.set("a", { times: 1, error: lost, afterActing: true });
    board.delays.set("a", 200);
    const id = await begin(automatic([makeStep("a", { retries: 5 })]));
    await sent(id, "a");
    await muster.core.runs.abort(id, "no", operator);
    const run = await until(id, ({ phase }) => phase === "aborted");
    expect(stepOf(run, "a").phase).toBe("verified");
    expect(board.requests).toEqual(["a"]);
  });

  it("with --now ends at once and leaves what is in flight as not known", async () => {
    board.settling.set("a", 60_000);
    const id = await begin(automatic([makeStep("a")]));
    await sent(id, "a");
    const run = await muster.core.runs.abort(id, "no time", operator, { now: true });
    expect(run.phase).toBe("aborted");
    expect(stepOf(run, "a")).toMatchObject({ phase: "stopped", stopped: { sent: true, state: "unknown" } });
  });

  it("that waits may be ended with --now, and not be asked for twice", async () => {
    board.settling.set("a", 60_000);
    const id = await begin(automatic([makeStep("a", { timeoutMs: 60_000 })]));
    await sent(id, "a");
    await muster.core.runs.abort(id, "no", operator);
    await expect(muster.core.runs.abort(id, "no", operator)).rejects.toMatchObject({ code: "wrong-state" });
    await expect(muster.core.runs.pause(id, "no", operator)).rejects.toMatchObject({ code: "wrong-state" });
    await expect(muster.core.runs.retry(id, "a", operator)).rejects.toMatchObject({ code: "wrong-state" });
    const { waiting } = await muster.core.runs.why(id);
    expect(waiting[0]?.because).toContain("the run ends when it is known what became of it");
    await muster.core.runs.abort(id, "no time", operator, { now: true });
    expect((await until(id, () => true)).phase).toBe("aborted");
  });

  it("of a paused run ends it, and no retry that was due follows", async () => {
    const away = new AppError({ code: "vendor-unavailable", summary: "The vendor is away.", retryable: true });
    board.failures.set("a", { times: 9, error: away });
    const id = await begin(automatic([makeStep("a", { retries: 9, retryAfterMs: 200 })]));
    await until(id, (run) => stepOf(run, "a").phase === "retrying");
    await muster.core.runs.pause(id, "wait", operator);
    const run = await muster.core.runs.abort(id, "no", operator);
    await aWhile();
    expect(run).toMatchObject({ phase: "aborted" });
    expect(run.paused).toBeUndefined();
    expect(stepOf(run, "a").phase).toBe("failed");
    expect(board.requests.length).toBeLessThanOrEqual(2);
  });

  it("of a paused run waits no longer for what is in flight than the step's own time", async () => {
    board.settling.set("a", 60_000);
    const id = await begin(automatic([makeStep("a", { timeoutMs: 600 })]));
    await sent(id, "a");
    await muster.core.runs.pause(id, "wait", operator);
    await aWhile();
    await muster.core.runs.abort(id, "the region is back", operator);
    const run = await until(id, ({ phase }) => phase === "aborted");
    expect(stepOf(run, "a")).toMatchObject({ phase: "stopped", stopped: { sent: true, state: "moving" } });
  });

  it("before the start, and a denial, let a step that prepares come to its end and cancel the run", async () => {
    board.settling.set("p", 200);
    const id = await begin(makePlan({ failover: { steps: [makeStep("p", { prepare: true }), makeStep("b")] } }));
    await sent(id, "p");
    await muster.core.approvals.deny("ap-1", "not now", approver1);
    const run = await until(id, ({ phase }) => phase === "cancelled");
    expect(run.endReason).toContain("not now");
    expect(stepOf(run, "p").phase).toBe("verified");
    expect(board.requests).toEqual(["p"]);
  });

  it("is finished by a successor", async () => {
    board.settling.set("a", 200);
    const plan = automatic([makeStep("a"), makeStep("b", { needs: ["a"] })]);
    const id = await begin(plan);
    await sent(id, "a");
    await muster.core.runs.abort(id, "no", operator);
    await muster.stop({ keep: true });
    muster = startMuster(plan, board, muster.directory);
    muster.start("executor");
    const state = await muster.until(({ runs }) => runs[id]?.phase === "aborted", 8_000);
    expect(stepOf(state.runs[id]!, "a").phase).toBe("verified");
    expect(board.requests).toEqual(["a"]);
  });
});

describe("bad requests", () => {
  it("about a run that is not there, that has ended, or that is not paused are refused, and nothing is written", async () => {
    const id = await begin(automatic([makeStep("a")]));
    await until(id, ({ phase }) => phase === "completed");
    const before = (await muster.journal.load()).version;
    const { pause, resume, abort } = muster.core.runs;
    await expect(pause("run-9", "no", operator)).rejects.toMatchObject({ code: "unknown-run" });
    await expect(resume("run-9", operator)).rejects.toMatchObject({ code: "unknown-run" });
    for (const asked of [pause(id, "no", operator), resume(id, operator), abort(id, "no", operator)])
      await expect(asked).rejects.toMatchObject({ code: "wrong-state" });
    expect((await muster.journal.load()).version).toBe(before);
  });

  it("to pause twice and to resume what is not paused are refused, and say what to do", async () => {
    board.settling.set("a", 60_000);
    const id = await begin(automatic([makeStep("a")]));
    await sent(id, "a");
    const { pause, resume } = muster.core.runs;
    await expect(resume(id, operator)).rejects.toMatchObject({ code: "wrong-state", summary: "run-1 is not paused." });
    await pause(id, "wait", operator);
    const twice = await pause(id, "again", operator).catch((error: AppError) => error);
    expect(twice).toMatchObject({ code: "wrong-state" });
    expect((twice as AppError).hint).toContain("resume run-1");
  });
});
