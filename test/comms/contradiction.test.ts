import { expect, it } from "vitest";
import { contradictionsOf, decideContradiction, watchedIncident } from "../../src/comms/decide-contradiction.ts";
import type { Contradiction } from "../../src/comms/events.ts";
import { MINUTE, type PublicStory, publicPlan, publicStory } from "../helpers/public-story.ts";
import { regionDies } from "../helpers/story-moves.ts";

const where = { incidentId: "inc-1", destination: "page" };
const component: Contradiction = { what: "component", name: "API", says: "operational", seen: "major_outage" };
const update: Contradiction = { what: "update", updateId: "inc-1/investigating" };

function dead(): PublicStory {
  const story = publicStory();
  regionDies(story);
  story.available(false);
  story.settle();
  story.deliver();
  return story;
}

/** Appends what follows from a look, and answers with the keys. */
function look(story: PublicStory, found: Contradiction[], lasting = found): string[] {
  const events = decideContradiction(story.state(), where, { found, lasting });
  for (const { kind, data, actor } of events) story.emit(kind, data as never, actor);
  return events.map(({ key }) => key);
}

it("is said once, again for what else is wrong, and once that it is over", () => {
  const story = dead();
  expect(look(story, [component], [])).toEqual([]);
  expect(look(story, [component])).toEqual(["comms/inc-1/contradicted/page/1"]);
  expect(look(story, [component])).toEqual([]);
  expect(look(story, [component, update])).toEqual(["comms/inc-1/contradicted/page/2"]);
  expect(look(story, [update])).toEqual([]);
  expect(look(story, [])).toEqual(["comms/inc-1/agreed/page/2"]);
  expect(look(story, [])).toEqual([]);
  expect(look(story, [component])).toEqual(["comms/inc-1/contradicted/page/3"]);
});

it("is not said for ever of a page that somebody else keeps changing", () => {
  const story = dead();
  let said = 0;
  for (let turn = 0; turn < 100; turn++) said += look(story, turn % 2 === 0 ? [component] : []).length;
  expect(said).toBe(40);
});

it("is nothing where nothing is seen, or the page has no such component", () => {
  const story = dead();
  const plan = publicPlan();
  const reading = (components: Record<string, string>) => ({ state: "read" as const, components, missing: [] });
  const name = "Question answering";
  const found = [{ what: "component", name, says: "degraded_performance", seen: "major_outage" }];
  expect(contradictionsOf(plan, story.state(), reading({ [name]: "degraded_performance" }))).toEqual(found);
  expect(contradictionsOf(plan, story.state(), reading({ [name]: "major_outage" }))).toEqual([]);
  expect(contradictionsOf(plan, story.state(), reading({ Console: "operational" }))).toEqual([]);
  const { availability: _, ...unseen } = story.state();
  const regions = Object.fromEntries(
    Object.entries(unseen.regions).map(([code, one]) => [code, { ...one, verdict: "unknown" as const }]),
  );
  const blind = { ...unseen, availability: {}, regions };
  expect(contradictionsOf(plan, blind, reading({ [name]: "operational" }))).toEqual([]);
});

it("is looked for during an incident, ten minutes longer, and as long as the page contradicts", () => {
  const story = dead();
  const watched = () => watchedIncident(story.state(), "page", Date.parse(story.now()))?.incidentId;
  expect(watched()).toBe("inc-1");
  look(story, [component]);
  story.available(true);
  story.emit("incident.resolved", { incidentId: "inc-1", reason: "over" }, "operator");
  story.advance(11 * MINUTE);
  expect(watched()).toBe("inc-1");
  look(story, []);
  expect(watched()).toBeUndefined();
  expect(watchedIncident(story.state(), "page", Date.parse(story.now()) - 2 * MINUTE)?.incidentId).toBe("inc-1");
});
