import { describe, expect, it } from "vitest";
import { decideComms } from "../../src/comms/decide.ts";
import { type Question, wordsOf } from "../../src/comms/decide-wording.ts";
import { wordsText } from "../../src/comms/words-text.ts";
import { describeEvent } from "../../src/events/describe.ts";
import { type PublicStory, publicPlan, publicStory, write } from "../helpers/public-story.ts";
import { EAST, WEST } from "../helpers/story.ts";
import { regionDies } from "../helpers/story-moves.ts";

const UPDATE = "inc-1/investigating";
const took = { prompt: "status-wording@2", requests: 1, tokens: { input: 900, output: 60 } };
const said = "Requests of {{services}} have been failing since {{since}}, and we are looking into it.";
const by = { ...took, model: "gpt-5.1", endpoint: "east" };
const context = { names: ["us-east-1", "api"], people: ["operator"] };

function dead(wording: "model" | undefined = "model"): PublicStory {
  const story = publicStory(publicPlan(wording ? { wording } : {}));
  regionDies(story);
  story.available(false);
  return story;
}

function decided(story: PublicStory, question?: Question, plan = publicPlan({ wording: "model" })) {
  const asked = new Map(question ? [[UPDATE, question]] : []);
  return decideComms(plan, story.state(), Date.parse(story.now()), write, { asked, context });
}
const dueOf = ({ events }: ReturnType<typeof decided>) => {
  const [event] = events;
  if (event?.kind !== "comms.due") throw new Error("nothing is due");
  return event.data;
};
const soon = (story: PublicStory, ms = 5_000) => Date.parse(story.now()) + ms;

describe("an update that is posted by itself, where the plan wants a model's words", () => {
  it("asks for them with public facts alone, and is not due before it has asked", () => {
    const story = dead();
    const { events, wanted } = decided(story);
    expect(events).toEqual([]);
    expect(wanted).toMatchObject([{ incidentId: "inc-1", updateId: UPDATE, stage: "investigating" }]);
    expect(wanted?.[0]?.template).toContain("We are investigating.");
    expect(JSON.stringify(wanted?.[0]?.facts)).not.toMatch(/us-east-1|operator/);
  });

  it("waits for them until a moment that does not depend on the model, and takes its template's then", () => {
    const story = dead();
    const until = soon(story);
    const question = { until, prompt: took.prompt };
    expect(decided(story, question)).toEqual({ events: [], wakeAt: until });
    story.advance(5_000);
    const due = dueOf(decided(story, question));
    expect(due.text).toContain("We are investigating.");
    expect(due.wording).toMatchObject({ requests: 0, rejected: { code: "vendor-unavailable" } });
    expect(due.wording?.model).toBeUndefined();
  });

  it("has them as soon as they are there, with the values of that moment", () => {
    const story = dead();
    const due = dueOf(decided(story, { until: soon(story), prompt: took.prompt, answer: { ...by, said } }));
    expect(due.text).toBe(
      "Requests of Question answering have been failing since 02:15 UTC, and we are looking into it.",
    );
    expect(due.wording).toEqual(by);
    expect(due.publish).toBe("automatic");
  });

  it("does not have words that are not so by now, though they were when they came", () => {
    const story = dead();
    const stale = "{{services}} answers requests again, from {{place}}.";
    const due = dueOf(decided(story, { until: soon(story), prompt: took.prompt, answer: { ...by, said: stale } }));
    expect(due.text).toContain("We are investigating.");
    expect(due.wording).toMatchObject({ requests: 1, rejected: { code: "bad-input" } });
    expect(due.wording?.model).toBeUndefined();
  });

  it.each([
    "{{services}} of us-east-1 is failing.",
    "Requests of {{services}} fail because of a bad deployment.",
    "Requests of {{services}} fail, and no data was lost.",
    "Requests of {{services}} will be answered soon.",
    "Requests have been failing since 02:00 UTC.",
  ])("never has words that do not pass the check: %s", (wrong) => {
    const story = dead();
    const due = dueOf(decided(story, { until: soon(story), prompt: took.prompt, answer: { ...by, said: wrong } }));
    expect(due.text).toContain("We are investigating.");
  });

  it("asks nobody where people decide: its stage is held back, or every region looks down", () => {
    const held = dead();
    held.emit("comms.held", { incidentId: "inc-1", stage: "investigating", round: 1 }, "operator");
    expect(decided(held).wanted).toBeUndefined();
    expect(dueOf(decided(held)).text).toContain("We are investigating.");
    const suspect = dead();
    const since = suspect.now();
    suspect.emit("verdict.changed", { region: WEST, from: "healthy", to: "down", since, evidence: [] });
    expect(decided(suspect).wanted).toBeUndefined();
    expect(dueOf(decided(suspect)).publish).toBe("ask");
  });

  it("asks nobody where the plan says nothing of it", () => {
    const story = dead(undefined);
    expect(decided(story, undefined, publicPlan()).wanted).toBeUndefined();
    expect(dueOf(decided(story, undefined, publicPlan())).wording).toBeUndefined();
  });

  it("is skipped when it is no longer true, as one in its template's words is", () => {
    const story = dead();
    const [event] = decided(story, { until: soon(story), prompt: took.prompt, answer: { ...by, said } }).events;
    if (event?.kind !== "comms.due") throw new Error("nothing is due");
    story.emit(event.kind, event.data, event.actor);
    const since = story.now();
    story.emit("verdict.changed", { region: EAST, from: "down", to: "healthy", since, evidence: [] });
    story.available(true);
    expect(decided(story).events).toMatchObject([{ kind: "comms.skipped", data: { updateId: UPDATE } }]);
  });
});

describe("whose words an update has", () => {
  it("is the model's, a person's or the template's, and a person's come last", () => {
    const edited = { by: "operator", at: "2026-01-01T00:00:00.000Z" };
    expect(wordsText(wordsOf({ wording: by }))).toBe("in the words of model gpt-5.1, checked by code");
    expect(wordsText(wordsOf({ wording: by, edited }))).toBe("in the words of operator");
    expect(wordsText(wordsOf({}))).toBe("in the words of its template");
    const rejected = { code: "vendor-unavailable", summary: "No model has answered." };
    expect(wordsText(wordsOf({ wording: { ...took, rejected } }))).toBe(
      "in the words of its template (none by a model: No model has answered)",
    );
  });

  it("stands in the line of the journal, and counts against the incident's budget", () => {
    const story = dead();
    const [event] = decided(story, { until: soon(story), prompt: took.prompt, answer: { ...by, said } }).events;
    if (event?.kind !== "comms.due") throw new Error("nothing is due");
    story.emit(event.kind, event.data, event.actor);
    expect(describeEvent(story.events().at(-1)!, story.state())).toContain(
      "is posted by itself (its time has come), in the words of model gpt-5.1, checked by code: “Requests of",
    );
    expect(story.state().incidents["inc-1"]?.tokens).toBe(960);
  });
});
