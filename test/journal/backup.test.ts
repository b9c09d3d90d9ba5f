import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { restoreSqliteJournal } from "../../adapters/store/sqlite-restore.ts";
import { backUp } from "../../src/cli/backup.ts";
import { AppError } from "../../src/errors.ts";
import { backupLines, readBackup } from "../../src/journal/backup.ts";
import { sealEvent } from "../../src/journal/chain.ts";
import { GENESIS_HASH, type JournalStore, type StoredEvent } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { journalFixture } from "../helpers/journals.ts";

const COMPLETE = readFileSync(journalFixture("0.1.0-complete"), "utf8");
const LINES = COMPLETE.trimEnd().split("\n");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-backup-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function* chunks(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
}

async function all(texts: AsyncIterable<string>): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of readBackup(texts)) events.push(event);
  return events;
}

async function restored(text: string): Promise<JournalStore> {
  const directory = join(root, "restored");
  await restoreSqliteJournal(directory, readBackup(chunks(text)));
  return openSqliteStore({ directory });
}

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw new Error(`not refused: ${error}`);
}

describe("a backup", () => {
  it("is the same file again after it was restored, whatever pieces it comes in", async () => {
    const store = await restored(COMPLETE);
    let text = "";
    for await (const line of backupLines(store)) text += line;
    await store.close();
    expect(text).toBe(COMPLETE);
    const pieces = COMPLETE.match(/[\s\S]{1,777}/g) ?? [];
    expect(await all(chunks(...pieces))).toHaveLength(LINES.length - 2);
  });

  it("is taken while others go on writing: it ends at the head of its beginning", async () => {
    const store = await restored(COMPLETE);
    const before = await store.head();
    let text = "";
    let version = (await store.read({ after: 0, limit: 1_000 })).length;
    for await (const line of backupLines(store)) {
      text += line;
      if (version > before.seq + 3) continue;
      const events = [{ key: `late/${version}`, kind: "note.added", actor: "operator", data: {} }];
      const stream = "app/genai-api";
      const at = new Date(0).toISOString();
      await store.append({ stream, expectedVersion: version, events, at, instance: "a" });
      version += 1;
    }
    expect((await store.head()).seq).toBeGreaterThan(before.seq);
    await store.close();
    expect(text).toBe(COMPLETE);
  });

  it("that is restored carries on: the next event has the hash of the last one", async () => {
    const store = await restored(COMPLETE);
    const head = await store.head();
    const events = [{ key: "after/1", kind: "note.added", actor: "operator", data: {} }];
    const at = new Date(0).toISOString();
    await store.append({ stream: "app/genai-api", expectedVersion: head.seq, events, at, instance: "a" });
    expect((await store.read({ after: head.seq, limit: 1 }))[0]?.previousHash).toBe(head.hash);
    expect(await verifyChain(store)).toMatchObject({ ok: true, events: head.seq + 1 });
    await store.close();
  });
});

describe("a backup that is damaged", () => {
  const changed = (index: number, change: (line: string) => string) =>
    LINES.map((line, at) => (at === index ? change(line) : line)).join("\n");

  it.each([
    ["a changed text", changed(17, (line) => line.replace("2026-", "2025-")), 17],
    ["a changed hash", changed(5, (line) => line.replace(/"hash":"./, '"hash":"x')), 5],
    ["a missing event", LINES.filter((_, index) => index !== 9).join("\n"), 9],
    ["two events that changed places", [...LINES.slice(0, 3), LINES[4], LINES[3], ...LINES.slice(5)].join("\n"), 3],
    ["no end", LINES.slice(0, 40).join("\n"), 40],
    ["an end in the middle of a line", COMPLETE.slice(0, COMPLETE.indexOf('{"seq":30,') + 50), 30],
    ["an older end", [...LINES.slice(0, 21), LINES.at(-1)].join("\n"), 21],
    ["something after its end", `${COMPLETE}${LINES[1]}\n`, LINES.length - 1],
  ])("by %s is refused, with the first bad event, and leaves nothing", async (_, text, seq) => {
    const directory = join(root, "restored");
    const error = await refusal(restoreSqliteJournal(directory, readBackup(chunks(text))));
    expect(error).toMatchObject({ code: "store-damaged", hint: expect.stringContaining("Nothing was restored") });
    expect(error.summary).toContain(`at event ${seq}:`);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("is not written: there is no half backup", async () => {
    const file = join(root, "backup.jsonl");
    expect((await refusal(backUp(file, chunks(LINES.slice(0, 40).join("\n"))))).code).toBe("store-damaged");
    expect(readdirSync(root)).toEqual([]);
  });

  it.each([{ stream: { a: 1 } }, { stream: null }, { key: ["k"] }, { version: "1" }])(
    "is one whose chain holds around what is no event: %o",
    async (wrong) => {
      const event = { seq: 1, stream: "app/shop", version: 1, at: "", instance: "i", actor: "a", kind: "x", key: "k" };
      const text = JSON.stringify({ ...event, data: {}, ...wrong });
      const hash = createHash("sha256").update(`${GENESIS_HASH}\n${text}`).digest("hex");
      const lines = [{ format: "muster-journal/1" }, { seq: 1, previousHash: GENESIS_HASH, hash, text }];
      const file = [...lines, { head: { seq: 1, hash } }].map((line) => JSON.stringify(line)).join("\n");
      expect(await refusal(restored(file))).toMatchObject({ code: "store-damaged", retryable: false });
    },
  );

  it("is one whose chain holds around two events with one key", async () => {
    let head = { seq: 0, hash: GENESIS_HASH };
    const lines = ["run/1/started", "run/1/started"].map((key, index) => {
      const event = { key, kind: "run.started", actor: "operator", data: {} };
      const place = { stream: "app/shop", version: index + 1, at: "2026-05-04T02:13:40.000Z", instance: "i" };
      const { seq, previousHash, hash, text } = sealEvent({ event, ...place, seq: index + 1, previousHash: head.hash });
      head = { seq, hash };
      return { seq, previousHash, hash, text };
    });
    const file = [{ format: "muster-journal/1" }, ...lines, { head }].map((line) => JSON.stringify(line)).join("\n");
    expect(await all(chunks(file))).toHaveLength(2);
    const error = await refusal(restored(file));
    expect(error).toMatchObject({
      code: "store-damaged",
      retryable: false,
      hint: expect.stringContaining("older backup"),
    });
    expect(error.summary).toContain("at event 2: its key run/1/started");
    expect(readdirSync(join(root, "restored"))).toEqual([]);
  });

  it("or no backup at all is told apart", async () => {
    for (const text of ["", "hello\n", '{"format":"something-else"}\n', "[]\n"]) {
      expect((await refusal(all(chunks(text)))).code).toBe("bad-input");
    }
  });
});

describe("restoring", () => {
  it("refuses a directory that has a journal, and leaves that as it was", async () => {
    const directory = join(root, "used");
    const store = openSqliteStore({ directory });
    await store.close();
    const error = await refusal(restoreSqliteJournal(directory, readBackup(chunks(COMPLETE))));
    expect(error).toMatchObject({ code: "wrong-state", hint: expect.stringContaining("empty directory") });
    const again = openSqliteStore({ directory });
    expect((await again.head()).seq).toBe(0);
    await again.close();
  });

  it("refuses what is left of a journal too, for SQLite would mix it with the new one", async () => {
    const directory = join(root, "left");
    mkdirSync(directory);
    writeFileSync(join(directory, "journal.db-wal"), "");
    expect((await refusal(restoreSqliteJournal(directory, readBackup(chunks(COMPLETE))))).code).toBe("wrong-state");
    expect(existsSync(join(directory, "journal.db"))).toBe(false);
  });

  it("of an empty journal gives an empty journal", async () => {
    const empty = openSqliteStore({ directory: join(root, "empty") });
    let text = "";
    for await (const line of backupLines(empty)) text += line;
    await empty.close();
    const store = await restored(text);
    expect((await store.head()).seq).toBe(0);
    await store.close();
  });
});
