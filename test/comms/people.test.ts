import { describe, expect, it } from "vitest";
import { commsCard } from "../../src/cards/comms.ts";
import { chatMessages } from "../../src/chat/messages.ts";
import { createComms } from "../../src/comms/comms.ts";
import { nextPosting } from "../../src/comms/decide-delivery.ts";
import type { NewDomainEvent } from "../../src/events.ts";
import { person } from "../helpers/core.ts";
import { MINUTE, type PublicStory, publicPlan, publicStory, write } from "../helpers/public-story.ts";
import { approve, propose, regionDies } from "../helpers/story-moves.ts";

const ask = { afterMs: 5 * MINUTE, publish: "ask" as const };
const plan = publicPlan({}, { identified: ask });

/** An update that waits for a tap, six minutes after the first failure. */
function asked(ofPlan = plan): PublicStory {
  const story = publicStory(ofPlan);
  regionDies(story);
  story.available(false);
  story.settle();
  story.deliver();
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1", expectedMs: 3 * MINUTE });
  story.wait(6 * MINUTE);
  return story;
}

function commsOf(story: PublicStory) {
  const journal = {
    load: async () => story.state(),
    commit: async (decide: (state: ReturnType<typeof story.state>) => NewDomainEvent[]) => {
      const events = decide(story.state()).map(({ kind, data, actor }) => story.emit(kind, data as never, actor));
      return { events, state: story.state() };
    },
  };
  const clock = { now: () => Date.parse(story.now()) };
  const destinations = [{ id: "page", name: "/status" }];
  return createComms({ plan: story.plan, journal, clock, loadWriter: async () => write, destinations });
}

describe("the card of the status page", () => {
  it("shows what was posted, what waits, and in how many minutes and seconds the next one comes", async () => {
    const story = asked();
    const card = commsCard(await commsOf(story).view(), person("operator"));
    expect(card.title).toBe("Status page of GenAI API · “degraded” in 3:58, if it is so by then");
    expect(card.status).toBe("waiting");
    expect(card.table?.rows.map(([stage, state]) => [stage, state])).toEqual([
      ["investigating", "posted"],
      ["identified", "waits for a tap"],
      ["degraded", "to come"],
      ["monitoring", "to come"],
      ["resolved", "to come"],
    ]);
    expect(card.table?.rows.at(-1)?.[2]).toBe("when it is over");
    expect(card.buttons?.map(({ command, input }) => `${command} ${input.stage}`)).toEqual([
      "comms post identified",
      "comms edit identified",
      "comms hold degraded",
      "comms hold monitoring",
    ]);
    expect(card.buttons?.[0]?.confirm).toContain("We have found what is wrong");
    expect(commsCard(await commsOf(story).view(), person("observer")).buttons).toEqual([]);
  });

  it("says of what is late, because it is not so yet, what it waits for", async () => {
    const story = asked();
    story.advance(10 * MINUTE);
    const { table } = commsCard(await commsOf(story).view(), person("operator"));
    expect(table?.rows.find(([stage]) => stage === "degraded")?.[2]).toBe("as soon as it is so");
  });

  it("offers to try again what a page has refused, and says why it did", async () => {
    const story = asked();
    const which = { incidentId: "inc-1", updateId: "inc-1/identified" };
    story.emit("comms.approved", which, "operator");
    const why = { code: "vendor-rejected", summary: "The key is wrong.", hint: "", retrying: false };
    story.emit("comms.failed", { ...which, destination: "page", ...why });
    const card = commsCard(await commsOf(story).view(), person("operator"));
    expect(card.text?.join("\n")).toContain("Identified does not reach page: The key is wrong.");
    expect(card.buttons?.[0]).toMatchObject({ label: "Try “identified” again", command: "comms post" });
    expect(nextPosting(plan, story.state(), "page")).toBeUndefined();
    await commsOf(story).post("identified", person("operator"));
    expect(nextPosting(plan, story.state(), "page")?.updateId).toBe("inc-1/identified");
  });

  it("says what a drill would have said, and that nothing is published", async () => {
    const story = publicStory();
    propose(story, { runId: "run-0", runbook: "failover", rehearsal: true, approvalId: "ap-0" });
    story.settle();
    const view = await commsOf(story).view();
    expect(commsCard(view).text?.join()).toMatch(
      /^DRILL: nothing is published\. It would say \(identified\): “We have/,
    );
    expect(story.updates()).toEqual([]);
  });
});

describe("an update that waits for a tap", () => {
  it("is a card in the chat while it waits, and is not asked late", () => {
    const story = asked();
    const message = () =>
      chatMessages(story.events(), { state: story.state(), waiting: [], at: story.now() }).find(
        ({ id }) => id === "comms-inc-1-identified",
      );
    expect(message()?.card).toMatchObject({ title: "Status update “identified” waits for a tap", status: "waiting" });
    expect(message()?.card.buttons?.map(({ command }) => command)).toEqual(["comms post", "comms edit"]);
    story.emit("comms.approved", { incidentId: "inc-1", updateId: "inc-1/identified" }, "operator");
    story.deliver();
    expect(message()).toMatchObject({ over: true, card: { title: "Status update “identified” posted", buttons: [] } });
  });

  it("is not posted when it is no longer so, unless in a person's own words", async () => {
    const story = asked();
    story.emit("run.cancelled", { runId: "run-1", reason: "Denied." }, "approver-1");
    const comms = commsOf(story);
    const before = story.events().length;
    await expect(comms.post("identified", person("operator"))).rejects.toMatchObject({
      code: "wrong-state",
      summary: "“identified” is not what is seen now.",
    });
    expect(story.events()).toHaveLength(before);
    await comms.edit("identified", "A cable was cut; we are working on it.", person("operator"));
    await comms.post("identified", person("operator"));
    expect(nextPosting(plan, story.state(), "page")?.text).toBe("A cable was cut; we are working on it.");
  });
});

it("gets no other words while it is being posted, which a page may have in the old ones by then", async () => {
  const story = asked();
  const which = { incidentId: "inc-1", updateId: "inc-1/identified" };
  story.emit("comms.approved", which, "operator");
  story.emit("comms.posting", { ...which, destination: "page" }, "system:page");
  const edit = () => commsOf(story).edit("identified", "Other words.", person("operator"));
  await expect(edit()).rejects.toMatchObject({ code: "wrong-state", summary: "“identified” is on its way." });
  story.emit("comms.unposted", { ...which, destination: "page" }, "system:page");
  await edit();
  expect(nextPosting(plan, story.state(), "page")?.text).toBe("Other words.");
});

it("promises no moment that has passed", () => {
  const story = asked(publicPlan({}, { identified: { ...ask, afterMs: 60 * MINUTE } }));
  approve(story, "ap-1", "run-1", "approver-1");
  story.emit("run.started", { runId: "run-1" });
  // The usual time of the work is over before anybody could be told.
  story.advance(4 * MINUTE);
  story.settle();
  const update = story.updates().find(({ stage }) => stage === "identified");
  expect(update?.text).toContain("We are moving the service");
  expect(update?.text).not.toContain("expect");
  expect(update?.eta).toBeUndefined();
});
