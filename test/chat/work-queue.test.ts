import { describe, expect, it } from "vitest";
import { createWorkQueue } from "../../src/chat/work-queue.ts";

describe("work that a chat brings", () => {
  it("begins after what arrives in the same turn, in order and two at a time", async () => {
    const inTurn = createWorkQueue();
    const log: string[] = [];
    let atOnce = 0;
    const ends: (() => void)[] = [];
    const all = ["a", "b", "c"].map((name) =>
      inTurn(async () => {
        log.push(name);
        atOnce = Math.max(atOnce, log.length);
        await new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    // An acknowledgement is some promises away from where the work was handed over.
    for (let hop = 0; hop < 20; hop++) await Promise.resolve();
    log.push("acknowledged");
    await expect.poll(() => log).toEqual(["acknowledged", "a", "b"]);
    ends[0]?.();
    await expect.poll(() => log).toEqual(["acknowledged", "a", "b", "c"]);
    for (const end of ends) end();
    await Promise.all(all);
  });

  it("goes on when one of it fails", async () => {
    const inTurn = createWorkQueue();
    const failed = [1, 2, 3].map(() => inTurn(() => Promise.reject(new Error("boom"))));
    expect((await Promise.allSettled(failed)).map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
      "rejected",
    ]);
    expect(await inTurn(async () => "fine")).toBe("fine");
  });

  it("is refused when too much of it waits", async () => {
    const inTurn = createWorkQueue();
    let end: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const all = Array.from({ length: 1_002 }, () => inTurn(() => held));
    await expect(inTurn(() => held)).rejects.toMatchObject({ code: "rate-limited" });
    end();
    await Promise.all(all);
  });
});
