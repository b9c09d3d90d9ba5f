import { readFileSync } from "node:fs";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPostgresStore } from "../../adapters/store/postgres.ts";
import { openPostgresReader } from "../../adapters/store/postgres-reader.ts";
import { createSession } from "../../adapters/store/postgres-session.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { appendKeys, readAll } from "../contracts/journal-store-fixture.ts";
import { type PostgresServer, postgresInstalled } from "../helpers/postgres.ts";
import { usePostgres } from "../helpers/use-postgres.ts";

describe.skipIf(!postgresInstalled)("a PostgreSQL database", () => {
  let server: PostgresServer;
  let database: string;
  const stores: JournalStore[] = [];
  usePostgres((started) => {
    server = started;
  });
  beforeEach(async () => {
    database = await server.createDatabase();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await server.emptyDatabase(database);
  });

  const sql = (text: string, values: unknown[] = []) => server.query(text, values, database);

  async function open(url = server.url(database)): Promise<JournalStore> {
    const store = await openPostgresStore({ url });
    stores.push(store);
    return store;
  }

  it("is made ready once by many instances that start at the same time", async () => {
    const opened = await Promise.all(Array.from({ length: 6 }, () => open()));
    for (const store of opened) expect(await store.head()).toMatchObject({ seq: 0 });
    expect((await sql("SELECT version FROM muster.migrations")).rows).toEqual([{ version: 1 }]);
  });

  it("is looked at by the doctor without being made, and then as it stands", async () => {
    const reader = await openPostgresReader(server.url(database));
    expect(await reader.head()).toMatchObject({ seq: 0 });
    expect((await sql("SELECT 1 FROM pg_namespace WHERE nspname = 'muster'")).rowCount).toBe(0);
    await appendKeys(await open(), ["a", "b"]);
    expect(await reader.head()).toMatchObject({ seq: 2 });
    await sql("INSERT INTO muster.migrations VALUES (99, now())");
    await expect(reader.head()).rejects.toMatchObject({ summary: expect.stringContaining("newer Muster (schema 99") });
    await reader.close();
  });

  it("that a newer version wrote is refused, and left as it is", async () => {
    await open();
    await sql("INSERT INTO muster.migrations VALUES (99, now())");
    await expect(open()).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: false,
      summary: expect.stringContaining("newer Muster (schema 99"),
    });
    expect((await sql("SELECT max(version) FROM muster.migrations")).rows).toEqual([{ max: 99 }]);
  });

  it("with another program's tables in our place is refused, and left as it is", async () => {
    await sql("CREATE SCHEMA muster");
    await sql("CREATE TABLE muster.events (name text)");
    await expect(open()).rejects.toMatchObject({ code: "store-damaged", summary: expect.stringContaining("another") });
    expect((await sql("SELECT to_regclass('muster.head') AS head")).rows).toEqual([{ head: null }]);
  });

  it("refuses to change, remove or truncate events, whoever asks", async () => {
    await appendKeys(await open(), ["a", "b"]);
    for (const text of ["UPDATE muster.events SET text = ''", "DELETE FROM muster.events", "TRUNCATE muster.events"]) {
      await expect(sql(text), text).rejects.toThrow("events are never changed or removed");
    }
  });

  it.each([
    ["its end was cut off and its head was left", "DELETE FROM muster.events WHERE seq = 3", /ends at event 2/],
    ["its head was set back", "UPDATE muster.head SET seq = 2", /ends at event 3, its head says 2/],
    ["its head is gone", "DELETE FROM muster.head", /no head/],
  ])("is refused when %s", async (_, change, summary) => {
    await appendKeys(await open(), ["a", "b", "c"]);
    await sql(`ALTER TABLE muster.events DISABLE TRIGGER ALL; ${change}`);
    await expect(open()).rejects.toMatchObject({
      code: "store-damaged",
      summary: expect.stringMatching(summary),
      hint: expect.stringContaining("backup"),
    });
  });

  it("whose events somebody changed is found out by the audit", async () => {
    const store = await open();
    await appendKeys(store, ["a", "b", "c"]);
    await sql("ALTER TABLE muster.events DISABLE TRIGGER ALL");
    await sql("UPDATE muster.events SET text = replace(text, 'operator', 'approver') WHERE seq = 2");
    expect(await verifyChain(store)).toMatchObject({ ok: false, firstBad: { seq: 2 } });
  });

  it("reads in bounded pieces when events are large, and leaves none out", async () => {
    const store = await open();
    for (let index = 0; index < 12; index++) {
      await appendKeys(store, [`k${index}`], { expectedVersion: index, data: "x".repeat(1_000_000) });
    }
    const first = await store.read({ after: 0, limit: 100 });
    expect(first.length).toBeGreaterThan(5);
    expect(first.length).toBeLessThan(12);
    const rest = await store.read({ after: first.length, limit: 100, stream: "app/a" });
    expect(first.length + rest.length).toBe(12);
  });

  it("that does not write what looks like SQL into anything but a value", async () => {
    const store = await open();
    const name = `a'); DROP TABLE muster.events; --"\\ $1 {NULL,"x"}`;
    await appendKeys(store, [name, "NULL", `"`, "{}"], { stream: name, data: { name } });
    await store.setRecord(name, name);
    await store.acquireLease(name, name, 60_000);
    expect((await store.read({ after: 0, limit: 10, stream: name })).map(({ key }) => key)).toEqual([
      name,
      "NULL",
      `"`,
      "{}",
    ]);
    expect(await store.findByKey(name)).toMatchObject({ key: name, stream: name, data: { name } });
    expect(await store.getRecord(name)).toBe(name);
    expect(await store.leases()).toMatchObject([{ name, holder: name }]);
    expect(await verifyChain(store)).toMatchObject({ ok: true, events: 4 });
  });

  it("refuses a record with a character that it cannot hold, with no harm to others", async () => {
    const store = await open();
    await expect(store.setRecord("cursor", "a\u0000b")).rejects.toMatchObject({ code: "internal", retryable: false });
    expect(await store.setRecord("cursor", "a")).toBe("written");
  });

  it("has its promises kept whatever the defaults of the database say", async () => {
    for (const [name, value] of [
      ["default_transaction_isolation", "serializable"],
      ["synchronous_commit", "off"],
    ]) {
      await server.query(`ALTER DATABASE ${database} SET ${name} = '${value}'`);
    }
    const client = new Client({ connectionString: server.url(database) });
    await client.connect();
    await createSession("here", false).begin(client);
    const isolation = await client.query("SHOW transaction_isolation");
    const durability = await client.query("SHOW synchronous_commit");
    await client.end();
    expect(isolation.rows).toEqual([{ transaction_isolation: "read committed" }]);
    expect(durability.rows).toEqual([{ synchronous_commit: "on" }]);
  });

  it("that takes no writes for now is unavailable for now", async () => {
    await open();
    await server.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
    const store = await open();
    const readOnly = {
      code: "store-unavailable",
      retryable: true,
      summary: expect.stringContaining("takes no writes"),
    };
    await expect(appendKeys(store, ["a"])).rejects.toMatchObject(readOnly);
    await expect(store.setRecord("cursor", "1")).rejects.toMatchObject(readOnly);
    expect(await readAll(store)).toEqual([]);
  });

  it("that is not there is refused with the way to make it", async () => {
    await expect(open(server.url("nowhere"))).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: false,
      hint: expect.stringContaining("docs/deploy.md"),
    });
  });

  it("without an encoding for every text is refused", async () => {
    await server.query("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    await expect(open(server.url("latin"))).rejects.toMatchObject({ summary: expect.stringContaining("LATIN1") });
  });

  it("with the roles and grants of docs/deploy.md serves Muster, and lets it change no event", async () => {
    const deploy = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
    const blocks = [...deploy.matchAll(/```sql\n([^`]*)```/g)].map(([, text = ""]) => text);
    const [short = "", prepare = "", grant = ""] = blocks;
    // One by one, for a database is not made inside a transaction.
    for (const statement of `${short}${prepare}`.split(";").slice(0, -1)) await server.query(statement);
    const owner = await openPostgresStore({ url: server.url("muster_journal", "muster_owner") });
    await owner.close();
    const refused = { code: "store-unavailable", retryable: false, hint: expect.stringContaining("docs/deploy.md") };
    await expect(open(server.url("muster_journal", "muster_app"))).rejects.toMatchObject(refused);
    await server.query(grant, [], "muster_journal");

    for (const url of [server.url("muster", "muster"), server.url("muster_journal", "muster_app")]) {
      const store = await open(url);
      expect(await store.acquireLease("executor", "one", 60_000)).toMatchObject({ epoch: 1 });
      expect(await appendKeys(store, ["a"], { fence: { lease: "executor", epoch: 1 } })).toMatchObject({
        outcome: "appended",
      });
      expect(await store.setRecord("cursor", "1", { lease: "executor", epoch: 1 })).toBe("written");
      await store.deleteRecord("cursor");
      await store.releaseLease("executor", "one", 1);
      expect(await verifyChain(store)).toMatchObject({ ok: true, events: 1 });
    }
    const asApp = "SET ROLE muster_app; UPDATE muster.events SET text = ''";
    await expect(server.query(asApp, [], "muster_journal")).rejects.toThrow("permission denied");
  });
});
