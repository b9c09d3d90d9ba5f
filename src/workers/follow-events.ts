import type { DomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import { createWaker } from "./waker.ts";
import type { WorkerContext } from "./worker.ts";

interface FollowOptions {
  journal: Pick<Journal, "read" | "subscribe">;
  store: Pick<JournalStore, "getRecord" | "setRecord">;
  clock: Clock;
  /** Name of the record that says how far this follower has come. */
  cursor: string;
}

const BATCH = 1_000;

/**
 * Hands every event of the journal on, in order and in batches, from where the last one of this name had come to.
 * `handle` answers whether it did something: a batch with nothing in it need not be remembered by itself, and after a
 * crash it is handed on again.
 */
export async function followEvents(
  { journal, store, clock, cursor: key }: FollowOptions,
  { fence, signal }: WorkerContext,
  handle: (events: DomainEvent[]) => Promise<boolean>,
): Promise<void> {
  const waker = createWaker((listener) => journal.subscribe(listener), clock);
  try {
    let cursor = Number((await store.getRecord(key)) ?? 0);
    while (!signal.aborted) {
      const events = await journal.read({ after: cursor, limit: BATCH });
      const last = events.at(-1);
      if (!last) {
        await waker.wait(undefined, signal);
        continue;
      }
      const acted = await handle(events);
      cursor = last.seq;
      if (acted || events.length === BATCH) await store.setRecord(key, String(cursor), fence);
    }
  } finally {
    waker.close();
  }
}
