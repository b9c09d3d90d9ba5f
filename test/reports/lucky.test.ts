import { describe, expect, it } from "vitest";
import { reportFacts } from "../../src/reports/facts.ts";
import { failover, promoteWest, serveFromWest, wholeNight } from "../helpers/incident.ts";
import { dying } from "../helpers/incident-oddities.ts";
import type { Story } from "../helpers/story.ts";

const luckIn = (story: Story) => reportFacts(story.input()).lucky.map(({ text }) => text);

describe("where we were lucky", () => {
  it("was how far a copy happened to be when its primary failed, and not what a planned return did", () => {
    const found = luckIn(wholeNight());
    expect(found).toEqual([
      "How far the copy of sessions in eu-central was behind when its primary failed was chance: it gave up at most 1.2 s of writes (bounded). Beyond 5 s the promotion would have waited for people.",
    ]);
  });

  it.each([
    ["just before it would have expired", 1_700_000, true],
    ["early", 20_000, false],
  ])("was a decision that came %s", (_, decideMs, lucky) => {
    const story = dying();
    failover(story, { decideMs });
    expect(luckIn(story).some((text) => /^Approval ap-1 for run-1 was given .* before it would/.test(text))).toBe(
      lucky,
    );
  });

  it.each([
    ["nearly used up", 760_000, true],
    ["hardly touched", 20_000, false],
  ])("was a recovery target that was %s", (_, decideMs, lucky) => {
    const story = dying();
    failover(story, { decideMs });
    promoteWest(story);
    serveFromWest(story);
    expect(luckIn(story).some((text) => /^api was back only .* before its recovery target/.test(text))).toBe(lucky);
  });

  it("is nothing when nothing was promoted", () => {
    expect(luckIn(dying())).toEqual([]);
  });
});
