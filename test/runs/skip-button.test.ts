import { afterEach, expect, it } from "vitest";
import { haltCard } from "../../src/cards/halt.ts";
import { runCard } from "../../src/cards/run.ts";
import { runView } from "../../src/commands/run-view.ts";
import { AppError } from "../../src/errors.ts";
import { commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

let muster: TestMuster;
afterEach(() => muster.stop());

it("only who may leave a failed step out is shown the button for it", async () => {
  const board = createSwitchboard();
  const error = new AppError({ code: "vendor-rejected", summary: "No." });
  for (const name of ["fence", "plain"]) board.failures.set(name, { times: 1, error });
  const plan = makePlan({ failover: { steps: [makeStep("fence", { uses: "test.fence" }), makeStep("plain")] } });
  plan.runbooks.failover!.policy.approval = "automatic";
  muster = startMuster(plan, board);
  muster.start("executor");
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  await muster.core.runs.propose("failover", { target: "west" }, operator);
  const failed = await muster.until(
    ({ runs }) => runs["run-1"]?.steps.every(({ phase }) => phase === "failed") ?? false,
  );
  const run = failed.runs["run-1"]!;
  const view = await runView(muster.core, run);
  const skips = (caller: typeof operator) =>
    [runCard(view, caller), ...run.steps.map((step) => haltCard(run, step, caller))].map(({ buttons }) =>
      buttons?.flatMap(({ label }) => (label.startsWith("Skip") ? [label] : [])),
    );
  expect(skips(operator)).toEqual([["Skip: plain"], [], ["Skip: plain"]]);
  expect(skips(commander)).toEqual([["Skip: fence", "Skip: plain"], ["Skip: fence"], ["Skip: plain"]]);
  // The card shows what the command does.
  await expect(muster.core.runs.skip("run-1", "fence", "no", operator)).rejects.toMatchObject({ code: "not-allowed" });
  await muster.core.runs.skip("run-1", "plain", "not needed", operator);
});
