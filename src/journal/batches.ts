import { AppError } from "../errors.ts";

/** A task of a batch is settled by whoever carries the batch out. */
export interface Waiting<T, R> {
  task: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

export interface BatchOptions<T, R> {
  maxWaiting: number;
  maxTogether: number;
  /** May these two be carried out as one? Tasks are never taken out of their order for it. */
  fits(first: T, next: T): boolean;
  /** Settles every one of the batch; what it throws is given to those that are left. */
  carryOut(batch: Waiting<T, R>[]): Promise<void>;
  /** Calls back in a later turn of the event loop. */
  nextTurn?: NextTurn;
}

export type NextTurn = (callback: () => void) => void;

/** Carries out tasks in the order of the calls, and those that have come meanwhile together. */
export function createBatches<T, R>({
  maxWaiting,
  maxTogether,
  fits,
  carryOut,
  nextTurn = setImmediate,
}: BatchOptions<T, R>): (task: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = [];
  let busy = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const [first] = waiting as [Waiting<T, R>];
      const other = waiting.findIndex(({ task }) => !fits(first.task, task));
      const batch = waiting.splice(0, Math.min(maxTogether, other < 0 ? waiting.length : other));
      await carryOut(batch).catch((error) => {
        for (const { reject } of batch) reject(error);
      });
    }
    busy = false;
  }

  return (task) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) {
        const summary = `${maxWaiting} writes are waiting for the journal already.`;
        reject(new AppError({ code: "store-unavailable", summary, hint: "Try again in a moment.", retryable: true }));
        return;
      }
      waiting.push({ task, resolve, reject });
      if (busy) return;
      busy = true;
      // Not at once: what is asked for in the same turn of the event loop shares one durable write.
      nextTurn(() => void drain());
    });
}
