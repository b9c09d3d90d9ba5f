import { describe, expect, it } from "vitest";
import { taskOf } from "../../src/assistant/task.ts";
import type { DomainEvent } from "../../src/events.ts";
import { readIncident } from "../../src/followers/read-incident.ts";
import { renderDocuments } from "../../src/reports/write.ts";
import { wholeNight } from "../helpers/incident.ts";
import { createStory, EAST, type Story, WEST } from "../helpers/story.ts";
import { calm, measured, regionDies, sample } from "../helpers/story-moves.ts";

const MOST_READ = 1_500;

/** Hours in which something happened that the documents of what follows look up, and much else. */
function past(story: Story): void {
  calm(story);
  story.emit("note.added", { noteId: "note-old", text: "Nothing to see." }, "approver-9");
  story.emit("quarantine.started", { region: WEST, runId: "run-0", reason: "Failed away from." });
  story.emit("quarantine.lifted", { region: WEST, reason: "It is well." });
  const lost = { service: "public", precisionMs: 1_000 };
  story.emit("availability.changed", { ...lost, available: false, lastGoodAt: story.now() }, "system:detector");
  story.emit(
    "availability.changed",
    { ...lost, available: true, firstGoodAt: story.advance(5_000) },
    "system:detector",
  );
  for (let index = 0; index < 5_000; index++) {
    sample(story, measured(story, 100, index % 3));
    story.advance(2_000);
  }
}

/** What a journal of these events answers, and how many of them were asked for. */
function journalOf(events: readonly DomainEvent[]) {
  const asked = { events: 0 };
  const read = async ({ after, limit }: { after: number; limit: number }) => {
    const found = events.slice(after, after + limit);
    asked.events += found.length;
    return found;
  };
  return { read, asked };
}

describe("the documents of an incident in a long journal", () => {
  it("are the same, word for word, as if all of it had been read", async () => {
    const story = createStory();
    past(story);
    wholeNight(story);
    const whole = story.input();
    const { read, asked } = journalOf(whole.events);
    const events = await readIncident({ read }, whole.state, whole.incident, whole.asOf.seq);
    expect(events.length).toBeLessThan(whole.events.length / 3);
    expect(asked.events).toBeLessThan(MOST_READ);
    const part = { ...whole, events };
    expect(renderDocuments(part)).toEqual(renderDocuments(whole));
    expect(taskOf(part)).toEqual(taskOf(whole));
  });

  it("know of what was said last before it, however long ago that was", async () => {
    const story = createStory();
    past(story);
    regionDies(story);
    const { state, incident, events, asOf } = story.input();
    const found = await readIncident(journalOf(events), state, incident, asOf.seq);
    const readiness = found.filter(({ kind }) => kind === "readiness.changed");
    expect(readiness.map(({ seq }) => seq)).toEqual([events.find(({ kind }) => kind === "readiness.changed")?.seq]);
    // Whoever did something long ago is named in no prompt either.
    expect(taskOf({ ...story.input(), events: found }).context.people).toContain("approver-9");
  });

  it("are made from all of it where what was said last cannot be told", async () => {
    const story = createStory();
    past(story);
    // More about one thing between the first sign and the opening than is remembered of it.
    const startedAt = story.now();
    for (let index = 0; index < 10; index++) {
      story.advance(100);
      sample(story, measured(story, 100, index % 3));
    }
    const opened = { incidentId: "inc-9", title: "It is gone.", region: EAST, severity: "sev1" as const };
    story.emit("incident.opened", { ...opened, openedBy: "signal", startedAt }, "system:detector");
    const { state, incident, events, asOf } = story.input();
    expect(state.landmarks.incidents["inc-9"]?.before).toBeUndefined();
    const found = await readIncident(journalOf(events), state, incident, asOf.seq);
    const others = (all: readonly DomainEvent[]) => all.filter(({ kind }) => kind !== "replication.sampled");
    expect(others(found)).toEqual(others(events));
  });

  it("end with the event up to which they are wanted", async () => {
    const story = createStory();
    wholeNight(story);
    const { state, incident, events } = story.input();
    const upTo = events.length - 5;
    expect((await readIncident(journalOf(events), state, incident, upTo)).at(-1)?.seq).toBe(upTo);
  });
});
