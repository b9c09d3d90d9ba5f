import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore, type SqliteStoreOptions } from "../../adapters/store/sqlite.ts";
import type { AppendResult, JournalStore } from "../../src/journal/store.ts";
import type { JournalStoreFixture } from "../contracts/journal-store-fixture.ts";

export interface SqliteFixture extends JournalStoreFixture {
  directory: string;
}

/** A store in a directory of its own, with a clock that only `pass` moves. */
export async function openFixture(
  options: Omit<SqliteStoreOptions, "directory" | "clock"> = {},
): Promise<SqliteFixture> {
  const directory = mkdtempSync(join(tmpdir(), "muster-store-"));
  let now = Date.parse("2026-01-02T00:00:00Z");
  const open = () => openSqliteStore({ directory, clock: { now: () => now }, ...options });
  let store = open();
  return {
    store,
    directory,
    connect: async () => store,
    async reopen() {
      await store.close();
      store = open();
      return store;
    },
    async pass(ms) {
      now += ms;
    },
    async dispose() {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Appends `count` events of about 300 bytes to the stream `app/a`, one by one. */
export async function fill(store: JournalStore, count: number, from = 0): Promise<AppendResult[]> {
  const results: AppendResult[] = [];
  for (let index = from; index < from + count; index++) {
    const event = {
      key: `key/${index}`,
      kind: "thing.happened",
      data: { index, text: "x".repeat(150) },
      actor: "operator",
    };
    const request = { stream: "app/a", expectedVersion: index, events: [event], instance: "instance-1" };
    results.push(await store.append({ ...request, at: "2026-01-02T03:04:05.678Z" }));
  }
  return results;
}
