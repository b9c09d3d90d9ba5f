import { AppError } from "../../src/errors.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import type { Clock } from "../../src/ports.ts";
import { createListeners } from "./listeners.ts";
import { openDatabase } from "./sqlite-database.ts";
import { guarded, isConstraint } from "./sqlite-errors.ts";
import { createEventTable } from "./sqlite-events.ts";
import { createLeaseTable } from "./sqlite-leases.ts";
import { createRecordTable } from "./sqlite-records.ts";

export interface SqliteStoreOptions {
  /** Made when it does not exist. One process at a time may have it open. */
  directory: string;
  /** The store's clock for leases; wall time by default. */
  clock?: Pick<Clock, "now">;
  /** The journal never grows beyond this, so that it cannot fill the machine's disk. */
  maxBytes?: number;
}

const MAX_BYTES = 8 * 1024 ** 3;

/**
 * The embedded store: one file, on one machine, for one process. Durable (WAL, synchronous=FULL) before an
 * append resolves. Every call blocks the event loop for its own short time. Throws AppError `store-locked`,
 * `store-damaged`, `store-full` or `store-unavailable`.
 */
export function openSqliteStore({
  directory,
  clock = { now: Date.now },
  maxBytes = MAX_BYTES,
}: SqliteStoreOptions): JournalStore {
  const { db, close } = openDatabase(directory, maxBytes);
  const events = createEventTable(db);
  const leases = createLeaseTable(db, () => Math.round(clock.now()));
  const records = createRecordTable(db);
  const listeners = createListeners();
  let open = true;

  /** Async, so that every error is a rejection; the work itself is never interleaved. */
  async function call<T>(work: () => T): Promise<T> {
    if (!open) throw closedError(directory);
    return guarded(directory, work);
  }

  function transaction<T>(work: () => T): T {
    db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      db.exec("COMMIT");
      return result;
    } finally {
      // A full disk has ended the transaction by itself.
      if (db.isTransaction) db.exec("ROLLBACK");
    }
  }

  return {
    async append(request) {
      const result = await call(() => {
        try {
          return transaction(() => {
            const epoch = leases.fencedBy(request.fence);
            return epoch === undefined ? events.append(request) : ({ outcome: "fenced", epoch } as const);
          });
        } catch (error) {
          // That a key stands is found by the insert itself, and nothing of the transaction is left then.
          const duplicate = isConstraint(error) ? events.duplicate(request) : undefined;
          if (duplicate) return duplicate;
          throw error;
        }
      });
      if (result.outcome === "appended" && result.events.length > 0) listeners.notify();
      return result;
    },
    read: (request) => call(() => events.read(request)),
    findByKey: (key) => call(() => events.findByKey(key)),
    head: () => call(() => events.head()),
    subscribe: (listener) => listeners.subscribe(listener),

    acquireLease: (name, holder, ttlMs) => call(() => transaction(() => leases.acquire(name, holder, ttlMs))),
    releaseLease: (name, holder, epoch) => call(() => leases.release(name, holder, epoch)),
    leases: () => call(() => leases.held()),

    getRecord: (key) => call(() => records.get(key)),
    setRecord: (key, value, fence) =>
      call(() =>
        transaction(() => {
          if (leases.fencedBy(fence) !== undefined) return "fenced";
          records.set(key, value);
          return "written";
        }),
      ),
    deleteRecord: (key) => call(() => records.remove(key)),

    describe: async () => ({ kind: "embedded" }),

    async close() {
      if (!open) return;
      open = false;
      listeners.clear();
      guarded(directory, close);
    },
  };
}

function closedError(directory: string): AppError {
  return new AppError({
    code: "store-unavailable",
    summary: `The journal in ${directory} is closed.`,
    hint: "Muster is ending; start it again.",
  });
}
