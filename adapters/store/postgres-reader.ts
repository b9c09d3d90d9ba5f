import { GENESIS_HASH, type JournalStore } from "../../src/journal/store.ts";
import { createConnections } from "./postgres-connections.ts";
import { readHead } from "./postgres-events.ts";
import { checkHead, schemaVersion } from "./postgres-schema.ts";

/**
 * Looks at a journal in PostgreSQL and writes nothing: one that is not there yet is not made, one of an older version
 * is not brought up to date. Throws AppError as the store does.
 */
export async function openPostgresReader(url: string): Promise<Pick<JournalStore, "head" | "close">> {
  const { place, use, close } = createConnections(url, 5_000);
  return {
    head: () =>
      use(async (client) => {
        // Before the first start of a server there is a database, and nothing in it.
        if ((await schemaVersion(client, place)) === 0) return { seq: 0, hash: GENESIS_HASH };
        await checkHead(client, place);
        return await readHead(client, place);
      }),
    close,
  };
}
