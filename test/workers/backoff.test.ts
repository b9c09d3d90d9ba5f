import { beforeEach, describe, expect, it } from "vitest";
import { type Backoff, createBackoff } from "../../src/workers/backoff.ts";

let now: number;
/** By how much the clock was set to another time. */
let setBy: number;
let backoff: Backoff;
beforeEach(() => {
  now = 1_000_000;
  setBy = 0;
  backoff = createBackoff({ now: () => now + setBy, monotonic: () => now });
});

describe("what goes on failing", () => {
  it("is tried after pauses that double, up to a minute", () => {
    const pauses = Array.from({ length: 9 }, () => {
      backoff.failed("page", undefined);
      return backoff.waitMs("page");
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it("is due when its pause is over, and says since when it fails", () => {
    expect(backoff.failed("page", undefined)).toBe(0);
    now += 999;
    expect(backoff.isDue("page")).toBe(false);
    now += 1;
    expect(backoff.isDue("page")).toBe(true);
    expect(backoff.failed("page", undefined)).toBe(1_000);
    expect(backoff.failingSince("page")).toBe(1_000_000);
    expect(backoff.failingSince("mail")).toBeUndefined();
  });

  it("waits no longer, and has failed for as long, when the clock was set back meanwhile", () => {
    backoff.failed("page", undefined);
    backoff.rest(2_000);
    setBy = -3_600_000;
    now += 1_500;
    expect(backoff.waitMs("page")).toBe(500);
    expect(now + setBy - (backoff.failingSince("page") ?? 0)).toBe(1_500);
    expect(backoff.failed("page", undefined)).toBe(1_500);
  });

  it("waits as long as it was told to instead", () => {
    backoff.failed("page", 7_000);
    expect(backoff.waitMs("page")).toBe(7_000);
  });

  it("begins anew after a success, and does not keep something else waiting", () => {
    backoff.failed("page", undefined);
    backoff.failed("page", undefined);
    expect(backoff.waitMs("mail")).toBe(0);
    backoff.succeeded();
    expect(backoff.waitMs("page")).toBe(0);
    backoff.failed("page", undefined);
    expect(backoff.waitMs("page")).toBe(1_000);
  });

  it("need not wait when there is reason to try now, and still counts as failing", () => {
    backoff.failed("page", undefined);
    now += 500;
    backoff.retryNow();
    expect(backoff.isDue("page")).toBe(true);
    expect(backoff.failed("page", undefined)).toBe(500);
    expect(backoff.waitMs("page")).toBe(2_000);
  });
});

describe("a rest", () => {
  it("holds for whatever comes next, also for what may be retried now", () => {
    backoff.failed("page", undefined);
    backoff.rest(5_000);
    backoff.retryNow();
    expect([backoff.waitMs("page"), backoff.waitMs("mail")]).toEqual([5_000, 5_000]);
    now += 5_000;
    expect([backoff.isDue("page"), backoff.isDue("mail")]).toEqual([true, true]);
  });

  it("lasts for a minute where no time was named", () => {
    backoff.rest();
    expect(backoff.waitMs("mail")).toBe(60_000);
  });
});
