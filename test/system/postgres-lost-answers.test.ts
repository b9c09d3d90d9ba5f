import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPostgresStore } from "../../adapters/store/postgres.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { appendKeys, listen, readAll } from "../contracts/journal-store-fixture.ts";
import { type PostgresServer, postgresInstalled } from "../helpers/postgres.ts";
import { usePostgres } from "../helpers/use-postgres.ts";
import { openFixture, type PostgresFixture, TIMEOUT_MS } from "../store/postgres-fixture.ts";
import { type LossyProxy, startProxy } from "../store/postgres-proxy.ts";

const LEASE_MS = 300;
/** With the end of its message: BEGIN names an isolation level that contains the word. */
const COMMIT = "COMMIT\0";

describe.skipIf(!postgresInstalled)("an append to PostgreSQL", () => {
  let server: PostgresServer;
  let fixture: PostgresFixture;
  let proxy: LossyProxy;
  /** The store under test reaches its server through the proxy; `other` is a second instance beside it. */
  let store: JournalStore;
  let other: JournalStore;
  usePostgres((started) => {
    server = started;
  });
  beforeEach(async () => {
    fixture = await openFixture(server, { timeoutMs: TIMEOUT_MS });
    other = fixture.store;
    proxy = await startProxy(server.port);
    store = await openPostgresStore({ url: proxied(), timeoutMs: TIMEOUT_MS, pollMs: 60_000 });
  });
  const proxied = () => fixture.url.replace(`:${server.port}/`, `:${proxy.port}/`);
  afterEach(async () => {
    proxy.release();
    await store.close();
    proxy.stop();
    await fixture.dispose();
  });

  describe("whose connection dies in its COMMIT", () => {
    it("is answered as appended when it stands", async () => {
      const lost = proxy.next(COMMIT, "answer-lost");
      const result = await appendKeys(store, ["a", "b"]);
      await lost;
      expect(result).toEqual({ outcome: "appended", events: await readAll(other) });
      expect((await readAll(other)).map(({ key }) => key)).toEqual(["a", "b"]);
    });

    it("is written after all, and once, when it does not", async () => {
      const lost = proxy.next(COMMIT, "request-lost");
      const result = await appendKeys(store, ["a", "b"]);
      await lost;
      expect(result).toEqual({ outcome: "appended", events: await readAll(other) });
      expect(await verifyChain(other)).toMatchObject({ ok: true, events: 2 });
    });

    it("wakes the listeners like any other", async () => {
      const woken = new Promise<void>((resolve) => void store.subscribe(resolve));
      void proxy.next(COMMIT, "answer-lost");
      await appendKeys(store, ["a"]);
      await woken;
    });

    it("is answered as appended also when its lease was taken over before anybody could ask", async () => {
      await store.acquireLease("executor", "one", LEASE_MS);
      const lost = proxy.next(COMMIT, "answer-lost");
      const appending = appendKeys(store, ["a"], { fence: { lease: "executor", epoch: 1 } });
      await lost;
      proxy.setAway(true);
      await sleep(LEASE_MS);
      expect(await other.acquireLease("executor", "two", LEASE_MS)).toMatchObject({ epoch: 2 });
      proxy.setAway(false);
      expect(await appending).toMatchObject({ outcome: "appended", events: [{ key: "a", seq: 1 }] });
    });

    it("is fenced when it does not stand and its lease was taken over meanwhile", async () => {
      await store.acquireLease("executor", "one", LEASE_MS);
      const lost = proxy.next(COMMIT, "request-lost");
      const appending = appendKeys(store, ["a"], { fence: { lease: "executor", epoch: 1 } });
      await lost;
      proxy.setAway(true);
      await sleep(LEASE_MS);
      await other.acquireLease("executor", "two", LEASE_MS);
      proxy.setAway(false);
      expect(await appending).toEqual({ outcome: "fenced", epoch: 2 });
      expect(await readAll(other)).toEqual([]);
    });

    it("is a duplicate, and not its own, when another instance wrote the same fact meanwhile", async () => {
      const lost = proxy.next(COMMIT, "request-lost");
      const appending = appendKeys(store, ["a"], { data: { by: "this one" } });
      await lost;
      proxy.setAway(true);
      await appendKeys(other, ["a"], { data: { by: "the other" } });
      proxy.setAway(false);
      expect(await appending).toMatchObject({ outcome: "duplicate", existing: { data: { by: "the other" } } });
    });

    it("says that nobody knows when the server stays away, and that asking again is safe, as it is", async () => {
      const lost = proxy.next(COMMIT, "answer-lost");
      const appending = appendKeys(store, ["a"]);
      const refused = expect(appending).rejects.toMatchObject({
        code: "store-unavailable",
        retryable: true,
        summary: expect.stringContaining("whether the last write stands"),
        hint: expect.stringContaining("not written twice"),
      });
      await lost;
      proxy.setAway(true);
      await refused;
      proxy.setAway(false);
      expect(await appendKeys(store, ["a"])).toMatchObject({ outcome: "duplicate", existing: { key: "a", seq: 1 } });
    });
  });

  describe("and a takeover", () => {
    it("is fenced when it was overtaken while it waited for its turn", async () => {
      await store.acquireLease("executor", "one", LEASE_MS);
      const turn = await holdHead(fixture.url);
      const appending = appendKeys(store, ["a"], { fence: { lease: "executor", epoch: 1 } });
      await turn.waitedFor();
      await sleep(LEASE_MS);
      expect(await other.acquireLease("executor", "two", LEASE_MS)).toMatchObject({ epoch: 2 });
      await turn.end();
      expect(await appending).toEqual({ outcome: "fenced", epoch: 2 });
      expect(await readAll(other)).toEqual([]);
    });

    it("lets the takeover wait when it has passed the fence", async () => {
      await store.acquireLease("executor", "one", LEASE_MS);
      const held = proxy.next("INSERT", "held");
      const appending = appendKeys(store, ["a"], { fence: { lease: "executor", epoch: 1 } });
      await held;
      await sleep(LEASE_MS);
      let taken = false;
      const takeover = other.acquireLease("executor", "two", LEASE_MS).then((lease) => {
        taken = true;
        return lease;
      });
      await sleep(100);
      expect(taken).toBe(false);
      proxy.release();
      expect(await appending).toMatchObject({ outcome: "appended" });
      expect(await takeover).toMatchObject({ holder: "two", epoch: 2 });
    });
  });

  it("that freezes in the middle keeps the others waiting for a bounded time, and writes nothing when it wakes", async () => {
    const held = proxy.next("INSERT", "held");
    const appending = appendKeys(store, ["frozen"]);
    await held;
    const startedAt = performance.now();
    await expect(appendKeys(other, ["b"])).resolves.toMatchObject({ outcome: "appended" });
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS);
    proxy.release();
    expect(await appending).toEqual({ outcome: "conflict", version: 1 });
    expect((await readAll(other)).map(({ key }) => key)).toEqual(["b"]);
  });

  it("gives up in bounded time, and says so, when the server does not answer at all", async () => {
    const held = proxy.next("BEGIN", "held");
    const startedAt = performance.now();
    const refused = expect(appendKeys(store, ["a"])).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: true,
    });
    await held;
    await refused;
    expect(performance.now() - startedAt).toBeLessThan(3 * TIMEOUT_MS);
    expect(await appendKeys(store, ["b"])).toMatchObject({ outcome: "appended" });
  });

  it("that is under way is refused, in bounded time, when its store is closed, and no session is left behind", async () => {
    const patient = await openPostgresStore({ url: proxied(), timeoutMs: 60_000 });
    const held = proxy.next("BEGIN", "held");
    const refused = expect(appendKeys(patient, ["a"])).rejects.toMatchObject({
      code: "store-unavailable",
      summary: expect.stringContaining("is closed"),
    });
    await held;
    await Promise.all([patient.close(), other.close(), store.close()]);
    await refused;
    const sessions = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'muster'";
    await expect.poll(async () => (await server.query(sessions)).rowCount).toBe(0);
  });

  it("wakes the listeners of its own store once", async () => {
    const called = listen(store);
    await appendKeys(store, ["a"]);
    await appendKeys(other, ["b"], { expectedVersion: 1 });
    while (called.count() < 2) await sleep(5);
    await called.quiet();
    expect(called.count()).toBe(2);
  });

  it("gives up in bounded time when somebody keeps the lock, and names what to look at", async () => {
    const turn = await holdHead(fixture.url);
    await expect(appendKeys(store, ["a"])).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: true,
      hint: expect.stringContaining("pg_stat_activity"),
    });
    await turn.end();
    expect(await readAll(other)).toEqual([]);
    expect(await appendKeys(store, ["a"])).toMatchObject({ outcome: "appended" });
  });
});

/** Another writer, in the middle of its transaction. */
async function holdHead(connectionString: string) {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query("BEGIN");
  await client.query("SELECT 1 FROM muster.head FOR UPDATE");
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  return {
    async waitedFor() {
      while ((await client.query(waiting)).rowCount === 0) await sleep(5);
    },
    async end() {
      await client.query("ROLLBACK");
      await client.end();
    },
  };
}
