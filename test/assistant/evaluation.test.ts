import { describe, expect, it } from "vitest";
import { evaluate } from "../helpers/evaluation.ts";

const { sentences, refused, lies } = evaluate(() => 0);

/** Kinds of lies that have no excuse: the word, the mark or the id alone gives them away. */
const NEVER = [
  "a number",
  "a number in words",
  "a time of day",
  "a name instead of a reference",
  "from and to turned round",
  "a time that runs backward",
  "two words that changed places",
  "an event that does not exist",
  "no event",
  "all events",
  "another runbook",
  "an invented cause",
  "an invented cause in other words",
  "no data loss",
  "data loss",
  "the future",
  "a doubt as a fact",
  "a person",
  "blame",
  "an owner",
  "a link",
  "a mention",
  "a secret",
  "hidden characters",
  "letters of another script",
];

describe("the check of claims", () => {
  it("refuses hardly any true sentence", () => {
    expect(sentences).toBeGreaterThanOrEqual(200);
    expect(refused.length / sentences, refused.join("\n")).toBeLessThanOrEqual(0.02);
  });

  it.each(NEVER)("stops every lie of this kind: %s", (name) => {
    const kind = lies.find((one) => one.name === name);
    expect(kind?.told).toBeGreaterThan(50);
    expect(kind?.passed).toEqual([]);
  });

  /** A sentence without a telling verb may be put to another event of its run; the share is watched, not yet gone. */
  it.each([
    ["a status turned round", 0.01],
    ["a negation", 0.01],
    ["a negation taken away", 0.01],
    ["another event", 0.06],
  ])("stops nearly every lie of this kind: %s", (name, most) => {
    const { told = 0, passed = [] } = lies.find((one) => one.name === name) ?? {};
    expect(told).toBeGreaterThan(50);
    expect(passed.length / told, passed.slice(0, 20).join("\n")).toBeLessThanOrEqual(most);
  });

  it("is measured for every kind", () => {
    expect(lies.map(({ name }) => name).filter((name) => !NEVER.includes(name))).toHaveLength(4);
  });
});
