import { expect, it } from "vitest";
import { instanceViews, type PresenceRecord } from "../../src/instances/views.ts";

const AT = Date.parse("2026-05-04T02:30:00.000Z");
const record = (name: string, startedAt: string, url = "http://127.0.0.1:4646"): PresenceRecord => ({
  holder: name,
  name,
  url,
  version: "0.1.0",
  startedAt: `2026-05-04T${startedAt}:00.000Z`,
  seenAt: "2026-05-04T02:20:00.000Z",
});
const lives = (holder: string) => ({ name: "instance/1", holder, epoch: 1, expiresAt: "2026-05-04T02:31:00.000Z" });
const shown = (records: PresenceRecord[], living: string) =>
  instanceViews(records, [lives(living)], living, AT).map(({ name, alive }) => [name, alive]);

it("an instance that fell silent is not looked for any more once it was started again in its place", () => {
  expect(shown([record("vm:1", "02:00"), record("vm:2", "02:25")], "vm:2")).toEqual([["vm:2", true]]);
});

it("one that fell silent elsewhere stays in sight, whatever address it shares, and so does a later one", () => {
  const stays = (gone: PresenceRecord) =>
    expect(shown([gone, record("vm:2", "02:25")], "vm:2")).toContainEqual([gone.name, false]);
  stays(record("other:1", "02:00"));
  stays(record("vm:1", "02:00", "http://127.0.0.1:4747"));
  stays(record("vm:3", "02:28"));
});
