import { expect, it } from "vitest";
import { createRecords } from "../../src/chat/records.ts";
import { foldOffline, MOST_IMPORTS } from "../../src/offline/fold.ts";
import { createFakeCore } from "../helpers/core.ts";

const fence = { lease: "chat:fake", epoch: 1 };

it("what a chat is known to have is held in memory up to a bound, and read again where it is asked for", async () => {
  const stored = new Map<string, string>();
  const reads: string[] = [];
  const store = {
    getRecord: async (key: string) => {
      reads.push(key);
      return stored.get(key);
    },
    setRecord: async (key: string, value: string) => {
      stored.set(key, value);
      return "written" as const;
    },
  };
  const records = createRecords(store as never, "fake", fence);
  for (let index = 0; index < 5_000; index++) {
    await records.set(`e${index}`, { state: "posted", marker: `e${index}`, ref: `m${index}` });
    if (index % 100 === 0) expect((await records.of([`e${index}`])).size).toBeLessThanOrEqual(2_000 + 100);
  }
  expect((await records.of(["e0"])).get("e0")?.ref).toBe("m0");
  expect(reads).toContain("chat/fake/message/e0");
});

it("so many imports of local runs are remembered and no more", () => {
  const core = createFakeCore();
  const data = { offlineId: "a", kind: "failover", phase: "aborted", source: "x", target: "y" };
  let state = core.current();
  for (let index = 0; index < MOST_IMPORTS + 5; index++) {
    const endedAt = new Date(index * 1_000).toISOString();
    state = foldOffline(state, { kind: "offline.imported", at: endedAt, data: { ...data, endedAt } } as never);
  }
  expect(state.offlineRuns).toHaveLength(MOST_IMPORTS);
  expect(state.offlineRuns[0]?.endedAt).toBe(new Date(5_000).toISOString());
});
