import type { DatabaseSync } from "node:sqlite";
import { assertSmallRecord } from "./bounds.ts";

export interface RecordTable {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export function createRecordTable(db: DatabaseSync): RecordTable {
  const find = db.prepare("SELECT value FROM records WHERE key = ?");
  const put = db.prepare("INSERT OR REPLACE INTO records (key, value) VALUES (?, ?)");
  const remove = db.prepare("DELETE FROM records WHERE key = ?");

  return {
    get(key) {
      const row = find.get(key);
      return row && String(row.value);
    },
    set(key, value) {
      assertSmallRecord(key, value);
      put.run(key, value);
    },
    remove: (key) => void remove.run(key),
  };
}
