import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { openSqliteReader } from "../../adapters/store/sqlite-reader.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { fill, openFixture, type SqliteFixture } from "./fixture.ts";

const EVENTS = 200;

describe("a journal that something happened to", () => {
  let fixture: SqliteFixture;
  let file: string;
  beforeEach(async () => {
    fixture = await openFixture();
    file = join(fixture.directory, "journal.db");
    await fill(fixture.store, EVENTS);
    await fixture.store.close();
  });
  afterEach(() => fixture.dispose());

  /** What somebody with the sqlite3 program could do. */
  function tamper(sql: string): void {
    const db = new DatabaseSync(file);
    db.exec(`DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_removed; ${sql}`);
    db.close();
  }

  function refusal(open: () => unknown) {
    try {
      open();
    } catch (error) {
      return error;
    }
    return undefined;
  }

  const damaged = { name: "AppError", code: "store-damaged", hint: expect.stringContaining("backup") };

  it("is refused when the file is no database", async () => {
    writeFileSync(file, "This is not a database. ".repeat(500));
    expect(refusal(() => openSqliteStore(fixture))).toMatchObject(damaged);
    expect(refusal(() => openSqliteReader(fixture))).toMatchObject(damaged);
  });

  it("is refused when the file is another program's database", async () => {
    rmSync(file);
    const db = new DatabaseSync(file);
    db.exec("CREATE TABLE cookies (name TEXT)");
    db.close();
    expect(refusal(() => openSqliteStore(fixture))).toMatchObject(damaged);
    expect(refusal(() => openSqliteReader(fixture))).toMatchObject(damaged);
  });

  it("is refused when the file was truncated", async () => {
    truncateSync(file, Math.floor(readFileSync(file).length / 2));
    expect(refusal(() => openSqliteStore(fixture))).toMatchObject(damaged);
    expect(refusal(() => openSqliteReader(fixture))).toMatchObject(damaged);
  });

  it("is refused when a page in the middle was overwritten", async () => {
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096 * 8, 4096 * 12);
    writeFileSync(file, bytes);
    expect(refusal(() => openSqliteStore(fixture))).toMatchObject(damaged);
    await expect(verifyOffline()).rejects.toMatchObject(damaged);
  });

  it("is refused when its end was cut off and its head was left", async () => {
    tamper("DELETE FROM events WHERE seq > 190");
    expect(refusal(() => openSqliteStore(fixture))).toMatchObject({
      ...damaged,
      summary: expect.stringContaining("190"),
    });
    expect(await verifyOffline()).toMatchObject({ ok: false, firstBad: { seq: 191 } });
  });

  it("is refused when a newer version wrote it", async () => {
    tamper("PRAGMA user_version = 99");
    const newer = { code: "store-unavailable", summary: expect.stringContaining("newer Muster (schema 99") };
    expect(refusal(() => openSqliteStore(fixture))).toMatchObject(newer);
    expect(refusal(() => openSqliteReader(fixture))).toMatchObject(newer);
  });

  it("can be opened again after a refusal, once it was put right", async () => {
    const bytes = readFileSync(file);
    writeFileSync(file, "This is not a database. ".repeat(500));
    expect(refusal(() => openSqliteStore(fixture))).toMatchObject(damaged);
    writeFileSync(file, bytes);
    const store = openSqliteStore(fixture);
    expect(await store.head()).toMatchObject({ seq: EVENTS });
    await store.close();
  });

  it("cannot be changed by a plain statement", () => {
    const db = new DatabaseSync(file);
    expect(() => db.exec("UPDATE events SET text = '' WHERE seq = 7")).toThrow("events are never changed");
    expect(() => db.exec("DELETE FROM events WHERE seq = 7")).toThrow("events are never removed");
    db.close();
  });

  it.each([
    ["a changed text", `UPDATE events SET text = replace(text, '"index":76', '"index":75') WHERE seq = 77`, 77, /hash/],
    ["a text that is no JSON", "UPDATE events SET text = 'x' WHERE seq = 77", 77, /hash/],
    ["a changed hash", `UPDATE events SET hash = '${"a".repeat(64)}' WHERE seq = 77`, 77, /hash/],
    ["a changed key", "UPDATE events SET key = 'key/other' WHERE seq = 77", 77, /columns/],
    ["a changed stream", "UPDATE events SET stream = 'app/b' WHERE seq = 77", 77, /columns/],
    ["a changed version", "UPDATE events SET version = 7777 WHERE seq = 77", 77, /columns/],
    ["a changed link", `UPDATE events SET previous_hash = '${"a".repeat(64)}' WHERE seq = 77`, 77, /before it/],
    ["a removed event", "DELETE FROM events WHERE seq = 77", 78, /sequence 77 is missing/],
    ["a changed head", `UPDATE head SET hash = '${"a".repeat(64)}'`, EVENTS, /head/],
    ["a head set back", "UPDATE head SET (seq, hash) = (SELECT seq, hash FROM events WHERE seq = 76)", 77, /head/],
  ])("is found out by the audit, with the event's sequence: %s", async (_, sql, seq, reason) => {
    expect(await verifyOffline()).toMatchObject({ ok: true, events: EVENTS });
    tamper(sql);
    expect(await verifyOffline()).toMatchObject({
      ok: false,
      firstBad: { seq, reason: expect.stringMatching(reason) },
    });
  });

  it("says that there is none, and makes none, when a reader is pointed at the wrong place", () => {
    const directory = join(fixture.directory, "elsewhere");
    const missing = { code: "not-found", hint: expect.stringContaining(".muster") };
    expect(refusal(() => openSqliteReader({ directory }))).toMatchObject(missing);
    mkdirSync(directory);
    expect(refusal(() => openSqliteReader({ directory }))).toMatchObject(missing);
    expect(refusal(() => openSqliteReader({ directory: file }))).toMatchObject(missing);
  });

  it("says so when the directory cannot be made", () => {
    const unavailable = { name: "AppError", code: "store-unavailable", hint: expect.stringContaining("--data") };
    expect(refusal(() => openSqliteStore({ directory: file }))).toMatchObject(unavailable);
    expect(refusal(() => openSqliteStore({ directory: join(file, "below") }))).toMatchObject(unavailable);
  });

  it("says so when it may not be written, and can still be read", () => {
    const script = join(import.meta.dirname, "without-root.ts");
    const said = JSON.parse(execFileSync(process.execPath, [script, fixture.directory], { encoding: "utf8" }));
    expect(said).toMatchObject({ written: "store-unavailable", read: { ok: true, events: EVENTS } });
    expect(said.user).not.toBe(0);
  });

  function verifyOffline() {
    return verifyChain(openSqliteReader(fixture));
  }
});
