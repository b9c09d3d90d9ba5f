import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { AppError } from "../../src/errors.ts";
import type { StoreStatus } from "../../src/instances/views.ts";
import type { Page, PagerPort } from "../../src/pager/port.ts";
import { createStoreAlarm } from "../../src/pager/store-alarm.ts";
import type { Clock } from "../../src/ports.ts";
import { fakePlan } from "../helpers/fake-plan.ts";

const divergence = {
  known: { seq: 120, hash: "a".repeat(64) },
  head: { seq: 97, hash: "b".repeat(64) },
  lost: { from: 98, to: 120, keys: ["note/note-1"] },
};
/** A second passes in ten milliseconds. */
const fast: Clock = {
  ...systemClock,
  now: () => Date.now() * 100,
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
};

let status: StoreStatus;
let failure: AppError | undefined;
let calls: string[];
let page: Page | undefined;
let alarm: ReturnType<typeof createStoreAlarm>;

const call = (what: string) => async (key: string, given: Page) => {
  if (failure) throw failure;
  page = given;
  calls.push(`${what} ${key}`);
};
const pager = { id: "p", name: "P", paceMs: 1, page: call("page"), resolve: call("resolve") } as unknown as PagerPort;

function start(first: StoreStatus): void {
  status = first;
  calls = [];
  alarm = createStoreAlarm({
    pager,
    core: { plan: fakePlan(), store: { status: () => status } as never },
    clock: fast,
    logger: { warn: () => {} },
  });
  alarm.start();
}

afterEach(async () => {
  failure = undefined;
  await alarm.stop();
});

const said = (what: () => unknown) => expect.poll(what, { interval: 10 });
const diverged = (seq = 120): StoreStatus => {
  return { state: "diverged", divergence: { ...divergence, known: { ...divergence.known, seq } }, asOf: "" };
};
const KEY = `muster/genai-api/store/120-${"a".repeat(12)}`;
const error = { code: "store-unavailable", summary: "Away.", hint: "", retryable: true } as const;

describe("a store that lost events", () => {
  it("wakes people once, without the journal, and lets them be when it is accepted", async () => {
    start({ state: "available" });
    status = diverged();
    await said(() => calls).toEqual([`page ${KEY}`]);
    expect(page?.summary).toContain("lost events 98 to 120");
    await systemClock.sleep(100);
    expect(calls).toHaveLength(1);
    // Away is neither better nor worse.
    status = { state: "unavailable", since: "", error, asOf: "" };
    await systemClock.sleep(50);
    expect(calls).toHaveLength(1);
    status = { state: "available" };
    await said(() => calls).toEqual([`page ${KEY}`, `resolve ${KEY}`]);
  });

  it("wakes people for each loss, and tries until the pager takes it", async () => {
    failure = new AppError({ code: "vendor-unavailable", summary: "Away.", retryable: true });
    start(diverged());
    await systemClock.sleep(50);
    failure = undefined;
    await said(() => calls).toEqual([`page ${KEY}`]);
    status = diverged(130);
    await said(() => calls.length).toBe(2);
  });
});
