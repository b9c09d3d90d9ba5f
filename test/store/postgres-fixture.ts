import { setTimeout as sleep } from "node:timers/promises";
import { openPostgresStore, type PostgresStoreOptions } from "../../adapters/store/postgres.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import type { JournalStoreFixture } from "../contracts/journal-store-fixture.ts";
import type { PostgresServer } from "../helpers/postgres.ts";

/** Short enough that a test may wait for it, and long enough for a busy machine. */
export const TIMEOUT_MS = 2_000;

export interface PostgresFixture extends JournalStoreFixture {
  database: string;
  url: string;
}

/** A journal in a database of its own. Its clock is the server's, which only time itself moves. */
export async function openFixture(
  server: PostgresServer,
  options: Omit<PostgresStoreOptions, "url"> = {},
): Promise<PostgresFixture> {
  const database = await server.createDatabase();
  const url = server.url(database);
  const handles: JournalStore[] = [];
  const connect = async () => {
    const store = await openPostgresStore({ url, ...options });
    handles.push(store);
    return store;
  };
  const close = () => Promise.all(handles.splice(0).map((store) => store.close()));
  return {
    store: await connect(),
    database,
    url,
    connect,
    async reopen() {
      await close();
      return connect();
    },
    // A timer may be a moment early.
    pass: async (ms) => void (await sleep(ms + 10)),
    async dispose() {
      await close();
      await server.emptyDatabase(database);
    },
  };
}
