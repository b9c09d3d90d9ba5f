import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../errors.ts";

const AT_A_TIME = 2;
const MOST_WAITING = 1_000;

/**
 * What people ask for in a chat is worked on in the order in which it came, a little at a time and never in the
 * turn in which it came: what arrives meanwhile is acknowledged first, however much is asked. Throws AppError
 * `rate-limited` when too much waits.
 */
export function createWorkQueue() {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn(): Promise<void> {
    if (running >= AT_A_TIME) {
      if (waiting.length >= MOST_WAITING) throw tooMany();
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    await nextTurn();
  }

  return async <T>(work: () => Promise<T>): Promise<T> => {
    await turn();
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whoever waited longest has this place.
      if (next) next();
      else running -= 1;
    }
  };
}

function tooMany(): AppError {
  return new AppError({
    code: "rate-limited",
    summary: "Too much is asked for at once; this was not done.",
    hint: "Try again in a moment.",
    retryable: true,
  });
}
