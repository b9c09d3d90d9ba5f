import type { AppendRequest, AppendResult, JournalStore, StoredEvent } from "../../src/journal/store.ts";

/** One empty journal, and what the suite may do to it. */
export interface JournalStoreFixture {
  store: JournalStore;
  /** Another handle on the same journal, as a second instance has it; an embedded store answers the same one. */
  connect(): Promise<JournalStore>;
  /** Ends every handle and opens the journal again. */
  reopen(): Promise<JournalStore>;
  /** Lets this much time pass on the store's clock. */
  pass(ms: number): Promise<void>;
  /** Ends every handle and removes the journal. */
  dispose(): Promise<void>;
}

export interface JournalStoreContract {
  /** The adapter, as the test report names it. */
  name: string;
  open: () => Promise<JournalStoreFixture>;
}

export const AT = "2026-01-02T03:04:05.678Z";

interface AppendOptions extends Partial<Pick<AppendRequest, "stream" | "expectedVersion" | "expectedHash" | "fence">> {
  data?: unknown;
}

/** Appends one event per key, to an empty stream `app/a` unless told otherwise. */
export function appendKeys(store: JournalStore, keys: string[], options: AppendOptions = {}): Promise<AppendResult> {
  const { data = {}, ...rest } = options;
  const events = keys.map((key) => ({ key, kind: "thing.happened", data, actor: "operator" }));
  return store.append({ stream: "app/a", expectedVersion: 0, events, at: AT, instance: "instance-1", ...rest });
}

/** Appends to one stream as every writer does: again when somebody else was first. */
export async function appendTwentyTimes(store: JournalStore, appender: string): Promise<void> {
  let expectedVersion = 0;
  for (let count = 0; count < 20; ) {
    const result = await store.append({
      stream: "app/a",
      expectedVersion,
      events: [{ key: `${appender}/${count}`, kind: "thing.happened", data: { count }, actor: "operator" }],
      at: AT,
      instance: appender,
    });
    if (result.outcome === "appended") count += 1;
    expectedVersion = result.outcome === "conflict" ? result.version : expectedVersion + 1;
  }
}

export function readAll(store: JournalStore): Promise<StoredEvent[]> {
  return store.read({ after: 0, limit: 10_000 });
}

/** Subscribes, and tells of the calls. */
export function listen(store: JournalStore) {
  let count = 0;
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  const unsubscribe = store.subscribe(() => {
    count += 1;
    resolve();
  });
  return {
    promise,
    unsubscribe,
    count: () => count,
    /** Long enough for a notification that is on its way to arrive. */
    quiet: () => new Promise((done) => setTimeout(done, 30)),
  };
}
