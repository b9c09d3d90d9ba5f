import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { systemClock } from "../../src/clock.ts";
import { defineAction } from "../../src/ports.ts";
import { decide } from "../../src/runs/decide.ts";
import type { AppState } from "../../src/state.ts";
import { approvedRun } from "../helpers/executing.ts";
import { begunRun } from "../helpers/incident.ts";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { failStep, step } from "../helpers/story-moves.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

let muster: TestMuster | undefined;
afterEach(() => muster?.stop());

it("a step that watches for a time watches for that time, though the clock is set forward meanwhile", async () => {
  const elapsed: number[] = [];
  const watch = defineAction({
    id: "test.watch",
    summary: "A minute is over",
    input: z.object({ name: z.string() }),
    effect: "wait",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: () => [],
    expectedMs: () => 60_000,
    async assess(_, { now, startedAt }) {
      if (startedAt === undefined) return { state: "away", seen: {} };
      elapsed.push(now() - Date.parse(startedAt));
      return { state: (elapsed.at(-1) ?? 0) >= 60_000 ? "reached" : "moving", seen: {} };
    },
  });
  let setBy = 0;
  const clock = { ...systemClock, now: () => Date.now() + setBy };
  const board = createSwitchboard();
  const registry = { ...board.registry, actions: new Map([...board.registry.actions, [watch.id, watch]]) };
  const plan = makePlan({ failover: { steps: [makeStep("bake", { uses: watch.id })] } });
  muster = startMuster(plan, { registry }, undefined, { clock });
  for (const region of ["east", "west"]) await muster.verdict(region, "healthy");
  const runId = await approvedRun(muster);
  muster.start("executor");
  await muster.until(({ runs }) => runs[runId]?.steps[0]?.phase === "running");
  const looks = elapsed.length;
  setBy = 3_600_000;
  const phaseOf = ({ runs }: AppState) => runs[runId]?.steps[0]?.phase;
  const state = await muster.until((now) => elapsed.length >= looks + 3 || phaseOf(now) !== "running");
  expect(phaseOf(state)).toBe("running");
  expect(Math.max(...elapsed)).toBeLessThan(60_000);
});

it("a step is tried again after its pause, though the clock was set back meanwhile", () => {
  const story = begunRun();
  for (const id of ["scale-target", "fence-source", "promote-target"]) step(story, "run-1", id);
  failStep(story, "run-1", "shift-traffic", { again: true });
  const now = Date.parse(story.now());
  const again = (at: number) => decide(story.state(), at, new Map()).perform.map(({ stepId }) => stepId);
  expect(again(now - 1)).toEqual([]);
  expect(again(now)).toEqual(["shift-traffic"]);
  expect(again(now - 3_600_000)).toEqual(["shift-traffic"]);
});
