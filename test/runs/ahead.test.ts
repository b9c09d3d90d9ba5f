import { afterEach, beforeEach, expect, it } from "vitest";
import type { AppendRequest } from "../../src/journal/store.ts";
import type { Step } from "../../src/plans/plan.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

/** One append carries the outcome of steps and the intents that follow from it; the world waits until it stands. */
let board: Switchboard;
let muster: TestMuster;
let appended: string[][];
/** Called with what is about to be appended. */
let before: (keys: string[]) => Promise<unknown>;

beforeEach(() => {
  board = createSwitchboard();
  appended = [];
  before = async () => {};
});
afterEach(() => muster.stop());

async function run(steps: Step[]): Promise<void> {
  const plan = makePlan({ failover: { steps } });
  plan.runbooks.failover!.policy.approval = "automatic";
  muster = startMuster(plan, board, undefined, {
    wrapStore: (store) => ({
      ...store,
      async append(request: AppendRequest) {
        const keys = request.events.map(({ key }) => key);
        await before(keys);
        const result = await store.append(request);
        if (result.outcome === "appended") appended.push(keys);
        return result;
      },
    }),
  });
  muster.start("executor");
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  const { run } = await muster.core.runs.propose("failover", { target: "west" }, operator);
  await muster.until(({ runs }) => runs[run.runId]?.phase === "completed");
}

const withKey = (key: string) => appended.find((keys) => keys.includes(key)) ?? [];
const chain = (uses: string) => [makeStep("a"), makeStep("b", { uses, needs: ["a"] })];

it("an outcome is written together with the intent that follows from it, and with the end of the run", async () => {
  await run(chain("test.switch"));
  expect(withKey("step/run-1/a/1/verified")).toEqual([
    "step/run-1/a/1/applied/1",
    "step/run-1/a/1/verified",
    "step/run-1/b/1/started",
    "step/run-1/b/1/intended/1",
  ]);
  expect(withKey("step/run-1/b/1/verified")).toContain("run/completed/run-1");
  expect(board.requests).toEqual(["a", "b"]);
});

it("nothing reaches the world before the append that holds its intent stands", async () => {
  const early: string[] = [];
  before = async (keys) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const name of ["a", "b"]) {
      if (keys.includes(`step/run-1/${name}/1/intended/1`) && board.requests.includes(name)) early.push(name);
    }
  };
  await run(chain("test.switch"));
  expect(early).toEqual([]);
  expect(board.requests).toEqual(["a", "b"]);
});

it("what cannot be taken back begins only when what it needs stands", async () => {
  await run(chain("test.fence"));
  expect(withKey("step/run-1/a/1/verified")).not.toContain("step/run-1/b/1/started");
  expect(board.requests).toEqual(["a", "b"]);
});

it("a step that was begun ahead sends nothing when people pause the run at that very moment", async () => {
  let paused: Promise<unknown> | undefined;
  const plans: string[] = [];
  before = async (keys) => {
    if (paused || !keys.includes("step/run-1/b/1/intended/1")) return;
    // Another instance's write comes first: everything of this append is decided again.
    const { state } = muster.journal.known();
    plans.push(...keys);
    paused = muster.store.append({
      stream: "app/shop",
      expectedVersion: state.version,
      events: [
        { key: "run/run-1/paused/x", kind: "run.paused", actor: "operator", data: { runId: "run-1", reason: "wait" } },
      ],
      at: new Date().toISOString(),
      instance: "another",
    });
    await paused;
    setTimeout(() => void muster.core.runs.resume("run-1", operator), 200);
  };
  const done = run(chain("test.switch"));
  await expect.poll(() => paused).toBeDefined();
  await muster.until(({ runs }) => runs["run-1"]?.steps[0]?.phase === "verified");
  expect(plans).toContain("step/run-1/b/1/intended/1");
  expect(withKey("step/run-1/a/1/verified")).not.toContain("step/run-1/b/1/intended/1");
  expect(board.requests).toEqual(["a"]);
  await done;
  expect(board.requests).toEqual(["a", "b"]);
});
