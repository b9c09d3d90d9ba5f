import { afterEach, beforeEach, expect, it } from "vitest";
import { adoptPlan } from "../../src/plans/adopt.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const board = createSwitchboard();
const runbooks = {
  failover: { trigger: "region-down" as const, steps: [makeStep("a")] },
  rejoin: { kind: "rejoin" as const, trigger: "region-returned" as const, steps: [makeStep("follow")] },
};
const two = makePlan(runbooks);
const south = { code: "south", name: "south", jurisdiction: "us", settings: {} };
const three = makePlan(runbooks, { digest: "digest-3", regions: { ...two.regions, south } });

let muster: TestMuster;
beforeEach(() => {
  muster = startMuster(two, board);
});
afterEach(() => muster.stop());

/** Muster is started again with another plan. */
async function restart(plan: Plan): Promise<void> {
  await muster.stop({ keep: true });
  muster = startMuster(plan, board, muster.directory);
  await adoptPlan(muster.journal, plan);
}

it("a plan that moves home moves no traffic: the service is where it was, whoever folds the journal", async () => {
  await adoptPlan(muster.journal, two);
  await restart({ ...two, digest: "digest-2", home: "west" });
  expect(await muster.journal.load()).toMatchObject({ active: "east", home: "west" });
  await restart({ ...two, digest: "digest-3", home: "east" });
  expect(await muster.journal.load()).toMatchObject({ active: "east", home: "east" });
});

it("a region that the plan has no more is neither waited for, nor counted as healthy, nor rejoined", async () => {
  await restart(three);
  await muster.verdict("south", "healthy");
  const reason = "Failed away from.";
  const data = { region: "south", runId: "run-0", reason };
  await muster.say({ key: "q", kind: "quarantine.started", actor: "system:executor", data });
  await restart(two);
  const { regions } = await muster.journal.load();
  expect(Object.keys(regions)).toEqual(["east", "west"]);
  await expect(muster.core.runs.propose("failover", { target: "west" }, operator)).rejects.toMatchObject({
    code: "no-healthy-region",
  });
});

it("a plan without the region that serves is refused, and nothing is written", async () => {
  await adoptPlan(muster.journal, two);
  const { west } = two.regions as { west: typeof south };
  const without = { ...two, digest: "digest-2", home: "west", regions: { west, south } };
  const before = await muster.journal.load();
  await expect(adoptPlan(muster.journal, without)).rejects.toMatchObject({
    code: "config-invalid",
    summary: "The plan of shop has no region east, which serves the traffic now.",
    hint: expect.stringContaining("failover <region>"),
  });
  expect((await muster.journal.load()).version).toBe(before.version);
});
