import { AppError } from "../errors.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";

export interface LeaseOptions {
  name: string;
  store: Pick<JournalStore, "acquireLease" | "releaseLease">;
  /** Unlike any other start of this or another instance. */
  instance: string;
  clock: Clock;
  /** Within this time another instance goes on when this one is silent. */
  leaseMs: number;
}

/** How often those who wait for a lease look: a lease ends so much earlier that one who looks has it in time. */
export function pollMs(leaseMs: number): number {
  return leaseMs / 10;
}

/** A right for a time, which this instance renews by itself until it is given back. */
export interface HeldLease {
  epoch: number;
  /** Aborted with an AppError `fenced` when it is somebody else's, or may be. */
  lost: AbortSignal;
  /** Not given back, and so little time has passed since it was renewed that nobody else can hold it? Asks nobody. */
  holds(): boolean;
  release(): Promise<void>;
}

/** `undefined` while somebody else holds it. */
export async function holdLease(options: LeaseOptions): Promise<HeldLease | undefined> {
  const { name, store, instance, clock } = options;
  const ttlMs = options.leaseMs - pollMs(options.leaseMs);
  let renewed = readClocks(clock);
  const taken = await store.acquireLease(name, instance, ttlMs);
  if (!taken) return undefined;
  const { epoch } = taken;
  const lost = new AbortController();
  const ended = new AbortController();
  const signal = AbortSignal.any([lost.signal, ended.signal]);
  const leftMs = () => ttlMs - elapsedMs(renewed, readClocks(clock));

  /** At a third of the lease's time; a store that does not answer is asked until the time is over. */
  async function renew(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(ttlMs / 3, signal).catch(() => {});
      if (signal.aborted) return;
      const asked = readClocks(clock);
      const lease = await store.acquireLease(name, instance, ttlMs).catch(() => null);
      if (lease === null) continue;
      if (lease?.epoch !== epoch) lost.abort(overtaken(name));
      // Counted from before the question: the store's own count began later, and so ends later.
      else renewed = asked;
    }
  }

  /** Whoever was frozen steps back as soon as it wakes, before it has asked the store anything. */
  async function watch(): Promise<void> {
    while (!signal.aborted) {
      if (leftMs() <= 0) return lost.abort(ranOut(name));
      await clock.sleep(leftMs(), signal).catch(() => {});
    }
  }

  const running = Promise.all([renew(), watch()]);
  return {
    epoch,
    lost: lost.signal,
    holds: () => !signal.aborted && leftMs() > 0,
    async release() {
      ended.abort();
      await running;
      await store.releaseLease(name, instance, epoch).catch(() => {});
    },
  };
}

export interface Clocks {
  monotonic: number;
  now: number;
}

export function readClocks(clock: Pick<Clock, "now" | "monotonic">): Clocks {
  return { monotonic: clock.monotonic(), now: clock.now() };
}

/**
 * The longer of two measures: the monotonic clock stands still while a whole machine is suspended, wall time is
 * put right afterwards. One that jumped ahead for no reason costs an early retreat, and nothing else.
 */
export function elapsedMs(from: Clocks, to: Clocks): number {
  return Math.max(to.monotonic - from.monotonic, to.now - from.now);
}

function overtaken(name: string): AppError {
  return new AppError({
    code: "fenced",
    summary: `The lease "${name}" is held by another instance now.`,
    hint: "Another instance goes on with the work; this one must step back.",
  });
}

export function ranOut(name: string): AppError {
  return new AppError({
    code: "fenced",
    summary: `The lease "${name}" was not renewed in time: another instance may hold it.`,
    hint: "This one steps back, and goes on when it holds the lease again.",
  });
}
