import type { Clock } from "../ports.ts";

/** Lets a worker sleep until something was appended, a moment has come, or it is asked to stop. */
export interface Waker {
  /** Returns at once when something happened since the last return. `until` in milliseconds since 1970. */
  wait(until: number | undefined, signal: AbortSignal): Promise<void>;
  wake(): void;
  close(): void;
}

/** No sleep is longer, so that a missed notification costs a second and not a run. */
const LONGEST_SLEEP_MS = 1_000;

export function createWaker(subscribe: (listener: () => void) => () => void, clock: Clock): Waker {
  let pending = false;
  let release: (() => void) | undefined;
  const wake = () => {
    pending = true;
    release?.();
  };
  const unsubscribe = subscribe(wake);
  return {
    wake,
    async wait(until, signal) {
      if (!pending && !signal.aborted) {
        const ms = Math.min(LONGEST_SLEEP_MS, Math.max(0, (until ?? Number.POSITIVE_INFINITY) - clock.now()));
        const woken = new AbortController();
        release = () => woken.abort("woken");
        await clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => {});
        release = undefined;
      }
      pending = false;
    },
    close: unsubscribe,
  };
}
