import { describe, expect, it } from "vitest";
import { checkInCard, roomFacts } from "../../src/cards/war-room.ts";
import { chatMessages } from "../../src/chat/messages.ts";
import { channelMessages } from "../../src/http/room/channel.ts";
import { briefingOf } from "../../src/war-room/briefing-view.ts";
import { decideCheckIn } from "../../src/war-room/decide-check-in.ts";
import { person } from "../helpers/core.ts";
import { createStory, EAST, storyPlan } from "../helpers/story.ts";
import { approve, propose, regionDies, step } from "../helpers/story-moves.ts";
import { MINUTE, type RoomStory, roomPlan, roomStory } from "../helpers/war-room-story.ts";

const minutes = (story: RoomStory) => {
  const opened = Date.parse(story.state().incidents["inc-1"]?.openedAt ?? "");
  return story.checkIns().map(({ at }) => (Date.parse(at) - opened) / MINUTE);
};
const incidentOf = (story: RoomStory) => story.state().incidents["inc-1"]!;
const asked = (story: RoomStory) =>
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1", expectedMs: 3 * MINUTE });
const briefing = (story: RoomStory) => briefingOf(story.state(), Date.parse(story.now()));

describe("check-ins", () => {
  it("come every five minutes while something is wrong, and never for what was missed", () => {
    const story = roomStory();
    asked(story);
    story.wait(11 * MINUTE);
    expect(minutes(story)).toEqual([5, 10]);
    // Nobody looked for half an hour: one, and not six.
    story.advance(30 * MINUTE);
    story.wait(0);
    expect(minutes(story)).toEqual([5, 10, 41]);
  });

  it("come more and more slowly when nothing changes, an hour apart at most, and at their pace again when it does", () => {
    const story = roomStory();
    asked(story);
    story.wait(7 * 60 * MINUTE);
    const gaps = minutes(story).map((at, index, all) => at - (all[index - 1] ?? 0));
    expect(gaps.slice(0, 8)).toEqual([5, 5, 5, 5, 10, 20, 40, 60]);
    expect(new Set(gaps.slice(8))).toEqual(new Set([60]));
    const before = story.room().checkInCount;
    approve(story, "ap-1", "run-1", "approver-1");
    story.wait(5 * MINUTE);
    expect(story.room().checkInCount).toBe(before + 2);
  });

  it("go on at their pace while people add to them", async () => {
    const story = roomStory();
    asked(story);
    for (let turn = 0; turn < 8; turn++) {
      story.wait(5 * MINUTE);
      await story.people.checkIn(`still at it, ${turn}`, person("operator"));
    }
    expect(minutes(story)).toEqual([5, 10, 15, 20, 25, 30, 35, 40]);
  });

  it("stop at the resolution, and wait while nothing is wrong", () => {
    const story = roomStory();
    story.wait(6 * MINUTE);
    expect(minutes(story)).toEqual([5]);
    const well = { region: EAST, from: "down" as const, to: "healthy" as const, since: story.now(), evidence: [] };
    story.emit("verdict.changed", well, "system:detector");
    story.emit("availability.changed", { service: "public", available: true, precisionMs: 1_000 }, "system:detector");
    story.wait(60 * MINUTE);
    expect(minutes(story)).toEqual([5]);
    story.emit("verdict.changed", { ...well, from: "healthy", to: "down" }, "system:detector");
    story.wait(0);
    expect(minutes(story)).toEqual([5, 66]);
    story.emit("incident.resolved", { incidentId: "inc-1", reason: "over" });
    story.wait(60 * MINUTE);
    expect(minutes(story)).toEqual([5, 66]);
  });

  it("come as often as the plan says, and not at all where it has no war room", () => {
    const quick = roomStory(roomPlan({ checkInEveryMs: MINUTE }));
    quick.wait(3 * MINUTE);
    expect(minutes(quick)).toEqual([1, 2, 3]);
    const none = createStory(storyPlan());
    regionDies(none);
    none.advance(60 * MINUTE);
    expect(decideCheckIn(none.state(), Date.parse(none.now()))).toEqual({ events: [] });
  });

  it("are decided on the same state under the same key, so that two instances say it once", () => {
    const story = roomStory();
    story.advance(5 * MINUTE);
    const [one, other] = [0, 1].map((late) => decideCheckIn(story.state(), Date.parse(story.now()) + late * 1_000));
    expect(one?.events[0]?.key).toBe("checkin/inc-1/checkin-1");
    expect(other?.events[0]?.key).toBe(one?.events[0]?.key);
  });
});

describe("what a check-in says", () => {
  it("is where things stand, the estimate with its basis, and what waits since when and on whom", () => {
    const story = roomStory();
    asked(story);
    story.advance(2 * MINUTE);
    const { status, eta, roadblocks, next } = briefing(story);
    expect(status.join(" ")).toMatch(/us-east-1 down and eu-central healthy/);
    expect(status.join(" ")).toContain("Failover us-east-1 → eu-central (run-1) proposed, 0 of 4 steps");
    expect(eta).toEqual({ basis: expect.stringMatching(/^about 3 m from the approval of run-1 on \(/) });
    expect(roadblocks).toEqual([
      { what: "ap-1 for run-1: 0 of 2 approvals", since: expect.any(String), on: "approver or commander" },
    ]);
    expect(next).toEqual([expect.stringMatching(/^run-1: people decide, then “Scale the API/)]);
  });

  it("gives a moment only while it can still be kept, and none while people hold the run", () => {
    const story = roomStory();
    asked(story);
    approve(story, "ap-1", "run-1", "approver-1");
    approve(story, "ap-1", "run-1", "approver-2");
    story.emit("run.started", { runId: "run-1" });
    const startedAt = Date.parse(story.now());
    step(story, "run-1", "scale-target");
    expect(briefing(story).eta).toEqual({
      at: new Date(startedAt + 3 * MINUTE).toISOString(),
      basis: expect.any(String),
    });
    story.emit("run.paused", { runId: "run-1", reason: "somebody looks at the database" }, "operator");
    expect(briefing(story).eta).toEqual({ basis: "none while run-1 is paused" });
    expect(briefing(story).roadblocks).toContainEqual(
      expect.objectContaining({
        what: "run-1 is paused: somebody looks at the database",
        on: expect.stringContaining("operator"),
      }),
    );
    story.emit("run.resumed", { runId: "run-1" }, "operator");
    story.advance(4 * MINUTE);
    expect(briefing(story).eta?.at).toBeUndefined();
    expect(briefing(story).eta?.basis).toContain("run-1 was expected to be done at");
  });

  it("dates an outage by the last good answer, as every other card does", () => {
    const story = roomStory();
    const lastGoodAt = story.now();
    story.advance(4_000);
    story.emit("availability.changed", { service: "api", available: false, lastGoodAt, precisionMs: 1_000 });
    expect(briefing(story).status[0]).toContain(`api does NOT answer since ${lastGoodAt.slice(11, 19)} UTC`);
  });

  it("names a step that takes far longer than usual, in words that stay the same while it goes on", () => {
    const story = roomStory();
    asked(story);
    approve(story, "ap-1", "run-1", "approver-1");
    approve(story, "ap-1", "run-1", "approver-2");
    story.emit("run.started", { runId: "run-1" });
    story.emit("step.started", { runId: "run-1", stepId: "scale-target", attempt: 1 });
    const state = story.state();
    const run = state.runs["run-1"]!;
    const expected = { ...run.evidence.expected, steps: { "scale-target": 30_000 } };
    const runs = { "run-1": { ...run, evidence: { ...run.evidence, expected } } };
    const waitsAfter = (ms: number) => briefingOf({ ...state, runs }, Date.parse(story.now()) + ms).roadblocks;
    expect(waitsAfter(89_000)).toEqual([]);
    expect(waitsAfter(91_000)).toEqual([
      {
        what: expect.stringMatching(/^“.+” in run-1 takes far longer than the usual 30 s \(attempt 1\)$/),
        since: story.now(),
        on: expect.any(String),
      },
    ]);
    expect(waitsAfter(300_000)).toEqual(waitsAfter(91_000));
  });

  it("calls a drill a drill", () => {
    const story = roomStory();
    propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1", rehearsal: true } as never);
    expect(briefing(story).status.join(" ")).toContain("DRILL · Failover");
  });

  it("is bounded, the longest wait first", () => {
    const story = roomStory();
    for (let index = 1; index <= 12; index++) {
      story.advance(1_000);
      propose(story, { runId: `run-${index}`, runbook: "failover", approvalId: `ap-${index}` });
    }
    const { roadblocks } = briefing(story);
    expect(roadblocks).toHaveLength(8);
    expect(roadblocks[0]?.what).toContain("ap-1 ");
  });
});

describe("the card of a check-in", () => {
  it("asks whoever leads and whoever writes, and takes a confirmation or a line from anybody", async () => {
    const story = roomStory();
    await story.people.take({ role: "incident-commander" }, person("operator"));
    story.wait(5 * MINUTE);
    const open = () => checkInCard(story.checkIns().at(-1)!, incidentOf(story), person("observer"));
    expect(open().text).toContain("operator (incident commander): is this so, and what else?");
    expect(open().buttons?.map(({ command, ask }) => [command, ask?.field])).toEqual([
      ["checkin", undefined],
      ["checkin", "text"],
    ]);
    await story.people.checkIn(undefined, person("operator"));
    await story.people.checkIn(undefined, person("operator"));
    await story.people.checkIn("The provider has answered.", person("observer"));
    expect(
      story
        .checkIns()
        .at(-1)
        ?.answers.map(({ by, text }) => [by, text]),
    ).toEqual([
      ["operator", undefined],
      ["observer", "The provider has answered."],
    ]);
    expect(open().text?.join("\n")).toContain("observer: The provider has answered.");
    expect(roomFacts(incidentOf(story), [], story.now()).at(-1)?.value).toContain("“The provider has answered.”");
  });

  it("is quoted later with its estimate only while the run goes on that it was made for", () => {
    const story = roomStory();
    asked(story);
    approve(story, "ap-1", "run-1", "approver-1");
    approve(story, "ap-1", "run-1", "approver-2");
    story.wait(4 * MINUTE);
    story.emit("run.started", { runId: "run-1" });
    story.wait(1 * MINUTE);
    const quoted = () =>
      roomFacts(incidentOf(story), Object.values(story.state().runs), story.now()).find(
        ({ label }) => label === "Latest check-in",
      )?.value;
    expect(quoted()).toMatch(/ETA about \d\d:\d\d:\d\d UTC/);
    story.emit("run.completed", { runId: "run-1" });
    expect(quoted()).toContain("ETA gone, as what was under way has ended");
    story.advance(1_000);
    propose(story, { runId: "run-2", runbook: "failback", approvalId: "ap-2" });
    expect(quoted()).toContain("ETA gone");
  });

  it("is quoted without the estimate of a run that people have denied", () => {
    const story = roomStory();
    asked(story);
    story.wait(5 * MINUTE);
    const run = story.state().runs["run-1"]!;
    const quoted = (phase: typeof run.phase) => roomFacts(incidentOf(story), [{ ...run, phase }], story.now()).at(-1);
    expect(quoted("proposed")?.value).toContain("ETA about 3 m from the approval of run-1 on");
    expect(quoted("cancelled")?.value).toContain("ETA gone, as what was under way has ended");
  });

  it("is a new post in the incident's thread each time; the one before has no buttons any more", async () => {
    const story = roomStory();
    story.wait(10 * MINUTE);
    const posts = () =>
      chatMessages(story.events(), { state: story.state(), waiting: [], at: story.now() }).filter(({ id }) =>
        id.startsWith("inc-1-checkin-"),
      );
    expect(posts().map(({ id, thread, over = false }) => [id, thread, over])).toEqual([
      ["inc-1-checkin-1", "inc-1", true],
      ["inc-1-checkin-2", "inc-1", false],
    ]);
    expect(posts().map(({ card }) => card.buttons?.length)).toEqual([0, 2]);
    story.emit("incident.resolved", { incidentId: "inc-1", reason: "over" });
    expect(posts().map(({ over }) => over)).toEqual([true, true]);
    const room = channelMessages(story.events(), {
      state: story.state(),
      waiting: [],
      at: story.now(),
      caller: undefined,
    });
    const cards = room.filter(({ id }) => id.startsWith("checkin-"));
    expect(cards.map(({ content }) => content.kind === "card" && content.folded)).toEqual([true, true]);
  });

  it("can be begun by a person before anybody asked", async () => {
    const story = roomStory(storyPlan());
    await story.people.checkIn("I look at the database.", person("operator"));
    expect(story.checkIns()).toMatchObject([{ because: "person", answers: [{ text: "I look at the database." }] }]);
  });

  it("takes no more answers than people read", async () => {
    const story = roomStory();
    story.wait(5 * MINUTE);
    for (let index = 0; index < 20; index++) await story.people.checkIn(`line ${index}`, person("operator"));
    await expect(story.people.checkIn("one more", person("operator"))).rejects.toMatchObject({ code: "too-large" });
    expect(story.checkIns().at(-1)?.answers).toHaveLength(20);
  });
});
