import { afterEach, describe, expect, it } from "vitest";
import { reminderOf } from "../../src/approvals/decide-reminder.ts";
import { describeEvent } from "../../src/events/describe.ts";
import { decide } from "../../src/runs/decide.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { scenes } from "../helpers/scenes.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

describe("a question to people that nobody answers", () => {
  const asked = Date.parse("2030-01-01T00:00:00.000Z");
  const at = (minutes: number) => asked + minutes * 60_000;
  const times = { requestedAt: new Date(asked).toISOString(), expiresAt: new Date(at(20)).toISOString() };

  it("is due again at half its time, more urgently at three quarters, and then only expires", async () => {
    const { current } = await scenes.pending();
    const approval = { ...current().approvals["approval-1"]!, ...times };
    const due = (minutes: number, more: object = {}) => {
      const { event, wakeAt } = reminderOf({ ...approval, ...more }, at(minutes));
      return [event?.key, (wakeAt - asked) / 60_000];
    };
    const reminded = { remindedAt: "then" };
    expect(due(0)).toEqual([undefined, 10]);
    expect(due(9.99)).toEqual([undefined, 10]);
    expect(due(10)).toEqual(["approval/approval-1/reminded", 15]);
    expect(due(10, reminded)).toEqual([undefined, 15]);
    expect(due(15, reminded)).toEqual(["approval/approval-1/escalated", 20]);
    expect(due(16, { ...reminded, escalatedAt: "then" })).toEqual([undefined, 20]);
  });

  it("is told of once, and more urgently, when the server was away over both moments", async () => {
    const { current } = await scenes.pending();
    const approval = { ...current().approvals["approval-1"]!, ...times };
    expect(reminderOf(approval, at(18)).event?.kind).toBe("approval.escalated");
    expect(reminderOf({ ...approval, escalatedAt: "then" }, at(18)).event).toBeUndefined();
  });

  it("is said in words, with how many have decided", async () => {
    const core = await scenes.pending();
    const { expiresAt } = core.current().approvals["approval-1"]!;
    const event = core.emit("approval.escalated", { approvalId: "approval-1", runId: "run-1", expiresAt });
    expect(describeEvent(event, core.current())).toMatch(
      /approval-1 for run-1 is about to expire undecided \(\d of 2 from approver or commander\), at /,
    );
  });
});

describe("reminders in a running server", () => {
  let muster: TestMuster;
  afterEach(() => muster.stop());

  it("wake whoever decides when they are due, and not only at the end", async () => {
    const board = createSwitchboard();
    muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), board);
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    const { approval } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    const from = Date.parse(approval?.requestedAt ?? "");
    const half = (from + Date.parse(approval?.expiresAt ?? "")) / 2;
    const state = await muster.core.state();
    expect(decide(state, from, board.registry.actions).wakeAt).toBe(half);
    const due = decide(state, half, board.registry.actions).events;
    expect(due.map(({ kind }) => kind)).toEqual(["approval.reminded"]);
  });

  it("come once each, in order, before the end", async () => {
    const plan = makePlan({ failover: { steps: [makeStep("a")] } });
    (plan.runbooks.failover as { policy: { expiryMs: number } }).policy.expiryMs = 600;
    muster = startMuster(plan, createSwitchboard());
    muster.start("executor");
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    await muster.core.runs.propose("failover", { target: "west" }, operator);
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "expired");
    const events = await muster.core.journal.query({ kind: "approval" });
    expect(events.map(({ kind }) => kind)).toEqual([
      "approval.requested",
      "approval.reminded",
      "approval.escalated",
      "approval.expired",
    ]);
  });
});
