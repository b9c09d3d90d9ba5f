import { describe, expect, it } from "vitest";
import { eventSchemas } from "../../src/events.ts";
import { describeEvent, weightOf } from "../../src/reports/describe.ts";
import { createContext } from "../../src/reports/input.ts";
import { fullTimeline, keyTimeline } from "../../src/reports/timeline.ts";
import { createStory, EAST, measured, type Story, sample, WEST, wholeNight } from "../helpers/incident.ts";
import { scenes } from "../helpers/incident-scenes.ts";

/** Kinds that no timeline shows, each for a reason. */
const HIDDEN: Record<string, string> = {
  "step.assessed": "looks in between; what they led to has its own event",
};

/** One event at least of every kind. */
function everyKind(): Story {
  const story = wholeNight();
  story.emit("step.assessed", {
    runId: "run-1",
    stepId: "scale-target",
    attempt: 1,
    state: "unknown",
    reason: "no route",
  });
  story.emit("step.retried", { runId: "run-1", stepId: "shift-traffic" }, "operator");
  story.emit("step.skipped", { runId: "run-1", stepId: "shift-traffic", reason: "moved by hand" }, "commander");
  story.emit("run.aborted", { runId: "run-1", reason: "moved by hand" }, "commander");
  story.emit("run.cancelled", { runId: "run-1", reason: "not needed" }, "operator");
  story.emit("approval.voided", {
    approvalId: "ap-1",
    runId: "run-1",
    changes: [{ what: "loss of sessions", old: "5 s", new: "9 s" }],
  });
  story.emit("approval.expired", { approvalId: "ap-1", runId: "run-1" });
  story.emit("plan.adopted", { plan: story.plan }, "system:server");
  const documents = [{ name: "timeline.md", sha256: "0".repeat(64) }];
  story.emit("report.written", { incidentId: "inc-1", documents, asOf: { seq: 3, hash: "0".repeat(64) } });
  return story;
}

describe("describeEvent", () => {
  const story = everyKind();
  const byKind = new Map(story.events().map((event) => [event.kind, event]));

  for (const kind of Object.keys(eventSchemas) as (keyof typeof eventSchemas)[]) {
    it(`says what happened, or the kind is hidden on purpose: ${kind}`, () => {
      const event = byKind.get(kind);
      if (!event) throw new Error(`the story has no ${kind}`);
      for (const text of [describeEvent(event, story.state()), describeEvent(event)]) {
        expect(text).toMatch(/^\p{L}.+\.$|^\p{L}.+[”!?…]$/su);
        expect(text).not.toMatch(/undefined|\[object|NaN|\.\.$/);
      }
      expect(weightOf(event) === "hidden").toBe(kind in HIDDEN);
    });
  }

  it("names steps and counts decisions where the state is at hand", () => {
    const texts = story.events().map((event) => describeEvent(event, story.state()));
    expect(texts).toContain("approver-1 approved ap-1 for run-1 (1 of 2). Accepted by name: fence:fence-source.");
    expect(texts).toContain("approver-2 approved ap-1 for run-1 (2 of 2). Accepted by name: fence:fence-source.");
    expect(texts).toContain("Step scale-target of run-1 (Scale the API in the target region) started.");
  });

  it("marks a drill as a drill", () => {
    const drill = scenes.drill();
    const texts = drill.events().map((event) => describeEvent(event, drill.state()));
    expect(texts.filter((text) => text.startsWith("Drill run-1 (failover)"))).toHaveLength(3);
  });
});

describe("the timeline", () => {
  it("has one line an event, in order, and all of the incident's events that are not hidden", () => {
    const context = createContext(wholeNight().input());
    const lines = fullTimeline(context);
    const shown = context.own.filter((event) => weightOf(event) !== "hidden").map(({ seq }) => seq);
    expect(lines.map(({ seq }) => seq)).toEqual(shown);
    expect(shown.length).toBeGreaterThan(60);
  });

  it("leaves single steps to the full one", () => {
    const context = createContext(wholeNight().input());
    const key = keyTimeline(context).map(({ text }) => text);
    expect(key.some((text) => text.includes("started.") && text.startsWith("Step"))).toBe(false);
    expect(key).toContain("Failover run-1 completed.");
  });

  it("shows a sample only when it says something else than the one before", () => {
    const story = createStory();
    story.emit("incident.opened", {
      incidentId: "inc-1",
      title: "t",
      region: EAST,
      severity: "sev1",
      openedBy: "person",
      startedAt: story.now(),
    });
    for (const seconds of [1, 2, 9, 8, 1]) {
      story.advance(60_000);
      sample(story, measured(story, 10, seconds), [EAST, WEST]);
    }
    const lines = fullTimeline(createContext(story.input())).filter(({ text }) => text.startsWith("Store"));
    expect(lines.map(({ text }) => text.match(/most (.+?) of/)?.[1])).toEqual(["1 s", "9 s", "1 s"]);
  });

  it("is bounded, and says how much it left out and where", () => {
    const lines = fullTimeline(createContext(scenes.longStory().input()));
    expect(lines).toHaveLength(2_000);
    const gap = lines.findIndex(({ omittedBefore }) => omittedBefore !== undefined);
    expect(gap).toBe(1_000);
    const [before, after] = [lines[gap - 1], lines[gap]];
    expect((after?.seq ?? 0) - (before?.seq ?? 0) - 1).toBe(after?.omittedBefore);
  });

  it("keeps to its incident", () => {
    const story = wholeNight();
    const seen = story.events().at(-1)?.seq ?? 0;
    story.advance(3_600_000);
    story.emit(
      "verdict.changed",
      { region: WEST, from: "healthy", to: "down", since: story.now(), evidence: [] },
      "system:detector",
    );
    story.emit("note.added", { noteId: "note-9", text: "About something else." }, "observer");
    const lines = fullTimeline(createContext(story.input("inc-1")));
    expect(lines.at(-1)?.seq).toBe(seen);
    expect(lines[0]?.text).toContain("went from healthy to down");
  });
});
