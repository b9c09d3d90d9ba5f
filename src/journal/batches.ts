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
  /** Told of what is about to be carried out. True when more may have been asked for, which is waited for. */
  foretell?(batch: Waiting<T, R>[]): boolean;
  /** Settles every one of the batch; what it throws is given to those that are left. */
  carryOut(batch: Waiting<T, R>[]): Promise<void>;
  /** Calls back in a later turn of the event loop. */
  nextTurn?: NextTurn;
}

/** How often what was foretold may lead to more, before it is carried out. */
const MOST_FORETOLD = 4;

export type NextTurn = (callback: () => void) => void;

/** Carries out tasks in the order of the calls, and those that have come meanwhile together. */
export function createBatches<T, R>({
  maxWaiting,
  maxTogether,
  fits,
  foretell,
  carryOut,
  nextTurn = setImmediate,
}: BatchOptions<T, R>): (task: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = [];
  let busy = false;

  function together(): Waiting<T, R>[] {
    const [first] = waiting as [Waiting<T, R>];
    const other = waiting.findIndex(({ task }) => !fits(first.task, task));
    return waiting.slice(0, Math.min(maxTogether, other < 0 ? waiting.length : other));
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      let batch = together();
      for (let count = 0; count < MOST_FORETOLD && foretell?.(batch); count++) {
        await new Promise<void>((resolve) => nextTurn(resolve));
        const known = batch.length;
        batch = together();
        if (batch.length === known) break;
      }
      waiting.splice(0, batch.length);
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
