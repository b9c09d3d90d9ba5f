import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";
import { simulate } from "./simulate.ts";
import { totalOf } from "./totals.ts";

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

describe("a simulated disaster", () => {
  it("breaks no promise, whatever fails", { timeout: 60_000 }, async () => {
    const { totals, add } = totalOf();
    for (const seed of SEEDS) add(await simulate(seed));
    expect(totals.failures).toEqual([]);
    // A simulator in which nothing happens would break no promise either.
    const { coverage } = totals;
    for (const what of [
      "runs completed",
      "promotions",
      "crashes",
      "takeovers",
      "lost answers",
      "approvals voided",
      "answers read too late",
    ] as const)
      expect([what, coverage[what] > 0]).toEqual([what, true]);
  });

  it("is the same, byte for byte, for the same seed, and another for another", async () => {
    const [first, second, other] = [
      await simulate(7, { trace: true }),
      await simulate(7, { trace: true }),
      await simulate(8, { trace: true }),
    ];
    expect(first.trace.length).toBeGreaterThan(100);
    expect(second.trace.join("\n")).toBe(first.trace.join("\n"));
    expect(other.trace.join("\n")).not.toBe(first.trace.join("\n"));
  });
});

describe("the chance of a simulation", () => {
  it("is the same for the same seed on every machine", () => {
    const random = createRandom(4711);
    expect([random.int(0, 999), random.int(0, 999), random.fork("world").int(0, 999)]).toEqual([363, 725, 26]);
  });
});
