import { AppError } from "../errors.ts";

/** Runs tasks one after the other, in the order of the calls. A failed task does not stop those behind it. */
export function createQueue(maxWaiting: number): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (task) => {
    if (waiting >= maxWaiting) {
      throw new AppError({
        code: "store-unavailable",
        summary: `${maxWaiting} writes are waiting for the journal already.`,
        hint: "Try again in a moment.",
        retryable: true,
      });
    }
    waiting += 1;
    const run = last.then(task);
    last = run.catch(() => {});
    try {
      return await run;
    } finally {
      waiting -= 1;
    }
  };
}
