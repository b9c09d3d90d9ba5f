import { describe, expect, it } from "vitest";
import { reportFacts } from "../../src/reports/facts.ts";
import { comeBack, failover, promoteWest, serveFromWest } from "../helpers/incident.ts";
import { createStory, type Story } from "../helpers/story.ts";
import { ask, calm, propose, regionDies, step } from "../helpers/story-moves.ts";

/** A failover that went through; each test changes one thing about it. */
function night({
  detectMs = 2_400,
  decideMs = 1_000,
  expectedMs = 90_000,
  more = (_: Story) => {},
} = {}): ReturnType<typeof reportFacts> {
  const story = createStory();
  calm(story);
  regionDies(story, detectMs);
  failover(story, { decideMs, expectedMs });
  step(story, "run-1", "fence-source");
  promoteWest(story);
  serveFromWest(story);
  more(story);
  return reportFacts(story.input());
}

const texts = (statements: { text: string }[]) => statements.map(({ text }) => text).join("\n");

describe("what went wrong", () => {
  it("is empty for a night without trouble", () => expect(night().wentWrong).toEqual([]));

  it.each([
    ["slow detection", { detectMs: 4_001 }, "Detection took 4.1 s"],
    ["a decision longer than the run", { decideMs: 60_000 }, "longer than carrying it out"],
    ["a run longer than expected", { expectedMs: 5_000 }, "Failover run-1 took 13 s; 5 s were expected."],
    ["a target that was missed", { decideMs: 920_000 }, "The recovery time missed its target for api (target 15 m)"],
  ])("names %s, and an action with the same events", (_, change, text) => {
    const { wentWrong, actionItems } = night(change);
    const problem = wentWrong.find((one) => one.text.includes(text));
    expect(problem?.refs.length).toBeGreaterThan(0);
    expect(actionItems.some(({ refs }) => problem?.refs.every((seq) => refs.includes(seq)))).toBe(true);
  });

  it("does not call a recovery late that may have been in time", () => {
    // The outage lasts at most 15 m 2 s, and its ends are known to 2 s each.
    const { objectives, wentWrong, wentWell } = night({ decideMs: 877_000 });
    expect(objectives[0]?.rto).toBe("uncertain");
    expect(texts(wentWrong)).not.toContain("missed its target");
    expect(texts(wentWell)).not.toContain("inside its target");
  });

  it("has broken glass as an item to review, with which guards and why, and without a name", () => {
    const guards = [{ guard: "target-quarantined", summary: "eu-central is in quarantine after run-0." }];
    const more = (story: Story) =>
      void story.emit("guard.overridden", { runId: "run-1", guards, reason: "nothing else is up" }, "commander");
    const { wentWrong, actionItems } = night({ more });
    expect(texts(wentWrong)).toContain(
      "The glass was broken for run-1: target-quarantined: eu-central is in quarantine after run-0. The reason given: nothing else is up.",
    );
    expect(texts(actionItems)).toContain("Review the broken glass of run-1");
  });

  it("counts interruptions", () => {
    const { wentWrong } = night({
      more: (story) => {
        story.advance(30_000);
        story.emit(
          "availability.changed",
          { service: "public", available: false, lastGoodAt: story.now(), precisionMs: 2_000 },
          "system:detector",
        );
        story.advance(9_000);
        story.emit(
          "availability.changed",
          { service: "public", available: true, firstGoodAt: story.now(), precisionMs: 1_000 },
          "system:detector",
        );
      },
    });
    expect(texts(wentWrong)).toContain("Clients lost the service 2 times during the incident.");
  });

  it("does not take two instances that work side by side for one that ended", () => {
    const story = createStory();
    calm(story);
    regionDies(story);
    const note = (noteId: string) =>
      story.emit("note.added", { noteId, incidentId: "inc-1", text: "Looking." }, "observer");
    note("note-1");
    story.restart();
    const [first, second] = [note("note-2"), note("note-3")];
    const input = story.input();
    expect(reportFacts(input).handovers).toMatchObject([{ refs: [first.seq - 1, first.seq] }]);
    const events = input.events.map((event) =>
      event.seq === second.seq ? { ...event, instance: "instance-1" } : event,
    );
    expect(reportFacts({ ...input, events }).handovers).toEqual([]);
  });

  it("merges equal actions and keeps all their events", () => {
    const story = createStory();
    calm(story);
    regionDies(story);
    propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1" });
    for (const round of [1, 2]) {
      const changes = [{ what: "region us-east-1", old: "down", new: "up" }];
      story.emit("approval.voided", { approvalId: `ap-${round}`, runId: "run-1", changes });
      ask(story, { runId: "run-1", runbook: "failover", approvalId: `ap-${round + 1}`, replaces: `ap-${round}` });
    }
    const { wentWrong, actionItems } = reportFacts(story.input());
    const voided = wentWrong.filter(({ text }) => text.includes("was voided"));
    const items = actionItems.filter(({ text }) => text.includes("could have been known"));
    expect(voided).toHaveLength(2);
    expect(items).toHaveLength(1);
    expect(items[0]?.refs).toEqual([...new Set(voided.flatMap(({ refs }) => refs))]);
  });
});

describe("what went well", () => {
  it("is not claimed for a run that needed a second attempt", () => {
    expect(texts(night().wentWell)).toContain("All 4 steps of failover run-1 were verified at the first attempt.");
    const story = createStory();
    calm(story);
    regionDies(story);
    failover(story, { decideMs: 0 });
    step(story, "run-1", "fence-source", { attempt: 2 });
    promoteWest(story);
    serveFromWest(story);
    expect(texts(reportFacts(story.input()).wentWell)).not.toContain("verified at the first attempt");
  });

  it("says what was saved before a returned store was made to follow", () => {
    expect(texts(night({ more: comeBack }).wentWell)).toContain("was saved as diverged-run-2 by run-2");
  });
});
