import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { runCard } from "../../src/cards/run.ts";
import { parseText } from "../../src/commands/parse.ts";
import { runView } from "../../src/commands/run-view.ts";
import { AppError } from "../../src/errors.ts";
import type { Plan, Step } from "../../src/plans/plan.ts";
import type { RunState } from "../../src/state.ts";
import { startExecuting } from "../helpers/executing.ts";
import { approver1, approver2, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;

beforeEach(() => {
  board = createSwitchboard();
});
afterEach(() => muster.stop());

const dial = (id: string, value: number, change: Partial<Step> = {}) =>
  makeStep(id, { uses: "test.dial", with: { name: change.name ?? id, value }, retries: 2, ...change });

/** Scale, two traffic steps on one record, and a step that fails, before a promotion. */
const steps = [
  dial("scale", 10),
  dial("canary", 30, { name: "weight", needs: ["scale"] }),
  dial("more", 70, { name: "weight", needs: ["canary"] }),
  makeStep("fence", { uses: "test.fence", needs: ["more"] }),
  makeStep("stuck", { uses: "test.once", needs: ["fence"] }),
  makeStep("promote", { uses: "test.promote", needs: ["stuck"], pointOfNoReturn: true }),
];

function automatic(given: Step[] = steps): Plan {
  const plan = makePlan({ failover: { steps: given } });
  plan.runbooks.failover!.policy.approval = "automatic";
  return plan;
}

async function begin(plan: Plan): Promise<string> {
  board.dials.set("scale", { value: 2, version: 5 });
  muster = await startExecuting(plan, board);
  return (await muster.core.runs.propose("failover", { target: "west" }, operator)).run.runId;
}

const until = async (id: string, what: (run: RunState) => boolean): Promise<RunState> =>
  (await muster.until(({ runs }) => runs[id] !== undefined && what(runs[id]), 8_000)).runs[id] as RunState;

/** A run that was aborted where its fourth step could not go on. */
async function aborted(plan: Plan = automatic()): Promise<string> {
  const rejected = new AppError({ code: "vendor-rejected", summary: "No." });
  board.failures.set("stuck", { times: 9, error: rejected });
  const id = await begin(plan);
  await until(id, ({ phase }) => phase === "halted");
  await muster.core.runs.abort(id, "enough", operator);
  board.requests.length = 0;
  board.transitions.length = 0;
  return id;
}

/** The buttons of a run that has ended, and in their place why there are none. */
async function offered(id: string): Promise<string[]> {
  const run = (await muster.core.state()).runs[id] as RunState;
  const { buttons = [], text = [] } = runCard(await runView(muster.core, run), operator);
  return [
    ...buttons.map(({ label }) => label),
    ...text.filter((line) => /undo|undone it|came after/.test(line)),
  ].filter((line) => !line.startsWith("The way back"));
}

const values = () => Object.fromEntries([...board.dials].map(([name, { value }]) => [name, value]));

describe("a rollback", () => {
  it("puts back what the run changed, the latest first, and leaves what cannot be undone", async () => {
    const id = await aborted();
    expect(values()).toEqual({ scale: 10, weight: 70 });
    expect(await offered(id)).toEqual(["Roll back"]);
    const { run } = await muster.core.runs.rollback(id, "false alarm", operator);
    expect(await offered(id)).toEqual([`${run.runId} is undoing it.`]);
    expect(run).toMatchObject({ kind: "rollback", rollbackOf: "run-1", source: "west", target: "east" });
    expect(run.evidence.warnings.join()).toContain("fence of run-1 (fence) is not undone");
    const done = await until(run.runId, ({ phase }) => phase === "completed");
    expect(board.transitions).toEqual(["weight=30", "weight=0", "scale=2"]);
    expect(done.steps.map(({ stepId, phase }) => [stepId, phase])).toEqual([
      ["undo-more", "verified"],
      ["undo-canary", "verified"],
      ["undo-scale", "verified"],
    ]);
    expect(board.on.has("fence")).toBe(true);
    expect((await muster.journal.load()).active).toBe("east");
    expect(await offered(id)).toEqual([`${run.runId} has undone it since.`]);
  });

  it("asks the people whom the runbook asks", async () => {
    const id = await begin(makePlan({ failover: { steps: [dial("scale", 10, { prepare: true }), makeStep("b")] } }));
    await until(id, ({ steps: [scale] }) => scale?.phase === "verified");
    await muster.core.approvals.deny("ap-1", "not now", approver1);
    await until(id, ({ phase }) => phase === "cancelled");
    const { run, approval } = await muster.core.runs.rollback(id, "not needed", operator);
    expect(approval).toMatchObject({ quorum: 2, envelope: { runbook: "rollback", source: "west", target: "east" } });
    await muster.core.approvals.approve(approval!.approvalId, [], approver1);
    expect(board.transitions).toEqual(["scale=10"]);
    await muster.core.approvals.approve(approval!.approvalId, [], approver2);
    await until(run.runId, ({ phase }) => phase === "completed");
    expect(values()).toEqual({ scale: 2 });
  });

  it("shows in a dry run what would be put back, and writes nothing", async () => {
    const id = await aborted();
    const before = (await muster.journal.load()).version;
    const dry = await muster.core.runs.dryRunRollback(id);
    expect(dry.steps.map(({ stepId, putsBack, readiness }) => [stepId, putsBack, readiness.state])).toEqual([
      ["undo-more", { value: 30, version: 1 }, "ready"],
      ["undo-canary", { value: 0, version: 0 }, "ready"],
      ["undo-scale", { value: 2, version: 5 }, "ready"],
    ]);
    expect(dry.steps[1]?.readiness.reason).toBe("as soon as undo-more is done");
    expect(dry).toMatchObject({ rollbackOf: id, refusals: [] });
    expect((await muster.journal.load()).version).toBe(before);
    expect(board.requests).toEqual([]);
  });

  it("does not undo what was so already before the run", async () => {
    const plan = automatic([
      dial("scale", 10),
      dial("weight", 30),
      makeStep("stuck", { uses: "test.once", needs: ["scale", "weight"] }),
    ]);
    board.dials.set("weight", { value: 30, version: 1 });
    const id = await aborted(plan);
    const { run } = await muster.core.runs.rollback(id, "no", operator);
    const done = await until(run.runId, ({ phase }) => phase === "completed");
    expect(done.steps.map(({ stepId }) => stepId)).toEqual(["undo-scale"]);
    expect(values()).toEqual({ scale: 2, weight: 30 });
  });

  it("is refused when somebody else has changed something since, and changes nothing", async () => {
    const id = await aborted();
    board.dials.set("weight", { value: 55, version: 9 });
    await expect(muster.core.runs.rollback(id, "no", operator)).rejects.toMatchObject({ code: "readiness-blocked" });
    expect(board.requests).toEqual([]);
  });

  it("halts where somebody else changes something while it goes on, and leaves that alone", async () => {
    const id = await aborted();
    board.delays.set("weight", 200);
    const { run } = await muster.core.runs.rollback(id, "no", operator);
    await until(run.runId, ({ steps: [first] }) => first?.intended !== undefined);
    board.delays.delete("weight");
    board.dials.set("weight", { value: 55, version: 9 });
    const halted = await until(run.runId, ({ phase }) => phase === "halted");
    expect(values()).toEqual({ scale: 10, weight: 55 });
    expect(halted.steps[0]?.error).toMatchObject({ code: "step-blocked" });
    expect(halted.steps[0]?.error?.summary).toContain("somebody else turned it to 55");
    expect(board.transitions).toEqual([]);
  });

  it("that was given up half-way may be asked for again, and goes on with what is left", async () => {
    const id = await aborted();
    board.delays.set("weight", 100);
    const { run } = await muster.core.runs.rollback(id, "no", operator);
    board.dials.set("scale", { value: 55, version: 77 });
    await until(run.runId, ({ phase }) => phase === "halted");
    await muster.core.runs.abort(run.runId, "later", operator);
    board.dials.set("scale", { value: 10, version: 78 });
    const { run: second } = await muster.core.runs.rollback(id, "now", operator);
    expect(second.steps.map(({ stepId }) => stepId)).toEqual(["undo-scale"]);
    await until(second.runId, ({ phase }) => phase === "completed");
    expect(board.transitions).toEqual(["weight=30", "weight=0", "scale=2"]);
  });

  it("goes on after the instance that began it is gone, and undoes nothing twice", async () => {
    const plan = automatic();
    const id = await aborted(plan);
    const lost = new AppError({ code: "vendor-unavailable", summary: "No answer.", retryable: true });
    board.failures.set("weight", { times: 1, error: lost });
    board.delays.set("weight", 150);
    const { run } = await muster.core.runs.rollback(id, "no", operator);
    await until(run.runId, ({ steps: [first] }) => first?.intended !== undefined);
    await muster.stop({ keep: true });
    muster = startMuster(plan, board, muster.directory);
    muster.start("executor");
    await until(run.runId, ({ phase }) => phase === "completed");
    expect(board.transitions).toEqual(["weight=30", "weight=0", "scale=2"]);
  });

  it("covers a step that was left in flight at the abort, where it did take effect", async () => {
    board.delays.set("weight", 300);
    const id = await begin(automatic([dial("weight", 70)]));
    await until(id, ({ steps: [first] }) => first?.intended !== undefined);
    await muster.core.runs.abort(id, "now", operator, { now: true });
    await muster.until(() => board.dials.get("weight")?.value === 70);
    const { run } = await muster.core.runs.rollback(id, "no", operator);
    await until(run.runId, ({ phase }) => phase === "completed");
    expect(values()).toMatchObject({ weight: 0 });
  });
});

describe("a rollback is refused", () => {
  it("for a run that is not there, that goes on, that changed nothing, or that is a rollback", async () => {
    const id = await aborted();
    const { rollback, dryRunRollback, propose, abort } = muster.core.runs;
    await expect(rollback("run-9", "no", operator)).rejects.toMatchObject({ code: "unknown-run" });
    await expect(dryRunRollback("run-9")).rejects.toMatchObject({ code: "unknown-run" });
    const { run } = await rollback(id, "no", operator);
    await expect(rollback(run.runId, "no", operator)).rejects.toMatchObject({ code: "wrong-state" });
    await expect(rollback(id, "again", operator)).rejects.toMatchObject({ code: "run-in-progress" });
    await until(run.runId, ({ phase }) => phase === "completed");
    await expect(rollback(run.runId, "no", operator)).rejects.toMatchObject({ code: "nothing-to-roll-back" });
    // All is as it was: there is nothing left to undo.
    await expect(rollback(id, "again", operator)).rejects.toMatchObject({ code: "nothing-to-roll-back" });
    board.on.add("stuck");
    board.hidden.add("scale");
    const { run: idle } = await propose("failover", { target: "west" }, operator);
    await until(idle.runId, ({ steps: [first] }) => first?.phase === "running");
    await abort(idle.runId, "no", operator);
    await until(idle.runId, ({ phase }) => phase === "aborted");
    await expect(rollback(idle.runId, "no", operator)).rejects.toMatchObject({ code: "nothing-to-roll-back" });
  });

  it("behind the point of no return, and names the way back", async () => {
    const id = await begin(automatic());
    await until(id, ({ phase }) => phase === "completed");
    const before = (await muster.journal.load()).version;
    const error = await muster.core.runs.rollback(id, "no", operator).catch((thrown: AppError) => thrown);
    expect(error).toMatchObject({ code: "past-no-return" });
    expect((error as AppError).hint).toContain("failback");
    expect((await muster.journal.load()).version).toBe(before);
  });

  it("where the promotion was sent and nobody knows whether it took effect", async () => {
    board.settling.set("promote", 60_000);
    const id = await begin(
      automatic([
        dial("scale", 10),
        makeStep("promote", { uses: "test.promote", needs: ["scale"], pointOfNoReturn: true }),
      ]),
    );
    await until(id, ({ steps: [, promote] }) => promote?.intended !== undefined);
    await muster.core.runs.abort(id, "now", operator, { now: true });
    await expect(muster.core.runs.rollback(id, "no", operator)).rejects.toMatchObject({ code: "past-no-return" });
  });

  it("while the region that it would go back to is not seen healthy", async () => {
    const id = await aborted();
    await muster.verdict("east", "down");
    const refused = muster.core.runs.rollback(id, "no", operator);
    // Its command has no flag to break the glass with, so nobody is sent there.
    const hint = expect.not.stringContaining("--break-glass");
    await expect(refused).rejects.toMatchObject({ code: "target-unhealthy", hint });
    expect(values()).toEqual({ scale: 10, weight: 70 });
  });

  it("during a change freeze, unless a commander overrides that and says why", async () => {
    const id = await aborted();
    await muster.core.locks.lock({ reason: "a migration" }, operator);
    const { rollback } = muster.core.runs;
    await expect(rollback(id, "clients wait", operator)).rejects.toMatchObject({ code: "locked" });
    const inSpite = { overrideLock: true };
    await expect(rollback(id, "clients wait", operator, inSpite)).rejects.toMatchObject({ code: "not-allowed" });
    expect(values()).toEqual({ scale: 10, weight: 70 });
    const line = `rollback ${id} --override-lock --reason "clients wait"`;
    expect(parseText(commands, line).input).toMatchObject({ overrideLock: true, reason: "clients wait" });
    const { run } = await rollback(id, "clients wait", commander, inSpite);
    await until(run.runId, ({ phase }) => phase === "completed");
    expect(values()).toEqual({ scale: 2, weight: 0 });
    expect(await muster.core.journal.query({ kind: "lock.overridden" })).toHaveLength(1);
  });

  it("while a later run relies on what it changed", async () => {
    const id = await aborted();
    board.failures.delete("stuck");
    const { run } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    await until(run.runId, ({ phase }) => phase === "completed");
    await expect(muster.core.runs.rollback(id, "no", operator)).rejects.toMatchObject({ code: "wrong-state" });
    expect(await offered(id)).toEqual([`${run.runId} came after it and may rely on what it changed.`]);
  });
});
