import { expect, it } from "vitest";
import type { RecoveryAction } from "../../src/ports.ts";
import { decide } from "../../src/runs/decide.ts";
import { begunRun } from "../helpers/incident.ts";
import { STORE, type Story, WEST } from "../helpers/story.ts";
import { good, step } from "../helpers/story-moves.ts";

const effects: Record<string, RecoveryAction["effect"]> = {
  "redis.promote-replica": "promotion",
  "redis.fence-primary": "fence",
};
const actions = new Map(
  Object.entries(effects).map(([id, effect]) => [id, { id, effect, store: () => STORE } as unknown as RecoveryAction]),
);

/** What follows by itself, until nothing does. */
function settle(story: Story): void {
  for (;;) {
    const { events } = decide(story.state(), Date.parse(story.now()), actions);
    if (events.length === 0) return;
    for (const { kind, data, actor } of events) story.emit(kind, data as never, actor);
  }
}

it("a question about steps that a commander has skipped ends with the run, and is asked of nobody any more", () => {
  const story = begunRun();
  step(story, "run-1", "scale-target");
  // The target leaves the envelope: what nothing takes back is asked about anew.
  const since = story.now();
  story.emit("verdict.changed", { region: WEST, from: "healthy", to: "down", since, evidence: [good("api")] });
  settle(story);
  expect(story.state().approvals["ap-2"]).toMatchObject({ phase: "pending", replaces: "ap-1" });
  for (const stepId of ["fence-source", "promote-target"])
    story.emit("step.skipped", { runId: "run-1", stepId, reason: "done by hand" }, "commander");
  step(story, "run-1", "shift-traffic");
  settle(story);
  expect(story.state().runs["run-1"]).toMatchObject({ phase: "completed" });
  expect(story.state().approvals["ap-2"]).toMatchObject({ phase: "closed" });
});
