import { describe, expect, it } from "vitest";
import { eventSchemas } from "../../src/events.ts";
import { createContext } from "../../src/reports/input.ts";
import { fullTimeline, keyTimeline } from "../../src/reports/timeline.ts";
import { weightOf } from "../../src/reports/weight.ts";
import { everyKind } from "../helpers/every-kind.ts";
import { wholeNight } from "../helpers/incident.ts";
import { scenes } from "../helpers/incident-scenes.ts";
import { createStory, EAST, WEST } from "../helpers/story.ts";
import { measured, sample } from "../helpers/story-moves.ts";

/** Kinds that no timeline shows, each for a reason. */
const HIDDEN: Record<string, string> = {
  "step.assessed": "looks in between; what they led to has its own event",
  "offline.event": "stands in a stream of its own; the import says what it led to",
  "comms.posting": "what came of it has its own event",
  "timeline.edited": "shows in the pinned message's own line",
  "ask.asked": "a question of one person is no part of what happened",
  "ask.tool-called": "what was looked at for a question",
  "ask.answered": "an answer is shown to who asked",
  "ask.refused": "nor is a question that was not taken",
  "timeline.unpinned": "the pinned message's line goes",
};

describe("the weight of an event", () => {
  const byKind = new Map(
    everyKind()
      .events()
      .map((event) => [event.kind, event]),
  );

  it.each(Object.keys(eventSchemas) as (keyof typeof eventSchemas)[])("hides it only on purpose: %s", (kind) => {
    const event = byKind.get(kind);
    expect(event).toBeDefined();
    expect(event && weightOf(event) === "hidden").toBe(kind in HIDDEN);
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
