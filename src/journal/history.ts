import type { Head, JournalStore, StoredEvent } from "./store.ts";

/** An event that this instance was told of as standing: written by itself, or read. */
export type Remembered = Pick<StoredEvent, "seq" | "version" | "hash" | "key">;

/** The store holds another history than the one that was acknowledged. */
export interface Divergence {
  /** The last event that an instance had seen standing. */
  known: Head;
  /** Where the store ended when that was noticed. */
  head: Head;
  /** What is gone, by sequence; `keys` names the latest of them. */
  lost: { from: number; to: number; keys: string[] };
}

export interface History {
  remember(event: Remembered): void;
  last(): Remembered | undefined;
  ofVersion(version: number): Remembered | undefined;
  /** Oldest first. */
  tail(count: number): Remembered[];
  clear(): void;
  /** Does the first event that was read come after what is remembered? Asks the store only when it must. */
  isFollowedBy(first: StoredEvent): Promise<boolean>;
  /** Compares what is remembered, or another tail of the same stream, with the store. */
  compare(tail?: Remembered[]): Promise<Divergence | undefined>;
}

const KEPT_EVENTS = 1_000;
const NAMED_KEYS = 20;

/**
 * The end of a stream as this instance knows it. A store whose standby was promoted without the last writes, or that
 * was restored from a backup, has another one, and nothing may be decided on both.
 */
export function createHistory(store: Pick<JournalStore, "read" | "head">, stream: string): History {
  let events: Remembered[] = [];

  async function stands({ seq, hash }: Head): Promise<boolean> {
    const [there] = await store.read({ after: seq - 1, limit: 1, stream });
    return there?.seq === seq && there.hash === hash;
  }

  return {
    remember({ seq, version, hash, key }) {
      events.push({ seq, version, hash, key });
      if (events.length > 2 * KEPT_EVENTS) events = events.slice(-KEPT_EVENTS);
    },
    last: () => events.at(-1),
    ofVersion: (version) => events.findLast((one) => one.version === version),
    tail: (count) => events.slice(-count),
    clear() {
      events = [];
    },
    async isFollowedBy(first) {
      const last = events.at(-1);
      return last === undefined || first.previousHash === last.hash || (await stands(last));
    },
    async compare(tail = events.slice(-KEPT_EVENTS)) {
      const last = tail.at(-1);
      if (!last || (await stands(last))) return undefined;
      const head = await store.head();
      const there = new Map<number, string>();
      for (let after = (tail[0]?.seq ?? 1) - 1; ; ) {
        const batch = await store.read({ after, limit: KEPT_EVENTS, stream });
        for (const { seq, hash } of batch) there.set(seq, hash);
        after = batch.at(-1)?.seq ?? last.seq;
        if (after >= last.seq) break;
      }
      const lost = tail.slice(tail.findLastIndex(({ seq, hash }) => there.get(seq) === hash) + 1);
      return {
        known: { seq: last.seq, hash: last.hash },
        head,
        lost: {
          from: lost[0]?.seq ?? last.seq,
          to: last.seq,
          keys: lost.slice(-NAMED_KEYS).map(({ key }) => key),
        },
      };
    },
  };
}
