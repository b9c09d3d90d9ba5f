import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { systemClock } from "../../src/clock.ts";
import { createSampler } from "../../src/detection/sampler.ts";
import { defineReplicationSource, type ReplicaPosition } from "../../src/ports.ts";
import type { StoreState } from "../../src/state.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

const plan = makePlan(
  { failover: { steps: [makeStep("fence", { uses: "test.fence" }), makeStep("promote", { uses: "test.promote" })] } },
  {
    stores: {
      db: {
        kind: "test",
        service: "api",
        lossBudgetSeconds: 5,
        copies: { east: { at: "east" }, west: { at: "west" } },
      },
    },
  },
);

/** Where each copy stands; a copy that is not there does not answer. */
let copies: Map<string, ReplicaPosition>;
let board: Switchboard;
let muster: TestMuster;

beforeEach(() => {
  copies = new Map([
    ["east", { role: "primary", position: 1_000, history: "h1", writable: true }],
    ["west", { role: "replica", position: 1_000, history: "h1", linkUp: true, writable: false }],
  ]);
  board = createSwitchboard();
  const source = defineReplicationSource({
    kind: "test",
    input: z.object({ at: z.string() }),
    position: async ({ at }) => copies.get(at),
  });
  board.registry = { ...board.registry, replication: new Map([["test", source]]) };
  muster = startMuster(plan, board);
});

afterEach(() => muster.stop());

const known = (state: { stores: Record<string, StoreState> }) => state.stores["db/west"];

describe("the sampler", () => {
  it("journals the first look, and then only what changes in kind", async () => {
    muster.start("sampler");
    await muster.until((state) => known(state)?.loss.kind === "measured");
    copies.set("east", { role: "primary", position: 2_000, history: "h1", writable: true });
    copies.set("west", { role: "replica", position: 2_000, history: "h1", linkUp: true, writable: false });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const samples = await muster.core.journal.query({ kind: "replication.sampled" });
    expect(samples).toHaveLength(1);
  });

  it("bounds the loss when the primary is gone, and a successor keeps that bound", async () => {
    muster.start("sampler");
    await muster.until((state) => known(state)?.loss.kind === "measured");
    copies.delete("east");
    const lost = known(await muster.until((state) => known(state)?.loss.kind === "bounded"));
    await muster.stop({ keep: true });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    muster = startMuster(plan, board, muster.directory);
    // The successor never saw the primary alive: what it says comes from the journal.
    await muster.core.runs.dryRun("failover", { target: "west" }, operator);
    const again = await muster.core.runs.propose("failover", { target: "west" }, operator).catch((error) => error);
    expect(again.code).toBe("no-healthy-region");
    await muster.verdict("west", "healthy");
    await muster.core.runs.propose("failover", { target: "west" }, operator);
    const { loss } = known(await muster.journal.load()) as StoreState;
    expect(loss.kind).toBe("bounded");
    expect(loss.kind === "bounded" && lost?.loss.kind === "bounded" && loss.seconds - lost.loss.seconds).toBeLessThan(
      0.2,
    );
  });

  it("keeps both of two looks at one moment", async () => {
    const now = Date.parse("2026-01-02T03:04:05.000Z");
    const clock = { ...systemClock, now: () => now };
    const options = { plan, registry: board.registry, journal: muster.journal, clock, requestTimeoutMs: 50 };
    await Promise.all([1, 2].map(() => createSampler(options).refresh("east", "west")));
    const samples = await muster.core.journal.query({ kind: "replication.sampled" });
    expect(samples.map(({ data }) => (data as StoreState).loss.at)).toEqual(Array(2).fill("2026-01-02T03:04:05.000Z"));
  });

  describe("on several instances", () => {
    let now = Date.parse("2026-01-02T03:04:05.000Z");
    const clock = { ...systemClock, now: () => now };
    const instance = () =>
      createSampler({ plan, registry: board.registry, journal: muster.journal, clock, requestTimeoutMs: 50 });

    it("counts from what another one has seen since, and not from its own last look an hour ago", async () => {
      const [sampling, executing] = [instance(), instance()];
      await executing.refresh("east", "west");
      now += 3_600_000;
      await sampling.refresh("east", "west");
      copies.delete("east");
      now += 2_000;
      expect(await executing.refresh("east", "west")).toMatchObject([{ loss: { kind: "bounded", seconds: 2 } }]);
    });

    it("takes no copy for whole that was emptied since another one saw that it had everything", async () => {
      await instance().refresh("east", "west");
      copies.delete("east");
      copies.set("west", { role: "replica", position: 1, history: "h1", linkUp: false, writable: false });
      now += 2_000;
      expect(await instance().refresh("east", "west")).toMatchObject([
        { loss: { kind: "unknown", bytes: 999 }, withinBudget: false },
      ]);
    });

    it("counts nothing from a moment that is still to come by its own clock", async () => {
      await instance().refresh("east", "west");
      copies.delete("east");
      now -= 300_000;
      expect(await instance().refresh("east", "west")).toMatchObject([{ loss: { kind: "unknown" } }]);
    });
  });

  it("says unknown when nobody has ever seen the primary", async () => {
    copies.delete("east");
    muster.start("sampler");
    const state = await muster.until((now) => known(now) !== undefined);
    expect(known(state)).toMatchObject({ loss: { kind: "unknown" }, withinBudget: false });
  });
});

describe("the loss at the moment of promotion", () => {
  it("halts the promotion and asks again when it has grown beyond what was approved", async () => {
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    const { approval } = await muster.core.runs.propose("failover", { target: "west" }, operator);
    expect(approval?.mustAccept).toEqual([]);
    expect(approval?.envelope.lossCeilingSeconds).toEqual({ db: 5 });
    copies.set("west", { role: "replica", position: 10, history: "h1", linkUp: true, writable: false });
    const decide = { principal: "approver-1", name: "", roles: ["approver" as const] };
    await muster.core.approvals.approve("ap-1", [], decide);
    await muster.core.approvals.approve("ap-1", [], { ...decide, principal: "approver-2" });
    muster.start("executor");
    const state = await muster.until(({ approvals }) => approvals["ap-2"] !== undefined);
    expect(state.approvals["ap-1"]).toMatchObject({ phase: "granted" });
    expect(state.approvals["ap-2"]).toMatchObject({ beside: "ap-1", changes: [{ what: "loss of db" }] });
    expect(state.approvals["ap-2"]?.mustAccept.map(({ id }) => id)).toEqual(["loss:db"]);
    expect(state.approvals["ap-2"]?.evidence?.losses).toMatchObject([{ store: "db", withinBudget: false }]);
    expect(board.on.has("promote")).toBe(false);
  });

  it("stands in the journal beside the promotion's start", async () => {
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    muster.start("executor");
    await muster.core.runs.propose("failover", { target: "west" }, operator);
    const decide = { principal: "approver-1", name: "", roles: ["approver" as const] };
    await muster.core.approvals.approve("ap-1", [], decide);
    await muster.core.approvals.approve("ap-1", [], { ...decide, principal: "approver-2" });
    await muster.until(({ runs }) => runs["run-1"]?.phase === "completed");
    const [assessed] = await muster.core.journal.query({ kind: "loss.assessed" });
    expect(assessed?.data).toMatchObject({ store: "db", within: true, ceilingSeconds: 5, loss: { kind: "measured" } });
  });
});
