import { describe, expect, it } from "vitest";
import { createQueue } from "../../src/journal/queue.ts";

describe("the queue of writes", () => {
  it("runs one task at a time, in the order of the calls", async () => {
    const inTurn = createQueue(10);
    const log: string[] = [];
    const task = (name: string) => async () => {
      log.push(`${name} begins`);
      await new Promise(setImmediate);
      log.push(`${name} ends`);
    };
    await Promise.all([inTurn(task("a")), inTurn(task("b"))]);
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("goes on after a task that failed", async () => {
    const inTurn = createQueue(10);
    const failed = inTurn(() => Promise.reject(new Error("no")));
    const next = inTurn(async () => "yes");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  it("refuses more than may wait, and takes tasks again afterwards", async () => {
    const inTurn = createQueue(2);
    const tasks = [inTurn(async () => 1), inTurn(async () => 2)];
    await expect(inTurn(async () => 3)).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    expect(await Promise.all(tasks)).toEqual([1, 2]);
    expect(await inTurn(async () => 4)).toBe(4);
  });
});
