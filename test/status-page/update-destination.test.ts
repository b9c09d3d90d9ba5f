import { describe, expect, it } from "vitest";
import { type Message, messagesOf } from "../../src/deliveries/port.ts";
import { createUpdateDestination, type UpdateBody } from "../../src/status-page/update-destination.ts";
import { MINUTE, type PublicStory, publicPlan, publicStory } from "../helpers/public-story.ts";
import { EAST } from "../helpers/story.ts";
import { approve, propose, regionDies } from "../helpers/story-moves.ts";

const ask = { afterMs: 5 * MINUTE, publish: "ask" as const };
const all = ["investigating", "identified", "degraded", "monitoring", "resolved"] as const;

function place(story: PublicStory, stages: readonly (typeof all)[number][] = all) {
  return createUpdateDestination({ id: "list", name: "a list", plan: story.plan, stages, deliver: async () => "ref" });
}

function dead(plan = publicPlan()): PublicStory {
  const story = publicStory(plan);
  regionDies(story);
  story.available(false);
  story.settle();
  return story;
}

function moved(story: PublicStory): void {
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1", expectedMs: 3 * MINUTE });
  approve(story, "ap-1", "run-1", "approver-1");
  approve(story, "ap-1", "run-1", "approver-2");
  story.emit("run.started", { runId: "run-1" });
  story.settle();
  story.deliver();
}

/** All that the journal gives to tell, told or not. */
const messages = (story: PublicStory, to = place(story)) =>
  story.events().flatMap((event) => messagesOf(to, event, story.state())) as Message<UpdateBody>[];
const stagesOf = (list: Message<UpdateBody>[]) => list.map(({ body }) => body.update.stage);

/** Under the key that the update's event has in a real journal. */
function arrived(story: PublicStory, { body, what, seq, at }: Message<UpdateBody>): void {
  const messageId = `schedule/${body.updateId}`;
  story.emit("delivery.sent", { destination: "list", messageId, what, eventSeq: seq, happenedAt: at });
}

/** Why each is not told, were it its turn now. */
function skips(story: PublicStory, to = place(story)): (string | undefined)[] {
  const list = messages(story, to);
  return list.map((one, index) => to.skip?.(one, { state: story.state(), behind: list.slice(index + 1) }));
}

describe("somebody who is told updates", () => {
  it("gets those that were asked for, with what was said before", () => {
    const story = dead();
    story.deliver();
    arrived(story, messages(story)[0]!);
    moved(story);
    expect(stagesOf(messages(story))).toEqual(["investigating", "identified"]);
    expect(stagesOf(messages(story, place(story, ["identified"])))).toEqual(["identified"]);
    const { update, before, page } = messages(story)[1]!.body;
    expect(update).toMatchObject({ stage: "identified", title: "Disruption of Question answering" });
    expect(before).toMatchObject([{ update: { stage: "investigating" }, told: true }]);
    expect(page).toMatchObject({ title: "GenAI API", state: "major_outage" });
    expect(skips(story)).toEqual(["It was told already.", undefined]);
  });

  it("gets what waits for people when they have posted it, and not what they hold back", () => {
    const story = dead(publicPlan({}, { identified: ask }));
    story.deliver();
    propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1", expectedMs: 3 * MINUTE });
    story.wait(6 * MINUTE);
    expect(stagesOf(messages(story))).toEqual(["investigating"]);
    const which = { incidentId: "inc-1", updateId: "inc-1/identified" };
    story.emit("comms.edited", { ...which, text: "We know what it is." }, "operator");
    story.emit("comms.approved", which, "operator");
    expect(messages(story)[1]?.body.update.text).toBe("We know what it is.");
    expect(skips(story)[1]).toBeUndefined();
    story.emit("comms.held", { incidentId: "inc-1", stage: "identified", round: 1 }, "operator");
    expect(skips(story)[1]).toBe("Somebody holds it back.");
  });

  it("gets once what is posted again elsewhere", () => {
    const story = dead();
    story.deliver();
    arrived(story, messages(story)[0]!);
    story.emit("comms.approved", { incidentId: "inc-1", updateId: "inc-1/investigating" }, "operator");
    expect(messages(story)).toHaveLength(2);
    expect(skips(story)).toEqual(["It was told already.", "It was told already."]);
  });

  it("is told late with the update that follows, which says what was missed", () => {
    const story = dead();
    story.deliver();
    moved(story);
    expect(skips(story)).toEqual(['"identified" says it as well.', undefined]);
    expect(messages(story)[1]?.body.before).toMatchObject([{ update: { stage: "investigating" }, told: false }]);
  });

  it("is not told what is no longer so", () => {
    const story = dead();
    story.deliver();
    expect(skips(story)).toEqual([undefined]);
    const to = "healthy" as const;
    story.emit("verdict.changed", { region: EAST, from: "down", to, since: story.now(), evidence: [] });
    story.available(true);
    expect(skips(story, place(story, ["investigating"]))).toEqual(["It is no longer true."]);
  });
});
