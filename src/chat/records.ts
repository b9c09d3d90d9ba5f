import type { Fence, JournalStore } from "../journal/store.ts";
import { ensureHeld } from "../workers/held.ts";
import type { Posted } from "./delivery.ts";

/** So many are held in memory; what is not looked for any more is read again should it ever be. */
const MOST_KNOWN = 2_000;

/** What was posted where: remote ids, kept beside the journal and written under the mirror's lease. */
export function createRecords(store: JournalStore, chat: string, fence: Fence) {
  const known = new Map<string, Posted>();
  const asked = new Set<string>();
  const keyOf = (id: string) => `chat/${chat}/message/${id}`;

  /** Forgets here, and not in the store, what is none of these. */
  function keep(ids: readonly string[]): void {
    const kept = new Set(ids);
    for (const id of asked) {
      if (kept.has(id)) continue;
      asked.delete(id);
      known.delete(id);
    }
  }

  return {
    /** Of these messages; what is not in the answer was never posted. */
    async of(ids: readonly string[]): Promise<ReadonlyMap<string, Posted>> {
      for (const id of ids) {
        if (asked.has(id)) continue;
        const text = await store.getRecord(keyOf(id));
        if (text !== undefined) known.set(id, JSON.parse(text) as Posted);
        asked.add(id);
      }
      if (asked.size > MOST_KNOWN) keep(ids);
      return known;
    },
    /** As it is known here. */
    get: (id: string): Posted | undefined => known.get(id),
    async set(id: string, posted: Posted): Promise<void> {
      ensureHeld(await store.setRecord(keyOf(id), JSON.stringify(posted), fence), fence);
      known.set(id, posted);
      asked.add(id);
    },
    async forget(id: string): Promise<void> {
      await store.deleteRecord(keyOf(id));
      known.delete(id);
    },
  };
}

export type Records = ReturnType<typeof createRecords>;
