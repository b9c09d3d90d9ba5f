import type { DatabaseSync } from "node:sqlite";
import { AppError } from "../../src/errors.ts";
import { MAX_KEY_LENGTH } from "../../src/journal/chain.ts";

export interface RecordTable {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
}

const MAX_VALUE_CHARACTERS = 64 * 1024;

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
      assertSmall(key, value);
      put.run(key, value);
    },
    remove: (key) => void remove.run(key),
  };
}

function assertSmall(key: string, value: string): void {
  if (key.length <= MAX_KEY_LENGTH && value.length <= MAX_VALUE_CHARACTERS) return;
  throw new AppError({
    code: "too-large",
    summary: `The record ${key.slice(0, 80)} is over ${MAX_VALUE_CHARACTERS} characters, or its key over ${MAX_KEY_LENGTH}.`,
    hint: "Records are for cursors and ids; facts belong into events.",
  });
}
