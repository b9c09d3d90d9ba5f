import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCard } from "../../src/cards/run.ts";
import { systemClock } from "../../src/clock.ts";
import { describeEvent } from "../../src/events/describe.ts";
import type { NewDomainEvent } from "../../src/events.ts";
import type { Plan, Step } from "../../src/plans/plan.ts";
import { performStep } from "../../src/runs/perform-step.ts";
import type { AppState } from "../../src/state.ts";
import {
  addEffects,
  adopted,
  atFirstLook,
  guardedPlan,
  liftWest,
  quarantineWest,
  readiness,
  waitThen,
} from "../helpers/guarded-world.ts";
import { operator, startMuster, type TestMuster, verdictEvent } from "../helpers/muster.ts";
import { makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;
let replicas: { now: number; wanted: number; cluster: string };
let nonce = 0;

beforeEach(() => {
  board = createSwitchboard();
  replicas = { now: 2, wanted: 10, cluster: "east-1" };
  addEffects(board, replicas);
});
afterEach(() => muster.stop());

const down = (region: string) => verdictEvent(region, "down", 10_000 + ++nonce);
const up = (region: string) => verdictEvent(region, "healthy", 20_000 + ++nonce);

interface Disaster {
  guard: string;
  what: string;
  step: Partial<Step>;
  /** How things are when it is proposed, beside three healthy regions. */
  before: NewDomainEvent[];
  spoil(plan: Plan): NewDomainEvent[];
  heal(plan: Plan): NewDomainEvent[];
}

/** In each, this guard alone stands between the run and the disaster: no people, no envelope, no other guard. */
const disasters: Disaster[] = [
  {
    guard: "no-healthy-region",
    what: "goes on while every region looks down",
    step: {},
    before: [],
    spoil: () => [down("east"), down("west"), down("north")],
    heal: () => [up("north")],
  },
  {
    guard: "last-capacity",
    what: "scales the serving region down while no other is there to carry on",
    step: { uses: "test.scale-down" },
    before: [],
    spoil: () => [down("west")],
    heal: () => [up("west")],
  },
  {
    guard: "last-capacity",
    what: "fences the serving primary while no other region is there to take writes",
    step: { uses: "test.fence-source" },
    before: [],
    spoil: () => [down("west")],
    heal: () => [up("west")],
  },
  {
    guard: "jurisdiction",
    what: "goes to where the data may no longer be",
    step: {},
    before: [],
    spoil: (plan) => [adopted(plan, true)],
    heal: (plan) => [adopted(plan, false)],
  },
  {
    guard: "target-unhealthy",
    what: "promotes a region that is down",
    step: { uses: "test.promote" },
    before: [down("east")],
    spoil: () => [down("west")],
    heal: () => [up("west")],
  },
  {
    guard: "target-quarantined",
    what: "goes to a region that was put under quarantine",
    step: {},
    before: [],
    spoil: () => [quarantineWest()],
    heal: () => [liftWest()],
  },
  {
    guard: "readiness-blocked",
    what: "goes on to a target that is blocked",
    step: {},
    before: [],
    spoil: () => [readiness("blocked")],
    heal: () => [readiness("ready")],
  },
];

async function begin(plan: Plan, before: NewDomainEvent[]): Promise<string> {
  muster = startMuster(plan, board);
  muster.start("executor");
  await muster.say(
    up("east"),
    up("west"),
    up("north"),
    ...before.map((one) => ({ ...one, key: `${one.key}/${++nonce}` })),
  );
  return (await muster.core.runs.propose("failover", { target: "west", reason: "a test" }, operator)).run.runId;
}

const disasterOf = ({ runs }: AppState) => runs["run-1"]?.steps.find(({ stepId }) => stepId === "disaster");
const held = (state: AppState) => disasterOf(state)?.guarded?.guards.map(({ guard }) => guard);
const pause = () => new Promise((resolve) => setTimeout(resolve, 150));

describe.each(disasters)("without the guard $guard a run $what", ({ guard, step, before, spoil, heal }) => {
  it("so its step does not start; it says why, and goes on by itself", async () => {
    board.delays.set("first", 150);
    const plan = guardedPlan(waitThen(step));
    const id = await begin(plan, before);
    await muster.until(({ runs }) => runs[id]?.steps[0]?.intended !== undefined);
    await muster.say(...spoil(plan));
    const state = await muster.until((now) => held(now) !== undefined);
    await pause();
    expect(held(state)).toEqual([guard]);
    expect(disasterOf(await muster.journal.load())?.phase).toBe("pending");
    expect(board.on.has("disaster")).toBe(false);
    await expectSaid(guard);
    await muster.say(...heal(plan));
    const done = await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(disasterOf(done)?.guarded).toBeUndefined();
    expect(board.transitions).toEqual(["first", "disaster"]);
  });

  it("so a step that has started asks for nothing, when it becomes so right before the intent", async () => {
    const plan = guardedPlan(waitThen(step));
    atFirstLook(board, "disaster", () => muster.say(...spoil(plan)));
    const id = await begin(plan, before);
    const state = await muster.until((now) => held(now) !== undefined);
    await pause();
    expect(held(state)).toEqual([guard]);
    expect(disasterOf(await muster.journal.load())).toMatchObject({ phase: "running", intents: 0 });
    expect(board.requests).toEqual(["first"]);
    await expectSaid(guard);
    await muster.say(...heal(plan));
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(board.transitions).toEqual(["first", "disaster"]);
  });

  it("so the append that would start the step refuses, whatever was decided before", async () => {
    const plan = guardedPlan([makeStep("disaster", step)]);
    muster = startMuster(plan, board);
    await muster.say(up("east"), up("west"), up("north"));
    await muster.say(...before.map((one) => ({ ...one, key: `${one.key}/${++nonce}` })));
    await muster.core.runs.propose("failover", { target: "west" }, operator);
    const started = {
      key: "run/run-1/started",
      kind: "run.started",
      actor: "system:executor",
      data: { runId: "run-1" },
    };
    await muster.say(started as NewDomainEvent, ...spoil(plan));
    const lease = await muster.store.acquireLease("executor", "test", 60_000);
    const fence = { lease: "executor", epoch: lease!.epoch };
    const { journal } = muster;
    const logger = pino({ level: "silent" });
    await performStep(
      {
        journal,
        actions: board.registry.actions,
        clock: systemClock,
        logger,
        requestTimeoutMs: 50,
        refreshLoss: async () => [],
      },
      { runId: "run-1", stepId: "disaster", attempt: 1 },
      await journal.load(),
      { fence, tookOver: false, holds: () => true, signal: new AbortController().signal },
    );
    expect(disasterOf(await journal.load())?.phase).toBe("pending");
    expect(board.requests).toEqual([]);
  });
});

/** `why`, the run's card and the timeline all name the guard and what would satisfy it. */
async function expectSaid(guard: string): Promise<void> {
  const { run, waiting } = await muster.core.runs.why("run-1");
  expect(waiting.map(({ because }) => because).join()).toContain(`(${guard}); it goes on when`);
  const card = runCard({ run, waiting, at: new Date().toISOString() });
  const row = card.table?.rows.at(-1)?.join(" ");
  expect(row).toContain("held by a guard");
  expect(row).toContain(`(${guard}); it goes on when`);
  const events = await muster.core.journal.query({ run: "run-1", kind: "guard.held" });
  // Said once, however often it was looked at.
  expect(events).toHaveLength(1);
  expect(describeEvent(events[0]!)).toMatch(new RegExp(`held by a guard: .*\\(${guard}\\), until `));
}

describe("what a step would take away", () => {
  const scaling = () => guardedPlan([makeStep("disaster", { uses: "test.scale-to", prepare: true })]);

  it("is judged by what it sees: no replicas go from the only region that is healthy, though it is the target", async () => {
    replicas = Object.assign(replicas, { now: 30, wanted: 10, cluster: "west-1" });
    const id = await begin(scaling(), [down("east")]);
    const state = await muster.until((now) => held(now) !== undefined);
    expect(held(state)).toEqual(["last-capacity"]);
    await pause();
    expect(board.requests).toEqual([]);
    // Somebody else has done it, or the wish has changed: it is looked at all the time.
    replicas.wanted = 40;
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
  });

  it("is nothing when it builds up, or leaves a region that is down", async () => {
    replicas = Object.assign(replicas, { now: 2, wanted: 10, cluster: "west-1" });
    const id = await begin(scaling(), [down("east"), down("north")]);
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
  });
});

describe("a held step", () => {
  it("has its whole time when it may go on, and can be aborted before", async () => {
    const plan = guardedPlan([makeStep("disaster", { timeoutMs: 300 })]);
    atFirstLook(board, "disaster", () => muster.say(quarantineWest()));
    const id = await begin(plan, []);
    await muster.until((now) => held(now) !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await muster.journal.load()).runs[id]?.phase).toBe("running");
    await muster.core.runs.abort(id, "not today", operator);
    await muster.say(liftWest());
    await pause();
    expect(board.requests).toEqual([]);
    // Nothing holds what is over.
    expect((await muster.journal.load()).runs[id]?.steps[0]?.guarded).toBeUndefined();
  });

  it("is not held again when it has passed the point after which half is worse than whole", async () => {
    const plan = guardedPlan([makeStep("first", { uses: "test.promote" }), makeStep("disaster", { needs: ["first"] })]);
    board.delays.set("first", 150);
    const id = await begin(plan, []);
    await muster.until(({ runs }) => runs[id]?.steps[0]?.intended !== undefined);
    await muster.say(readiness("blocked"));
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
  });
});
