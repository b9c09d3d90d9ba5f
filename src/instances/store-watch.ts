import { AppError, type ErrorReport, reportError } from "../errors.ts";
import { duration, timeOfDay } from "../format.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";

export interface StoreHealth {
  /** Since when every call has failed, and the last reason; milliseconds since 1970. */
  outage(): { since: number; error: ErrorReport } | undefined;
}

/** Shorter ones end before anybody could do anything about them. */
const TOLD_AFTER_MS = 1_000;

/**
 * The same store, which remembers since when it has not answered, and says so in its errors. One answer to a call
 * that was begun after the last failure ends an outage.
 */
export function watchStore(store: JournalStore, clock: Clock): { store: JournalStore; health: StoreHealth } {
  let outage: { since: number; error: ErrorReport; failedAt: number } | undefined;

  async function watched<T>(call: () => Promise<T>): Promise<T> {
    const begun = clock.monotonic();
    const begunAt = clock.now();
    try {
      const result = await call();
      if (outage && begun >= outage.failedAt) outage = undefined;
      return result;
    } catch (error) {
      if (!isAway(error)) throw error;
      const since = outage?.since ?? begunAt;
      outage = { since, error: reportError(error), failedAt: clock.monotonic() };
      throw withSince(error, since, clock.now());
    }
  }

  return {
    store: {
      append: (request) => watched(() => store.append(request)),
      read: (request) => watched(() => store.read(request)),
      findByKey: (key) => watched(() => store.findByKey(key)),
      head: () => watched(() => store.head()),
      subscribe: (listener) => store.subscribe(listener),
      acquireLease: (...given) => watched(() => store.acquireLease(...given)),
      releaseLease: (...given) => watched(() => store.releaseLease(...given)),
      leases: () => watched(() => store.leases()),
      getRecord: (key) => watched(() => store.getRecord(key)),
      setRecord: (...given) => watched(() => store.setRecord(...given)),
      deleteRecord: (key) => watched(() => store.deleteRecord(key)),
      ...(store.describe && { describe: () => watched(async () => await store.describe?.()) as never }),
      close: () => store.close(),
    },
    health: { outage: () => outage && { since: outage.since, error: outage.error } },
  };
}

function isAway(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === "store-unavailable" || error.code === "store-damaged");
}

function withSince(error: AppError, since: number, now: number): AppError {
  if (now - since < TOLD_AFTER_MS) return error;
  const { code, hint, retryable, cause } = error;
  const ago = `${timeOfDay(new Date(since).toISOString())} (${duration(now - since)})`;
  return new AppError({
    code,
    summary: `${error.summary} The store is unavailable since ${ago}.`,
    hint,
    retryable,
    cause,
  });
}
