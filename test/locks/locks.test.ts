import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { approvalCard } from "../../src/cards/approval.ts";
import { lockCard } from "../../src/cards/lock.ts";
import { readinessCard } from "../../src/cards/readiness.ts";
import { runCard } from "../../src/cards/run.ts";
import { statusCard } from "../../src/cards/status.ts";
import { statusView } from "../../src/cards/status-view.ts";
import { parseText } from "../../src/commands/parse.ts";
import { runView } from "../../src/commands/run-view.ts";
import { decideIncidents } from "../../src/incidents/decide.ts";
import { decideLock } from "../../src/locks/decide.ts";
import type { AppState } from "../../src/state.ts";
import { known } from "../helpers/core.ts";
import { liftWest, quarantineWest } from "../helpers/guarded-world.ts";
import { approver1, approver2, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const plan = makePlan({
  failover: { steps: [makeStep("a")], trigger: "region-down" },
  rejoin: {
    kind: "rejoin",
    trigger: "region-returned",
    steps: [makeStep("fence")],
    policy: { approval: "automatic", quorum: 1, roles: ["approver"], excludeRequester: true, expiryMs: 60_000 },
  },
});
const anotherOperator = { ...operator, principal: "operator-2" };
const reason = "a migration is under way";

let muster: TestMuster;
beforeEach(async () => {
  muster = startMuster(plan, createSwitchboard());
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
});
afterEach(() => muster.stop());

const failover = (change: object = {}, caller = operator) =>
  muster.core.runs.propose("failover", { target: "west", ...change }, caller);
const version = async () => (await muster.journal.load()).version;

describe("a lock", () => {
  it("refuses new runs and drills, says who set it and why, and lets them through when it is lifted", async () => {
    await muster.core.locks.lock({ reason }, operator);
    const before = await version();
    for (const rehearsal of [false, true]) {
      await expect(failover({ rehearsal })).rejects.toMatchObject({
        code: "locked",
        summary: expect.stringMatching(/locked by operator since .*: a migration is under way/),
      });
    }
    expect((await muster.core.runs.dryRun("failover", { target: "west" }, operator)).refusals[0]?.code).toBe("locked");
    expect(await version()).toBe(before);
    await muster.core.locks.unlock("it is through", operator);
    await expect(failover()).resolves.toMatchObject({ run: { phase: "proposed" } });
  });

  it("keeps a failover from proposing itself until it ends", async () => {
    const locked = await muster.core.locks.lock({ reason }, operator);
    muster.start("executor");
    await muster.verdict("east", "down");
    await muster.until(({ openIncidentId }) => openIncidentId !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await muster.journal.load()).runs).toEqual({});
    expect(locked.lock?.by).toBe("operator");
    await muster.core.locks.unlock(undefined, operator);
    await muster.until(({ runs }) => runs["run-1"]?.requester === "system:detector");
  });

  it("does not keep a region that returns from being fenced: two primaries are worse than a change", async () => {
    await muster.core.locks.lock({ reason }, operator);
    await muster.say(quarantineWest());
    muster.start("executor");
    await muster.until(({ runs }) => runs["run-1"]?.runbook === "rejoin" && runs["run-1"].phase === "completed");
  });

  it("does not stop what is in flight, and says so", async () => {
    const { run, approval } = await failover();
    muster.start("executor");
    const state = await muster.core.locks.lock({ reason }, operator);
    const view = { lock: state.lock!, runs: [run], at: new Date().toISOString() };
    expect(lockCard(view).text?.join(" ")).toContain("run-1 (Failover east → west, proposed) is in flight and goes on");
    for (const one of [approver1, approver2]) await muster.core.approvals.approve(approval!.approvalId, [], one);
    await muster.until(({ runs }) => runs["run-1"]?.phase === "completed");
  });

  it("ends by itself when it was set for a time", async () => {
    muster.start("executor");
    await muster.core.locks.lock({ reason, forMs: 300 }, operator);
    await expect(failover()).rejects.toMatchObject({ code: "locked" });
    await muster.until(({ lock }) => lock === undefined);
    const state = await muster.journal.load();
    expect(decideLock(state, Date.now())).toEqual({ events: [] });
    await failover();
  });

  it("is shown wherever people look", async () => {
    const { run } = await failover();
    const state = await muster.core.locks.lock({ reason, forMs: 7_200_000 }, operator);
    const at = new Date().toISOString();
    const status = statusCard(statusView(known(state), plan, at));
    expect(status.title).toContain("LOCKED by operator");
    const shown = [
      status,
      readinessCard({ readiness: [], lock: state.lock!, at }),
      runCard(await runView(muster.core, run)),
      ...(await Promise.all(["why run-1", "readiness", "status", "run run-1"].map(cardOf))),
    ];
    for (const { text } of shown)
      expect(text?.join(" ")).toMatch(/LOCKED by operator since .*until .*a migration is under way/);
  });
});

async function cardOf(line: string) {
  const { command, input } = parseText(commands, line);
  return command.present(await command.run(input, muster.core, operator), operator);
}

describe("bad requests about locks are refused, and nothing is written", () => {
  it("to lock twice", async () => {
    await muster.core.locks.lock({ reason }, operator);
    const before = await version();
    await expect(muster.core.locks.lock({ reason: "another" }, commander)).rejects.toMatchObject({
      code: "locked",
      summary: expect.stringContaining("by operator"),
      hint: expect.stringContaining("unlock"),
    });
    expect(await version()).toBe(before);
  });

  it("to unlock what is not locked, or what somebody else locked", async () => {
    await expect(muster.core.locks.unlock(undefined, operator)).rejects.toMatchObject({ code: "wrong-state" });
    await muster.core.locks.lock({ reason }, operator);
    const before = await version();
    await expect(muster.core.locks.unlock(undefined, anotherOperator)).rejects.toMatchObject({
      code: "not-allowed",
      hint: expect.stringContaining("operator"),
    });
    expect(await version()).toBe(before);
    await muster.core.locks.unlock(undefined, commander);
    expect((await muster.journal.load()).lock).toBeUndefined();
  });

  it.each([
    "lock",
    "lock --reason",
    'lock --reason " "',
    "lock --reason x --for soon",
    "lock --reason x --for 0s",
    "lock --reason x --for 20d",
  ])("%s", (line) => {
    expect(() => parseText(commands, line)).toThrow(expect.objectContaining({ code: "bad-input" }));
  });

  it("to override one without the role, without a reason, or where there is none", async () => {
    await muster.core.locks.lock({ reason }, operator);
    const before = await version();
    await expect(failover({ overrideLock: true, reason: "now" })).rejects.toMatchObject({ code: "not-allowed" });
    await expect(failover({ overrideLock: true }, commander)).rejects.toMatchObject({ code: "bad-input" });
    expect(await version()).toBe(before);
    await muster.core.locks.unlock(undefined, operator);
    await expect(failover({ overrideLock: true, reason: "now" }, commander)).rejects.toMatchObject({
      code: "wrong-state",
      summary: "The application is not locked.",
    });
  });
});

describe("a lock that a commander overrides", () => {
  it("stands for all others; the override is an event, and on the card of whoever decides", async () => {
    await muster.core.locks.lock({ reason }, operator);
    const { run, approval } = await failover({ overrideLock: true, reason: "clients wait" }, commander);
    const state = await muster.journal.load();
    expect(state.lock?.lockId).toBe("lock-1");
    const events = await muster.core.journal.query({ run: run.runId, kind: "lock.overridden" });
    expect(events.map(({ actor }) => actor)).toEqual(["commander"]);
    const card = approvalCard({ approval: approval!, run, at: new Date().toISOString() }, approver1);
    expect(card.text?.join(" ")).toContain("LOCK OVERRIDDEN (lock-1, set by operator): a migration is under way.");
    expect(card.buttons?.[0]?.confirm).toContain("LOCK OVERRIDDEN");
  });

  it("is not overridden with the glass", async () => {
    await muster.core.locks.lock({ reason }, operator);
    await muster.say(quarantineWest());
    const broken = { breakGlass: true, reason: "now" };
    await expect(failover(broken, commander)).rejects.toMatchObject({ code: "locked" });
    const { run } = await failover({ ...broken, overrideLock: true }, commander);
    expect(run.overridden?.guards.map(({ guard }) => guard)).toEqual(["target-quarantined"]);
    await muster.say(liftWest());
  });
});

describe("what proposes itself", () => {
  const proposals = (state: AppState) =>
    decideIncidents(plan, state, Date.now()).proposals.map(({ runbook, target }) => `${runbook} ${target}`);

  /** East is down, and its incident is open already. */
  async function eastIsDown(): Promise<AppState> {
    await muster.verdict("east", "down");
    const state = await muster.journal.load();
    const startedAt = state.regions.east!.since;
    const opened = { incidentId: "inc-1", title: "east is down", region: "east", severity: "sev1" as const };
    const data = { ...opened, openedBy: "signal" as const, startedAt };
    return muster.say({ key: "incident/1", kind: "incident.opened", actor: "system:detector", data });
  }

  it("is a failover, but not under a lock", async () => {
    const state = await eastIsDown();
    expect(proposals(state)).toEqual(["failover west"]);
    expect(proposals(await muster.core.locks.lock({ reason }, operator))).toEqual([]);
  });

  it("is a rejoin of a region that came back, unless the active one is down or it is the active one itself", async () => {
    const state = await muster.say(quarantineWest());
    expect(proposals(state)).toEqual(["rejoin west"]);
    expect(proposals({ ...state, active: "west" })).toEqual([]);
    expect(proposals(await eastIsDown())).toEqual([]);
  });
});
