import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import type { Clock } from "../../src/ports.ts";
import { holdLease, pollMs } from "../../src/workers/lease.ts";

const LEASE_MS = 10_000;

let directory: string;
let store: JournalStore;
let clock: Clock & { pass(ms: number, how?: { monotonic?: number }): Promise<void> };
let asked = 0;

/** Time that passes only when it is told to, for the lease and for its store. Both measures of it can differ. */
function createClock(): typeof clock {
  let wall = 1_700_000_000_000;
  let monotonic = 0;
  const sleepers = new Set<{ until: number; wake(): void }>();
  return {
    now: () => wall,
    monotonic: () => monotonic,
    timeout: (ms) => AbortSignal.timeout(ms),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { until: monotonic + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    async pass(ms, how) {
      wall += ms;
      monotonic += how?.monotonic ?? ms;
      for (const sleeper of [...sleepers]) {
        if (sleeper.until > monotonic) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
}

const hold = (instance: string, through: Pick<JournalStore, "acquireLease" | "releaseLease"> = store) =>
  holdLease({ name: "executor", store: through, instance, clock, leaseMs: LEASE_MS });

const away = {
  acquireLease: async () => {
    asked += 1;
    throw new Error("the store is away");
  },
  releaseLease: async () => {},
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-lease-"));
  clock = createClock();
  store = openSqliteStore({ directory, clock });
  asked = 0;
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("a lease", () => {
  it("is renewed as long as its holder lives, and nobody else gets it", async () => {
    const lease = await hold("one");
    for (let second = 0; second < 60; second++) {
      await clock.pass(1_000);
      expect(lease?.holds()).toBe(true);
      expect(await hold("two")).toBeUndefined();
    }
    await lease?.release();
  });

  it("is somebody else's within its time when the holder falls silent, as soon as one looks", async () => {
    const silent = await store.acquireLease("executor", "one", LEASE_MS - pollMs(LEASE_MS));
    expect(silent?.epoch).toBe(1);
    await clock.pass(LEASE_MS - pollMs(LEASE_MS));
    const lease = await hold("two");
    expect(lease?.epoch).toBe(2);
    await lease?.release();
  });

  it("is somebody else's at once when it is given back", async () => {
    const lease = await hold("one");
    const released = lease?.release();
    // What its holder had under way must not change the world any more, even before the store has heard of it.
    expect(lease?.holds()).toBe(false);
    await released;
    const next = await hold("two");
    expect(next?.epoch).toBe(2);
    await next?.release();
  });

  it.each([
    ["a frozen process", {}],
    ["a machine that was suspended with its monotonic clock", { monotonic: 0 }],
  ])("is known to be over by %s as soon as it wakes, without a word from the store", async (_, how) => {
    const taken = await store.acquireLease("executor", "one", LEASE_MS);
    const lease = await hold("one", { ...away, acquireLease: async () => (asked === 0 ? taken : away.acquireLease()) });
    await clock.pass(LEASE_MS, how);
    expect(lease?.holds()).toBe(false);
    await lease?.release();
  });

  it("lets go of its work in time when the store does not answer", async () => {
    let first = true;
    const lease = await hold("one", {
      ...away,
      acquireLease: async (...given) => {
        if (!first) return away.acquireLease();
        first = false;
        return store.acquireLease(...given);
      },
    });
    for (let second = 0; second < 8; second++) await clock.pass(1_000);
    expect(asked).toBeGreaterThan(1);
    expect(lease?.lost.aborted).toBe(false);
    await clock.pass(1_000);
    expect(lease?.lost.reason).toMatchObject({ code: "fenced" });
    expect(await hold("two")).toMatchObject({ epoch: 2 });
    await lease?.release();
  });

  it("is lost when the store says that another one has it", async () => {
    const lease = await hold("one");
    await store.releaseLease("executor", "one", 1);
    await store.acquireLease("executor", "two", LEASE_MS);
    await clock.pass(LEASE_MS / 2);
    expect(lease?.lost.reason).toMatchObject({ code: "fenced", summary: expect.stringContaining("another instance") });
    expect(lease?.holds()).toBe(false);
    await lease?.release();
    expect(await store.leases()).toMatchObject([{ holder: "two", epoch: 2 }]);
  });
});
