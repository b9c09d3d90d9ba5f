import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Plan } from "../../src/plans/plan.ts";
import type { RecoveryAction } from "../../src/ports.ts";
import type { AppState } from "../../src/state.ts";
import { operator, startMuster, type TestMuster, verdictEvent } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;

beforeEach(() => {
  board = createSwitchboard();
});
afterEach(() => muster.stop());

/** Calls this at the moment in which the world is asked for a change. */
function atEachApply(look: () => Promise<void>): void {
  const actions = new Map<string, RecoveryAction>();
  for (const [id, action] of board.registry.actions) {
    const { apply } = action;
    if (!apply) actions.set(id, action);
    else {
      actions.set(id, {
        ...action,
        apply: async (...given) => {
          await look();
          return apply(...given);
        },
      });
    }
  }
  board.registry = { ...board.registry, actions };
}

function automatic(steps: Plan["runbooks"][string]["steps"]): Plan {
  const plan = makePlan({ failover: { steps } });
  plan.runbooks.failover!.policy.approval = "automatic";
  return plan;
}

async function propose(plan: Plan): Promise<string> {
  muster = startMuster(plan, board);
  muster.start("executor");
  await muster.say(verdictEvent("east", "healthy", 1), verdictEvent("west", "healthy", 2));
  return (await muster.core.runs.propose("failover", { target: "west" }, operator)).run.runId;
}

describe("a change of the world", () => {
  it("is asked for only when its intent already stands in the journal", async () => {
    const stood: boolean[] = [];
    let id = "run-1";
    atEachApply(async () => {
      const step = (await muster.journal.load()).runs[id]?.steps[0];
      stood.push(step?.intended !== undefined && step.applied === undefined);
    });
    id = await propose(automatic([makeStep("a")]));
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(stood).toEqual([true]);
  });

  it("is not written down by an instance that was overtaken while it waited for the answer", async () => {
    let seen: AppState | undefined;
    atEachApply(async () => {
      // As if this process had been frozen for longer than its lease, and another had taken over meanwhile.
      const [lease] = await muster.store.leases();
      await muster.store.releaseLease("executor", lease!.holder, lease!.epoch);
      await muster.store.acquireLease("executor", "another", 60_000);
      seen ??= await muster.journal.load();
    });
    const id = await propose(automatic([makeStep("a")]));
    await muster.until(() => board.on.has("a"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen?.runs[id]?.steps[0]?.intended).toBeDefined();
    expect((await muster.journal.load()).version).toBe(seen?.version);
  });
});

describe("a promotion", () => {
  const steps = [makeStep("promote", { uses: "test.promote" }), makeStep("b", { needs: ["promote"] })];

  async function promoted(): Promise<AppState> {
    const id = await propose(automatic(steps));
    return muster.until(({ runs }) => runs[id]?.phase === "completed");
  }

  it("puts the region that is left behind into quarantine", async () => {
    const state = await promoted();
    expect(state.regions.east?.quarantine?.runId).toBe("run-1");
    expect(state.regions.west?.quarantine).toBeUndefined();
  });

  it("of several stores puts it there once, and the run goes on", async () => {
    const two = [makeStep("one", { uses: "test.promote" }), makeStep("two", { uses: "test.promote", needs: ["one"] })];
    const id = await propose(automatic(two));
    await muster.until(({ runs }) => runs[id]?.phase === "completed");
    expect(await muster.core.journal.query({ kind: "quarantine" })).toHaveLength(1);
  });

  it("says in the journal what it loses, before it is applied", async () => {
    await promoted();
    const kinds = (await muster.core.journal.query({ run: "run-1" }))
      .filter(({ data }) => (data as { stepId?: string }).stepId === "promote")
      .map(({ kind }) => kind);
    expect(kinds.slice(0, 3)).toEqual(["step.started", "loss.assessed", "step.intended"]);
  });
});
