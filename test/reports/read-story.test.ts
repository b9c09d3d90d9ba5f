import { expect, it } from "vitest";
import { fold, initialState } from "../../src/fold.ts";
import { readStory } from "../../src/followers/read-story.ts";
import { renderDocuments } from "../../src/reports/write.ts";
import { wholeNight } from "../helpers/incident.ts";
import { createStory } from "../helpers/story.ts";
import { measured, sample } from "../helpers/story-moves.ts";

/** A night after a day in which nothing but samples was journaled, one a minute. */
function longCalm() {
  const story = createStory();
  for (let minute = 0; minute < 1_440; minute++) {
    sample(story, measured(story, minute, 0.1));
    story.advance(60_000);
  }
  return wholeNight(story);
}

it("reads of a long calm what documents say, and they say the same as of the whole journal", async () => {
  const story = longCalm();
  const whole = story.input();
  const all = story.events();
  const journal = {
    read: async ({ after, limit }: { after: number; limit: number }) =>
      all.filter(({ seq }) => seq > after).slice(0, limit),
  };
  const { startedAt } = whole.incident;
  const events = await readStory(journal, startedAt, whole.asOf.seq);
  const before = (kind: string) => events.filter((event) => event.kind === kind && event.at < startedAt).length;
  expect(events.length).toBeLessThan(all.length - 1_400);
  expect([before("replication.sampled"), before("verdict.changed")]).toEqual([1, 2]);
  expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b));
  expect(events.filter(({ at }) => at >= startedAt)).toEqual(all.filter(({ at }) => at >= startedAt));
  expect(renderDocuments({ ...whole, events })).toEqual(renderDocuments(whole));
  // Nobody looks up what was sampled before the last of them.
  const { version: _, landmarks: ___, ...state } = events.reduce(fold, initialState(story.plan));
  const { version: __, landmarks: ____, ...known } = story.state();
  expect(state).toEqual(known);
});

it("reads no further than it is told", async () => {
  const all = wholeNight().events();
  const read = async ({ after }: { after: number }) => all.filter(({ seq }) => seq > after).slice(0, 7);
  const events = await readStory({ read }, all[0]?.at ?? "", 40);
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
});
