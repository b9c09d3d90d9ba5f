import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Keys, values and when they expire. Every change is in the append-only file before it is acknowledged. */
export interface Data {
  get(key: string): string | null;
  set(key: string, value: string, expiresAt: number | undefined): void;
  delete(key: string): boolean;
  expiryOf(key: string): number | undefined;
  keys(): string[];
  size(): number;
  /** Everything as text, and back: what a replica is given first, and what BGSAVE writes. */
  dump(): string;
  restore(text: string): void;
  save(directory: string, name: string): void;
}

interface Entry {
  value: string;
  expiresAt: number | undefined;
}

type Row = [key: string, value: string, expiresAt: number | null];

const REWRITE_AFTER = 50_000;

export function openData(directory: string, now: () => number = Date.now): Data {
  const path = join(directory, "appendonly.jsonl");
  const entries = new Map<string, Entry>();
  let lines = 0;

  function put([key, value, expiresAt]: Row): void {
    entries.set(key, { value, expiresAt: expiresAt ?? undefined });
  }

  function live(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry?.expiresAt !== undefined && entry.expiresAt <= now()) {
      entries.delete(key);
      return undefined;
    }
    return entry;
  }

  function keys(): string[] {
    return [...entries.keys()].filter(live);
  }

  function rows(): Row[] {
    return keys().map((key) => {
      const { value, expiresAt } = entries.get(key)!;
      return [key, value, expiresAt ?? null];
    });
  }

  function rewrite(): void {
    const all = rows();
    writeFileSync(`${path}.tmp`, all.map((row) => `${JSON.stringify(row)}\n`).join(""), { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
    lines = all.length;
  }

  function append(row: Row | [string]): void {
    appendFileSync(path, `${JSON.stringify(row)}\n`);
    lines++;
    if (lines > REWRITE_AFTER + 2 * entries.size) rewrite();
  }

  for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) {
    const row = parseRow(line);
    if (row?.length === 3) put(row);
    else if (row) entries.delete(row[0]);
  }
  rewrite();

  return {
    get: (key) => live(key)?.value ?? null,
    set(key, value, expiresAt) {
      put([key, value, expiresAt ?? null]);
      append([key, value, expiresAt ?? null]);
    },
    delete(key) {
      if (!live(key)) return false;
      entries.delete(key);
      append([key]);
      return true;
    },
    expiryOf: (key) => live(key)?.expiresAt,
    keys,
    size: () => keys().length,
    dump: () => JSON.stringify(rows()),
    restore(text) {
      entries.clear();
      for (const row of JSON.parse(text) as Row[]) put(row);
      rewrite();
    },
    save(target, name) {
      writeFileSync(join(target, `${name}.tmp`), JSON.stringify(rows()), { mode: 0o600 });
      renameSync(join(target, `${name}.tmp`), join(target, name));
    },
  };
}

/** A process that was killed may leave half a last line: it was never acknowledged. */
function parseRow(line: string): Row | [string] | undefined {
  try {
    return line ? (JSON.parse(line) as Row | [string]) : undefined;
  } catch {
    return undefined;
  }
}
