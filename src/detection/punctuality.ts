import type { Clock } from "../ports.ts";
import { elapsedMs, readClocks } from "../workers/lease.ts";

/** How late this process is, by its own clock. A process that is stopped or starved cannot notice it otherwise. */
export interface Punctuality {
  /** Beats until the signal is aborted. */
  beat(signal: AbortSignal): Promise<void>;
  /**
   * Begins a measure; what it returns says by how many milliseconds this process was late since then. The beat before
   * counts too: whoever wakes from a long pause finds connections that were closed meanwhile.
   */
  measure(): () => number;
}

/**
 * A beat is a sleep, and what it takes longer than it should is time in which nobody here read an answer. Up to half a
 * beat is what every timer of a busy machine is late by; many such do not add up to an answer that was missed.
 */
export function createPunctuality(clock: Clock, beatMs: number): Punctuality {
  let beatAt = readClocks(clock);
  let lateMs = 0;
  let lateBeforeMs = 0;
  /** Of the present beat, which is overdue when this process has just woken up. */
  const overdueMs = () => {
    const overMs = elapsedMs(beatAt, readClocks(clock)) - beatMs;
    return overMs > beatMs / 2 ? overMs : 0;
  };

  return {
    async beat(signal) {
      while (!signal.aborted) {
        beatAt = readClocks(clock);
        await clock.sleep(beatMs, signal).catch(() => {});
        lateBeforeMs = lateMs;
        lateMs += overdueMs();
      }
    },
    measure() {
      const fromMs = lateBeforeMs;
      return () => lateMs + overdueMs() - fromMs;
    },
  };
}
