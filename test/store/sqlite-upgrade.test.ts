import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { openSqliteReader } from "../../adapters/store/sqlite-reader.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { fill, openFixture, type SqliteFixture } from "./fixture.ts";

const EVENTS = 50;

describe("a journal of schema 1", () => {
  let fixture: SqliteFixture;
  beforeEach(async () => {
    fixture = await openFixture();
    await fill(fixture.store, EVENTS);
    await fixture.store.close();
    // With larger pages and one more index.
    change(`PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM; PRAGMA journal_mode = WAL;
      CREATE INDEX events_by_stream ON events (stream, seq); PRAGMA user_version = 1`);
  });
  afterEach(() => fixture.dispose());

  function change(sql: string): void {
    const db = new DatabaseSync(join(fixture.directory, "journal.db"));
    db.exec(sql);
    db.close();
  }

  function tell(sql: string): unknown {
    const db = new DatabaseSync(join(fixture.directory, "journal.db"));
    const [value] = Object.values(db.prepare(sql).get() ?? {});
    db.close();
    return value;
  }

  it("is read as it is while no server runs", async () => {
    const reader = openSqliteReader(fixture);
    expect(await verifyChain(reader)).toMatchObject({ ok: true, events: EVENTS });
    expect(tell("PRAGMA user_version")).toBe(1);
  });

  it("is brought up to date by a start, and goes on", async () => {
    const store = openSqliteStore(fixture);
    await fill(store, 1, EVENTS);
    expect(await verifyChain(store)).toMatchObject({ ok: true, events: EVENTS + 1 });
    await store.close();
    expect(tell("PRAGMA user_version")).toBe(2);
    expect(tell("PRAGMA page_size")).toBe(4096);
    expect(tell("SELECT count(*) FROM sqlite_schema WHERE name = 'events_by_stream'")).toBe(0);
  });

  it("may grow to as many bytes as a new one", async () => {
    const maxBytes = 1024 * 1024;
    const store = openSqliteStore({ ...fixture, maxBytes });
    const filling = async () => {
      for (let from = EVENTS; ; from += 100) await fill(store, 100, from);
    };
    await expect(filling()).rejects.toMatchObject({ code: "store-full" });
    await store.close();
    const bytes = Number(tell("PRAGMA page_size")) * Number(tell("PRAGMA page_count"));
    expect(bytes).toBeGreaterThan(maxBytes * 0.9);
    expect(bytes).toBeLessThanOrEqual(maxBytes);
  });
});
