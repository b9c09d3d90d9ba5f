import { describe, expect, it } from "vitest";
import { createBatches } from "../../src/journal/batches.ts";

/** Batches of numbers, as they were carried out; a number above 100 cannot be. */
function collector(maxTogether = 10, maxWaiting = 20) {
  const carried: number[][] = [];
  const add = createBatches<number, number>({
    maxWaiting,
    maxTogether,
    fits: (first, next) => first % 2 === next % 2,
    async carryOut(batch) {
      carried.push(batch.map(({ task }) => task));
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (batch.some(({ task }) => task > 100)) throw new Error("too large");
      for (const { task, resolve } of batch) resolve(task * 2);
    },
  });
  return { carried, add };
}

describe("batches", () => {
  it("carries out together what waits together, in the order of the calls", async () => {
    const { carried, add } = collector();
    expect(await Promise.all([1, 3, 5].map(add))).toEqual([2, 6, 10]);
    expect(carried).toEqual([[1, 3, 5]]);
  });

  it("never puts a task before one that was asked for earlier, to fit it in", async () => {
    const { carried, add } = collector();
    await Promise.all([1, 3, 2, 5].map(add));
    expect(carried).toEqual([[1, 3], [2], [5]]);
  });

  it("takes what comes meanwhile next, and not too much at once", async () => {
    const { carried, add } = collector(2);
    const first = add(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await Promise.all([first, ...[3, 5, 7].map(add)]);
    expect(carried).toEqual([[1], [3, 5], [7]]);
  });

  it("gives a failure to those of its batch only, and goes on", async () => {
    const { add } = collector();
    const results = await Promise.allSettled([101, 2].map(add));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  it("refuses when too many wait, with what to do", async () => {
    const { add } = collector(1, 3);
    const waiting = [1, 3, 5].map(add);
    await expect(add(7)).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    expect(await Promise.all(waiting)).toEqual([2, 6, 10]);
  });
});
