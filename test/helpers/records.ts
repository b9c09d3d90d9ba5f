import type { JournalStore } from "../../src/journal/store.ts";

/** The records of a store, in memory. */
export function memoryRecords(): Pick<JournalStore, "getRecord" | "setRecord"> & { known: Map<string, string> } {
  const known = new Map<string, string>();
  return {
    known,
    getRecord: async (key) => known.get(key),
    async setRecord(key, value) {
      known.set(key, value);
      return "written";
    },
  };
}
