import { journalStoreContract } from "../contracts/journal-store.ts";
import { createMemoryJournal, openMemoryStore } from "./memory-store.ts";

/** The simulator's journal is worth as much as the contract that it keeps. */
journalStoreContract({
  name: "the simulator's memory",
  async open() {
    let now = Date.parse("2026-01-02T00:00:00Z");
    const journal = createMemoryJournal(() => now);
    const subscribers = new Set<() => void>();
    const handles = [openMemoryStore(journal, subscribers)];
    const connect = async () => {
      const handle = openMemoryStore(journal, subscribers);
      handles.push(handle);
      return handle;
    };
    const close = () => Promise.all(handles.map((handle) => handle.close()));
    return {
      store: handles[0]!,
      connect,
      async reopen() {
        await close();
        return await connect();
      },
      async pass(ms) {
        now += ms;
      },
      dispose: async () => void (await close()),
    };
  },
});
