import type { Clock } from "../../src/ports.ts";

/** The machine's clock, which can be set forward: whoever sleeps until then wakes at once, in order of their moments. */
export interface SkippingClock extends Clock {
  skip(ms: number): void;
}

export function createSkippingClock(): SkippingClock {
  let ahead = 0;
  const sleepers = new Set<{ until: number; wake(): void }>();
  const monotonic = () => performance.now() + ahead;
  return {
    now: () => Date.now() + ahead,
    monotonic,
    timeout: (ms) => AbortSignal.timeout(ms),
    skip(ms) {
      ahead += ms;
      const due = [...sleepers].filter(({ until }) => until <= monotonic());
      for (const { wake } of due.toSorted((one, other) => one.until - other.until)) wake();
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
          clearTimeout(timer);
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", stop);
          settle();
        };
        const stop = () => end(() => reject(signal?.reason));
        const sleeper = { until: monotonic() + ms, wake: () => end(resolve) };
        const timer = setTimeout(sleeper.wake, Math.min(ms, 2_147_483_647));
        if (signal?.aborted) return stop();
        signal?.addEventListener("abort", stop);
        sleepers.add(sleeper);
      }),
  };
}
