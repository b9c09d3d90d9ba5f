import { describe, expect, it } from "vitest";
import type { RecoveryAction } from "../../src/ports.ts";
import { decide } from "../../src/runs/decide.ts";
import { begunRun } from "../helpers/incident.ts";
import { STORE, type Story } from "../helpers/story.ts";
import { sample, step } from "../helpers/story-moves.ts";

const effects: Record<string, RecoveryAction["effect"]> = {
  "redis.promote-replica": "promotion",
  "redis.fence-primary": "fence",
  "kubernetes.scale-deployment": "scale",
  "aws.route53-shift-weights": "traffic",
};
const actions = new Map(
  Object.entries(effects).map(([id, effect]) => [id, { id, effect, store: () => STORE } as unknown as RecoveryAction]),
);
const HOUR = 3_600_000;

/** Started; then more would be lost than was approved, and everybody has gone to bed. */
function held(): Story {
  const story = begunRun();
  for (const id of ["scale-target", "fence-source"]) step(story, "run-1", id);
  sample(story, { kind: "bounded", bytes: 90_000, seconds: 60, headAt: story.now(), at: story.now() });
  return story;
}

/** What the executor appends in the given time, when nobody does anything. */
function pass(story: Story, ms: number): void {
  const end = Date.parse(story.now()) + ms;
  for (let turns = 0; turns < 1_000; turns++) {
    const now = Date.parse(story.now());
    const { events, wakeAt } = decide(story.state(), now, actions);
    for (const { kind, data, actor } of events) story.emit(kind, data as never, actor);
    if (events.length > 0) continue;
    if (now >= end) return;
    story.advance(Math.min(end, wakeAt ?? end) - now);
  }
  throw new Error("deciding does not end");
}

const asked = (story: Story) => story.events().filter(({ kind }) => kind === "approval.requested").length;
const run = (story: Story) => story.state().runs["run-1"]!;

describe("a question that nobody answers", () => {
  it("is asked three times, and then the run is held until a person looks, who reads why", () => {
    const story = held();
    pass(story, 12 * HOUR);
    // The first one was approved; three more, and no fourth, however long the night is.
    expect(asked(story)).toBe(4);
    expect(run(story)).toMatchObject({ phase: "running", paused: { by: "system:executor" } });
    expect(run(story).paused?.reason).toContain("Nobody decided about ap-2, ap-3 and ap-4 in time");
    const { waiting, wakeAt } = decide(story.state(), Date.parse(story.now()), actions);
    expect(waiting.map(({ because }) => because).join()).toContain('"resume run-1" lets it go on');
    expect(wakeAt).toBeUndefined();
  });

  it("is asked anew by whoever resumes the run, once", () => {
    const story = held();
    pass(story, 12 * HOUR);
    story.emit("run.resumed", { runId: "run-1" }, "operator");
    pass(story, 60_000);
    expect(asked(story)).toBe(5);
    expect(run(story).paused).toBeUndefined();
    expect(story.state().approvals[run(story).approvalId ?? ""]?.phase).toBe("pending");
    pass(story, 12 * HOUR);
    expect(asked(story)).toBe(5);
    expect(run(story).paused).toBeDefined();
  });

  it("is not needed any more when the copies have caught up in time", () => {
    const story = held();
    pass(story, 60_000);
    expect(asked(story)).toBe(2);
    sample(story, { kind: "measured", bytes: 0, seconds: 0, at: story.now() });
    pass(story, 60_000);
    expect(run(story).approvalId).toBe("ap-1");
    expect(run(story).paused).toBeUndefined();
  });
});
