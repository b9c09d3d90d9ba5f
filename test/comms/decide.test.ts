import { describe, expect, it } from "vitest";
import { decideComms } from "../../src/comms/decide.ts";
import { MINUTE, type PublicStory, publicPlan, publicStory, write } from "../helpers/public-story.ts";
import { EAST, WEST } from "../helpers/story.ts";
import { approve, propose, regionDies, step } from "../helpers/story-moves.ts";

const said = (story: PublicStory) =>
  story
    .updates()
    .filter(({ skipped }) => !skipped)
    .map(({ updateId }) => updateId);
const at = (story: PublicStory, id: string) => {
  const update = story.updates().find(({ updateId }) => updateId === id);
  const incident = story.state().incidents["inc-1"];
  return update && incident ? Date.parse(update.dueAt) - Date.parse(incident.startedAt) : undefined;
};
const text = (story: PublicStory, id: string) => story.updates().find(({ updateId }) => updateId === id)?.text;

function dead(plan = publicPlan()): PublicStory {
  const story = publicStory(plan);
  regionDies(story);
  story.available(false);
  story.settle();
  story.deliver();
  return story;
}

function askForFailover(story: PublicStory): void {
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1", expectedMs: 3 * MINUTE });
}

function start(story: PublicStory): void {
  approve(story, "ap-1", "run-1", "approver-1");
  approve(story, "ap-1", "run-1", "approver-2");
  story.emit("run.started", { runId: "run-1" });
}

function serveElsewhere(story: PublicStory): void {
  for (const id of ["scale-target", "fence-source", "promote-target", "shift-traffic"]) step(story, "run-1", id);
  story.available(true);
  story.emit("run.completed", { runId: "run-1" });
  story.emit("quarantine.started", { region: EAST, runId: "run-1", reason: "Failed away from." });
}

function healthy(story: PublicStory, region: string): void {
  const from = story.state().regions[region]?.verdict ?? "unknown";
  story.emit("verdict.changed", { region, from, to: "healthy", since: story.now(), evidence: [] }, "system:detector");
}

describe("the schedule of the status page", () => {
  it("begins at once and by itself, counted from the first failing probe", () => {
    const story = dead();
    expect(said(story)).toEqual(["inc-1/investigating"]);
    expect(at(story, "inc-1/investigating")).toBe(2_400);
    expect(story.updates()[0]).toMatchObject({ publish: "automatic", title: "Disruption of Question answering" });
    expect(text(story, "inc-1/investigating")).toBe(
      "Question answering: requests have been failing since 02:15 UTC. We are investigating.",
    );
  });

  it("says at its time that the failover is being prepared, when people have not decided by then", () => {
    const story = dead();
    askForFailover(story);
    story.wait(4 * MINUTE);
    expect(said(story)).toEqual(["inc-1/investigating"]);
    story.wait(2 * MINUTE);
    expect(at(story, "inc-1/identified")).toBe(5 * MINUTE);
    expect(text(story, "inc-1/identified")).toBe(
      "We have found what is wrong: the location in North America that serves requests is not available. Question answering: requests have been failing since 02:15 UTC. We are preparing to move the service to another location, Europe.",
    );
  });

  it("says so early when the failover has begun, with an estimate that has a basis", () => {
    const story = dead();
    askForFailover(story);
    story.advance(30_000);
    start(story);
    story.settle();
    const update = story.updates().find(({ stage }) => stage === "identified");
    expect(update).toMatchObject({ because: "facts", eta: { basis: "how long this work usually takes" } });
    expect(update?.text).toContain("We are moving the service to another location, Europe.");
    expect(update?.text).toContain("answered again at about 02:19 UTC, going by how long this work usually takes.");
  });

  it("says that it is slower as soon as requests are answered again, and what the plan expects of that", () => {
    const story = dead();
    askForFailover(story);
    start(story);
    story.settle();
    story.deliver();
    story.advance(MINUTE);
    serveElsewhere(story);
    story.settle();
    expect(said(story)).toEqual(["inc-1/investigating", "inc-1/identified", "inc-1/degraded"]);
    expect(text(story, "inc-1/degraded")).toBe(
      "Question answering: requests are answered again, from another location, Europe. Answers may take about 90 ms longer than usual.",
    );
    story.deliver();
    story.wait(20 * MINUTE);
    expect(at(story, "inc-1/monitoring")).toBe(20 * MINUTE);
    expect(text(story, "inc-1/monitoring")).toContain("We cannot say yet when everything will be back to normal.");
  });

  it("is not told what is not so: without a failover nothing is identified, however late it is", () => {
    const story = dead();
    story.wait(60 * MINUTE);
    expect(said(story)).toEqual(["inc-1/investigating"]);
    askForFailover(story);
    story.settle();
    expect(said(story)).toEqual(["inc-1/investigating", "inc-1/identified"]);
  });

  it("skips to monitoring when everything recovers after eight minutes", () => {
    const story = dead();
    askForFailover(story);
    story.wait(8 * MINUTE - 2_400);
    story.deliver();
    healthy(story, EAST);
    story.available(true);
    story.emit("run.cancelled", { runId: "run-1", reason: "It came back." }, "operator");
    story.settle();
    expect(said(story)).toEqual(["inc-1/investigating", "inc-1/identified", "inc-1/monitoring"]);
    expect(at(story, "inc-1/monitoring")).toBe(8 * MINUTE);
    story.emit("incident.resolved", { incidentId: "inc-1", reason: "It recovered." }, "system:detector");
    story.settle();
    expect(text(story, "inc-1/resolved")).toBe(
      "This incident is resolved. Question answering: requests failed from 02:15 UTC to 02:23 UTC. Everything is back to normal.",
    );
  });

  it("begins again when requests fail again after it was said that they are answered", () => {
    const story = dead();
    askForFailover(story);
    start(story);
    serveElsewhere(story);
    story.settle();
    story.deliver();
    story.available(false);
    story.wait(2 * MINUTE);
    expect(said(story).at(-1)).toBe("inc-1/investigating/2");
    expect(text(story, "inc-1/investigating/2")).toMatch(/^The problem is back\./);
    story.deliver();
    story.available(true);
    story.settle();
    expect(said(story).at(-1)).toBe("inc-1/degraded/2");
  });

  it("ends, however often the service comes and goes", () => {
    const story = dead();
    askForFailover(story);
    start(story);
    serveElsewhere(story);
    for (let turn = 0; turn < 60; turn++) {
      story.available(turn % 2 === 1);
      story.wait(2 * MINUTE);
      if (turn % 5 > 0) story.deliver();
    }
    expect(story.state().comms["inc-1"]?.round).toBe(10);
    expect(story.updates().length).toBeLessThan(50);
  });
});

describe("what is not posted", () => {
  it("is what was waiting and is no longer true, with the reason", () => {
    const ask = { afterMs: 5 * MINUTE, publish: "ask" as const };
    const story = dead(publicPlan({}, { identified: ask }));
    askForFailover(story);
    story.wait(6 * MINUTE);
    expect(story.updates().at(-1)).toMatchObject({ stage: "identified", publish: "ask" });
    story.emit("run.cancelled", { runId: "run-1", reason: "Denied." }, "approver-1");
    story.settle();
    expect(story.updates().at(-1)?.skipped?.reason).toBe("It was no longer true.");
  });

  it("is what a later update has overtaken before anybody was told", () => {
    const story = publicStory();
    regionDies(story);
    story.available(false);
    story.settle();
    askForFailover(story);
    start(story);
    story.settle();
    expect(story.updates().map(({ stage, skipped }) => [stage, skipped?.reason])).toEqual([
      ["investigating", '"identified" has taken its place.'],
      ["identified", undefined],
    ]);
  });

  it("is anything while every region looks down, until a person says so: the observer is suspect", () => {
    const story = publicStory();
    story.emit("verdict.changed", { region: WEST, from: "healthy", to: "down", since: story.now(), evidence: [] });
    regionDies(story);
    story.settle();
    expect(story.updates()).toMatchObject([{ stage: "investigating", publish: "ask" }]);
  });

  it("is anything that happens under a drill, and the end of what was never told", () => {
    const story = publicStory();
    propose(story, { runId: "run-0", runbook: "failover", rehearsal: true, approvalId: "ap-0" });
    regionDies(story);
    story.settle();
    expect(story.updates()).toMatchObject([{ stage: "investigating", publish: "ask" }]);
    story.emit("run.cancelled", { runId: "run-0", reason: "over" }, "operator");
    healthy(story, EAST);
    story.available(true);
    story.emit("incident.resolved", { incidentId: "inc-1", reason: "over" }, "operator");
    story.settle();
    expect(said(story)).toEqual([]);
  });

  it("is anything where the plan says nothing of communication", () => {
    const { communication: _, ...plan } = publicPlan();
    const story = dead();
    expect(decideComms(plan, story.state(), Date.parse(story.now()), write)).toEqual({ events: [] });
  });

  it("is a planned move, during which requests are answered", () => {
    const story = publicStory();
    const incident = { title: "Failover asked for", region: EAST, severity: "sev2", openedBy: "person" } as const;
    story.emit("incident.opened", { incidentId: "inc-1", ...incident, startedAt: story.now() }, "operator");
    story.wait(30 * MINUTE);
    expect(story.updates()).toEqual([]);
  });
});

it("tells nobody what things are called inside, whatever happens", () => {
  const { communication: _, ...plan } = publicPlan();
  const secret = [EAST, WEST, "run-1", "ap-1", "redis", "approver", "failover", "sessions", "genai-api", plan.digest];
  const story = dead(publicPlan({ regions: {} }));
  askForFailover(story);
  start(story);
  story.settle();
  story.deliver();
  serveElsewhere(story);
  story.settle();
  story.deliver();
  story.wait(30 * MINUTE);
  story.deliver();
  healthy(story, EAST);
  story.emit("incident.resolved", { incidentId: "inc-1", reason: "inside words" }, "operator");
  story.settle();
  const all = story.updates().map((update) => `${update.title} ${update.text}`);
  expect(all).toHaveLength(5);
  for (const word of [...secret, "North America", "Europe", "inside"]) {
    expect(
      all.filter((one) => one.toLowerCase().includes(word.toLowerCase())),
      word,
    ).toEqual([]);
  }
});
