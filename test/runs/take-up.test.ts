import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { NewDomainEvent } from "../../src/events.ts";
import { performStep } from "../../src/runs/perform-step.ts";
import type { StepState } from "../../src/state.ts";
import type { WorkerContext } from "../../src/workers/worker.ts";
import { approver1, approver2, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;
let looked: number;

beforeEach(() => {
  board = createSwitchboard();
  looked = 0;
});
afterEach(() => muster.stop());

const stepEvent = (kind: "started" | "intended"): NewDomainEvent => ({
  key: `step/run-1/a/1/${kind}`,
  kind: `step.${kind}`,
  actor: "system:executor",
  data: { runId: "run-1", stepId: "a", attempt: 1, ...(kind === "intended" && { action: "x", input: {} }) } as never,
});

/** An approved run whose first step stands where an instance that ended has left it. */
async function leftAt(uses: string, ...events: NewDomainEvent[]): Promise<void> {
  muster = startMuster(makePlan({ failover: { steps: [makeStep("a", { uses })] } }), board);
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  const { approval } = await muster.core.runs.propose("failover", { target: "west" }, operator);
  const accepted = approval!.mustAccept.map(({ id }) => id);
  for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", accepted, one);
  const started = { key: "run/started/run-1", kind: "run.started", actor: "x", data: { runId: "run-1" } } as const;
  await muster.say(started, ...events);
}

async function perform(more: Partial<WorkerContext> = {}): Promise<StepState> {
  const lease = await muster.store.acquireLease("executor", "successor", 60_000);
  await performStep(
    {
      journal: muster.journal,
      actions: board.registry.actions,
      clock: systemClock,
      logger: pino({ level: "silent" }),
      requestTimeoutMs: 300,
      refreshLoss: async () => {
        looked += 1;
        const loss = { kind: "measured" as const, bytes: 0, seconds: 0, at: new Date().toISOString() };
        return [{ store: "db", source: "east", target: "west", loss, withinBudget: true }];
      },
    },
    { runId: "run-1", stepId: "a", attempt: 1 },
    await muster.journal.load(),
    {
      fence: { lease: "executor", epoch: lease!.epoch },
      tookOver: true,
      holds: () => true,
      signal: AbortSignal.timeout(5_000),
      ...more,
    },
  );
  return (await muster.journal.load()).runs["run-1"]!.steps[0]!;
}

describe("an executor that was frozen between its intent and the request", () => {
  it("sends nothing when it wakes after its lease, and says that it was overtaken", async () => {
    await leftAt("test.switch");
    await expect(perform({ holds: () => false })).rejects.toMatchObject({ code: "fenced" });
    expect((await muster.journal.load()).runs["run-1"]?.steps[0]?.intended).toBeDefined();
    expect(board.requests).toEqual([]);
  });
});

describe("a step that an instance which ended had started", () => {
  it("is looked at only after a request that may be on its way has had its time", async () => {
    await leftAt("test.switch", stepEvent("started"), stepEvent("intended"));
    // The request of the instance that ended arrives while its successor waits.
    setTimeout(() => board.on.add("a"), 100);
    expect(await perform()).toMatchObject({ phase: "verified" });
    expect(board.requests).toEqual([]);
  });

  it("is gone on with at once when nothing was intended", async () => {
    await leftAt("test.promote", stepEvent("started"));
    expect(await perform()).toMatchObject({ phase: "verified", intents: 1 });
    expect(looked, "looks at the loss before a promotion").toBe(1);
  });

  it("is not gone on with on an approval that no longer covers what cannot be undone", async () => {
    await leftAt("test.promote", stepEvent("started"));
    await muster.verdict("east", "down");
    expect(await perform()).toMatchObject({ error: { code: "envelope-left" } });
    expect(board.requests).toEqual([]);
  });

  it("is gone on with whatever the approval covers, when it can be undone", async () => {
    await leftAt("test.switch", stepEvent("started"));
    await muster.verdict("east", "down");
    expect(await perform()).toMatchObject({ phase: "verified" });
  });
});
