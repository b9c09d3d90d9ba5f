import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { approvalCard } from "../../src/cards/approval.ts";
import { runCard } from "../../src/cards/run.ts";
import { statusCard } from "../../src/cards/status.ts";
import { statusView } from "../../src/cards/status-view.ts";
import { describeEvent } from "../../src/events/describe.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { known } from "../helpers/core.ts";
import { adopted, guardedPlan, quarantineWest, readiness, waitThen } from "../helpers/guarded-world.ts";
import { approver1, approver2, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

const secondCommander = { ...commander, principal: "commander-2" };
let board: Switchboard;
let muster: TestMuster;
let plan: Plan;

beforeEach(() => {
  board = createSwitchboard();
});
afterEach(() => muster.stop());

async function begin(steps = [makeStep("a")], policy: Partial<Plan["runbooks"][string]["policy"]> = {}): Promise<void> {
  plan = guardedPlan(steps);
  Object.assign(plan.runbooks.failover!.policy, { quorum: 1, ...policy });
  muster = startMuster(plan, board);
  muster.start("executor");
  for (const region of ["east", "west", "north"]) await muster.verdict(region, "healthy");
}

const propose = (change: object = {}, caller = commander) =>
  muster.core.runs.propose(
    "failover",
    { target: "west", breakGlass: true, reason: "it is that or nothing", ...change },
    caller,
  );
const approve = (id: string | undefined, caller = approver1) => muster.core.approvals.approve(id ?? "", [], caller);
/** A refusal that needs a look at the stores leaves a sample behind, and nothing else. */
const decided = async () => (await muster.journal.load()).counts;
const pause = () => new Promise((resolve) => setTimeout(resolve, 150));

describe("breaking the glass", () => {
  it("overrides a guard that refuses, for this run only, and lets it through at execution, too", async () => {
    await begin();
    await muster.say(quarantineWest());
    const asked = { target: "west", reason: "now" };
    await expect(muster.core.runs.propose("failover", asked, commander)).rejects.toMatchObject({
      code: "target-quarantined",
      hint: expect.stringContaining("--break-glass"),
    });
    const { run, approval } = await propose();
    await approve(approval?.approvalId);
    await muster.until(({ runs }) => runs[run.runId]?.phase === "completed");
    expect(board.transitions).toEqual(["a"]);
    await muster.core.runs.dryRun("failover", { target: "north" }, operator);
    const failedOver = { target: "east", reason: "another" };
    await muster.say({ ...quarantineWest(), data: { region: "east", runId: run.runId, reason: "left" } } as never);
    await expect(muster.core.runs.propose("failover", failedOver, operator)).rejects.toMatchObject({
      code: "target-quarantined",
    });
  });

  it("asks another person even where the policy asks nobody, and starts nothing before", async () => {
    await begin();
    await muster.say(quarantineWest());
    const { run, approval } = await propose();
    expect(approval).toMatchObject({ quorum: 1, excludeRequester: true });
    await pause();
    expect(board.requests).toEqual([]);
    await expect(approve(approval?.approvalId, commander)).rejects.toMatchObject({ code: "requester-excluded" });
    await expect(approve(approval?.approvalId, operator)).rejects.toMatchObject({ code: "not-allowed" });
    expect((await muster.journal.load()).runs[run.runId]?.phase).toBe("proposed");
    await approve(approval?.approvalId, secondCommander);
    await muster.until(({ runs }) => runs[run.runId]?.phase === "completed");
  });

  it("keeps the quorum of the policy, and the second person where it would let the requester decide", async () => {
    await begin(undefined, { approval: "required", quorum: 2, excludeRequester: false });
    await muster.say(quarantineWest());
    const { run, approval } = await propose();
    expect(approval).toMatchObject({ quorum: 2, excludeRequester: true });
    await approve(approval?.approvalId);
    await pause();
    expect((await muster.journal.load()).runs[run.runId]?.phase).toBe("proposed");
    await approve(approval?.approvalId, approver2);
    await muster.until(({ runs }) => runs[run.runId]?.phase === "completed");
  });

  it("is still asked of another person when the facts change and people are asked again", async () => {
    await begin();
    await muster.say(quarantineWest());
    const { run } = await propose();
    await muster.verdict("east", "down");
    const state = await muster.until(
      ({ runs, approvals }) => approvals[runs[run.runId]?.approvalId ?? ""]?.replaces !== undefined,
    );
    expect(state.approvals[state.runs[run.runId]?.approvalId ?? ""]?.excludeRequester).toBe(true);
  });

  it("leaves every guard standing that was not overridden", async () => {
    board.delays.set("first", 150);
    await begin(waitThen({}));
    await muster.say(quarantineWest());
    const { run, approval } = await propose();
    await approve(approval?.approvalId);
    await muster.until(({ runs }) => runs[run.runId]?.steps[0]?.intended !== undefined);
    await muster.say(adopted(plan, true), readiness("blocked"));
    const state = await muster.until(({ runs }) => runs[run.runId]?.steps[1]?.guarded !== undefined);
    await pause();
    expect(state.runs[run.runId]?.steps[1]?.guarded?.guards.map(({ guard }) => guard)).toEqual([
      "jurisdiction",
      "readiness-blocked",
    ]);
    expect(board.transitions).toEqual(["first"]);
  });

  it("ends the quarantine of a region that it made the primary, or Muster would fence it as a returned one", async () => {
    await begin([makeStep("promote", { uses: "test.promote" })]);
    await muster.say(quarantineWest());
    const { run, approval } = await propose();
    const accepted = approval?.mustAccept.map(({ id }) => id) ?? [];
    await muster.core.approvals.approve(approval?.approvalId ?? "", accepted, approver1);
    const state = await muster.until(({ runs }) => runs[run.runId]?.phase === "completed");
    expect(state.regions.west?.quarantine).toBeUndefined();
    expect(state.regions.east?.quarantine).toBeDefined();
  });

  it("pages at once, and is said loudly wherever people look", async () => {
    await begin();
    await muster.say(quarantineWest());
    const { run, approval } = await propose();
    const [event, ...more] = await muster.core.journal.query({ run: run.runId, kind: "guard.overridden" });
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      actor: "commander",
      data: {
        runId: "run-1",
        incidentId: "inc-1",
        reason: "it is that or nothing",
        guards: [{ guard: "target-quarantined" }],
      },
    });
    const state = await muster.journal.load();
    const at = new Date().toISOString();
    const approving = approvalCard({ approval: approval!, run, at }, approver1);
    expect(approving.title).toContain("BREAK-GLASS");
    expect(approving.buttons?.[0]?.confirm).toContain("west is in quarantine");
    for (const { text } of [
      approving,
      runCard({ run, waiting: [], at }),
      statusCard(statusView(known(state), plan, at)),
    ])
      expect(text?.join(" ")).toMatch(
        /GUARD OVERRIDDEN \(target-quarantined\): west is in quarantine .*Broken by commander/,
      );
    expect(describeEvent(event!)).toMatch(/^BREAK-GLASS: commander overrode the guards of run-1\./);
  });
});

describe("glass is not broken, and nothing is written,", () => {
  const refused = async (code: string, change: object = {}, caller = commander) => {
    const before = await decided();
    await expect(propose(change, caller)).rejects.toMatchObject({ code, hint: expect.stringMatching(/\S/) });
    expect(await decided()).toEqual(before);
  };

  it("by anybody but a commander, or without a reason", async () => {
    await begin();
    await muster.say(quarantineWest());
    await refused("not-allowed", {}, operator);
    await refused("bad-input", { reason: undefined });
    await refused("bad-input", { reason: "  " });
  });

  it("against the guards of promise 5: no healthy region, the last capacity, the jurisdictions", async () => {
    await begin();
    await muster.say(quarantineWest());
    await muster.verdict("west", "down");
    const hint = expect.stringContaining("No one may override this guard");
    await expect(propose()).rejects.toMatchObject({ code: "last-capacity", hint });
    await muster.verdict("east", "down");
    await muster.verdict("north", "down");
    await expect(propose()).rejects.toMatchObject({ code: "no-healthy-region", hint });
    await muster.verdict("west", "healthy");
    plan.regions.west!.jurisdiction = "elsewhere";
    await expect(propose()).rejects.toMatchObject({ code: "jurisdiction", hint });
  });

  it("nor is anybody sent there where another guard would refuse it all the same", async () => {
    await begin();
    const hintOf = async () => {
      const refusal = await propose({ breakGlass: undefined, reason: undefined }).catch((error: unknown) => error);
      return (refusal as { hint: string }).hint;
    };
    await muster.say(quarantineWest());
    expect(await hintOf()).toContain("--break-glass");
    await muster.verdict("west", "down");
    expect(await hintOf()).not.toContain("--break-glass");
  });

  it("where no guard stands in the way, or what is in the way is no guard", async () => {
    await begin(undefined, { approval: "required" });
    await refused("wrong-state");
    await refused("already-active", { target: "east" });
    await muster.core.runs.propose("failover", { target: "west" }, operator);
    await refused("run-in-progress");
  });
});
