import type { DatabaseSync } from "node:sqlite";
import { AppError } from "../../src/errors.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { withReadOnly } from "./sqlite-database.ts";
import { createEventTable } from "./sqlite-events.ts";

export type JournalReader = Pick<JournalStore, "read" | "findByKey" | "head" | "close">;

/**
 * Reads the journal of a server that does not run, and writes nothing. Throws AppError: `not-found` when there
 * is none, `store-locked` while a server has it, `store-damaged`. Each call opens the file anew, so that a
 * server may start between two calls.
 */
export function openSqliteReader({ directory }: { directory: string }): JournalReader {
  function call<T>(work: (db: DatabaseSync) => T): T {
    const found = withReadOnly(directory, (db) => ({ result: work(db) }));
    if (found) return found.result;
    throw new AppError({
      code: "not-found",
      summary: `There is no journal in ${directory}.`,
      hint: "Name the directory that a server was started with; its default is .muster.",
    });
  }
  call(() => undefined);
  return {
    read: async (request) => call((db) => createEventTable(db).read(request)),
    findByKey: async (key) => call((db) => createEventTable(db).findByKey(key)),
    head: async () => call((db) => createEventTable(db).head()),
    close: async () => {},
  };
}
