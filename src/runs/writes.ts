import type { Journal } from "../journal/journal.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { type Attempt, record } from "./attempt.ts";

/** Appends in their order; the journal carries out together what waits together. */
export interface Writes {
  /** Resolves when it stands. */
  now(attempt: Attempt, events: Parameters<typeof record>[3]): Promise<number>;
  /** Need not be waited for: whatever is written after it fails when it does. */
  soon(write: Promise<unknown>): void;
  settled(): Promise<void>;
}

export function createWrites(journal: Journal, { fence }: WorkerContext): Writes {
  let pending: Promise<unknown>[] = [];
  return {
    now: (attempt, events) => record(journal, attempt, fence, events),
    soon(write) {
      write.catch(() => {});
      pending.push(write);
    },
    async settled() {
      await Promise.all(pending);
      pending = [];
    },
  };
}
