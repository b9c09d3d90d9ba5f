import type { Clock } from "../ports.ts";
import { type Clocks, elapsedMs, readClocks } from "./lease.ts";

const FIRST_PAUSE_MS = 1_000;
export const LONGEST_PAUSE_MS = 60_000;
/** A hiccup shorter than this is nobody's business. */
export const FAILING_AFTER_MS = 10_000;

export interface Backoff {
  isDue(what: string): boolean;
  /** How long until it is due; 0 when it is. */
  waitMs(what: string): number;
  /** Nothing is due for so long, whatever it is; without a time for the longest pause. */
  rest(ms?: number): void;
  /** What is pausing need not wait any longer; that it has been failing is not forgotten. */
  retryNow(): void;
  succeeded(): void;
  /** Answers with how long it has been failing. */
  failed(what: string, retryAfterMs: number | undefined): number;
  /** Since when the given thing has been failing (milliseconds since 1970). */
  failingSince(what: string): number | undefined;
}

/** Growing pauses for one thing after the other; something else begins anew. A clock that is set back prolongs none. */
export function createBackoff(clock: Pick<Clock, "now" | "monotonic">): Backoff {
  let what: string | undefined;
  let failures = 0;
  let since = readClocks(clock);
  let pause = { from: since, ms: 0 };
  let rest = pause;
  const passedMs = (from: Clocks) => elapsedMs(from, readClocks(clock));
  const leftMs = ({ from, ms }: typeof pause) => Math.max(0, ms - passedMs(from));
  const begin = (ms: number) => ({ from: readClocks(clock), ms });
  const waitMs = (next: string) => (next === what ? Math.max(leftMs(pause), leftMs(rest)) : leftMs(rest));
  return {
    isDue: (next) => waitMs(next) === 0,
    waitMs,
    failingSince: (one) => (one === what ? clock.now() - passedMs(since) : undefined),
    rest(ms = LONGEST_PAUSE_MS) {
      rest = begin(ms);
    },
    retryNow() {
      pause = begin(0);
    },
    succeeded() {
      what = undefined;
      failures = 0;
    },
    failed(one, retryAfterMs) {
      if (one !== what) {
        what = one;
        failures = 0;
        since = readClocks(clock);
      }
      pause = begin(retryAfterMs ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)));
      failures += 1;
      return passedMs(since);
    },
  };
}
