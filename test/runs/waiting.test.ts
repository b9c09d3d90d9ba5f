import { expect, it } from "vitest";
import { decide } from "../../src/runs/decide.ts";
import { scenes } from "../helpers/scenes.ts";

it("says of a step under way why it only looks, while the world does not answer", async () => {
  const core = await scenes.running();
  const at = { runId: "run-1", stepId: "fence-source", attempt: 1 };
  const because = () =>
    decide(core.current(), core.now(), new Map()).waiting.find(({ stepId }) => stepId === "fence-source")?.because;
  expect(because()).toMatch(/is under way \(attempt 1\)$/);
  core.emit("step.assessed", { ...at, state: "unknown", reason: "us-east-1 does not answer." });
  expect(because()).toMatch(/is under way \(attempt 1\); looking: us-east-1 does not answer$/);
  core.emit("step.assessed", { ...at, state: "away", seen: {} });
  expect(because()).toMatch(/is under way \(attempt 1\)$/);
});
