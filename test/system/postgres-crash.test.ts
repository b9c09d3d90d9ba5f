import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPostgresStore, type PostgresStoreOptions } from "../../adapters/store/postgres.ts";
import type { JournalStore, StoredEvent } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { appendKeys, listen, readAll } from "../contracts/journal-store-fixture.ts";
import { createPostgresHost, type PostgresHost, type PostgresServer, postgresInstalled } from "../helpers/postgres.ts";
import { TIMEOUT_MS } from "../store/postgres-fixture.ts";
import { persist } from "../store/postgres-writer.ts";

const WRITERS = 3;

describe.skipIf(!postgresInstalled)("the PostgreSQL store, when its server dies", () => {
  let host: PostgresHost;
  let primary: PostgresServer;
  const stores: JournalStore[] = [];
  beforeAll(async () => {
    host = createPostgresHost();
    primary = await host.startServer();
  }, 30_000);
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
  afterAll(() => host?.dispose(), 30_000);

  async function open(url: string, options: Partial<PostgresStoreOptions> = {}): Promise<JournalStore> {
    const store = await openPostgresStore({ url, timeoutMs: TIMEOUT_MS, pollMs: 600_000, ...options });
    stores.push(store);
    return store;
  }

  /** Several instances that write without a pause until they are asked to end. */
  async function startWriters(url: string) {
    const acknowledged: StoredEvent[] = [];
    const stopping = new AbortController();
    const writing = Array.from({ length: WRITERS }, async (_, index) =>
      persist(await open(url), `writer ${index}`, {
        until: () => stopping.signal.aborted,
        onAcknowledged: (event) => acknowledged.push(event),
      }),
    );
    const progress = async () => {
      const before = acknowledged.length;
      while (acknowledged.length < before + 30) await sleep(5);
    };
    const stop = async () => {
      stopping.abort();
      await Promise.all(writing);
      return acknowledged.toSorted((one, other) => one.seq - other.seq);
    };
    return { progress, stop };
  }

  async function expectExactly(store: JournalStore, acknowledged: StoredEvent[]): Promise<void> {
    const events = await readAll(store);
    expect(await verifyChain(store)).toMatchObject({ ok: true, events: events.length });
    // Every writer repeats a fact until it is acknowledged: nothing stands beside what was.
    expect(events).toEqual(acknowledged);
    expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
  }

  it.each([
    ["is restarted", (server: PostgresServer) => server.stop()],
    ["is killed with -9", (server: PostgresServer) => server.kill()],
  ])(
    "loses nothing acknowledged and repeats nothing when it %s in the middle of appends",
    async (_, end) => {
      const url = primary.url(await primary.createDatabase());
      const writers = await startWriters(url);
      for (let round = 0; round < 3; round++) {
        await writers.progress();
        await end(primary);
        await primary.start();
      }
      await writers.progress();
      await expectExactly(await open(url), await writers.stop());
    },
    60_000,
  );

  it("hears of new events again after a restart, also of those that were told while it was deaf", async () => {
    const url = primary.url(await primary.createDatabase());
    const [store, other] = [await open(url), await open(url)];
    const called = listen(store);
    await primary.stop();
    await primary.start();
    await appendWhenItIsBack(other, "a");
    await called.promise;
    const again = listen(store);
    await appendWhenItIsBack(other, "b");
    await again.promise;
  }, 30_000);

  it("says that the store is unavailable, that this passes, and goes on when it has", async () => {
    const url = primary.url(await primary.createDatabase());
    const store = await open(url);
    await primary.stop();
    const away = { code: "store-unavailable", retryable: true, hint: expect.stringContaining("goes on by itself") };
    await expect(appendKeys(store, ["a"])).rejects.toMatchObject(away);
    await expect(store.read({ after: 0, limit: 1 })).rejects.toMatchObject(away);
    await expect(store.acquireLease("executor", "one", 300)).rejects.toMatchObject(away);
    await expect(open(url)).rejects.toMatchObject(away);
    await primary.start();
    expect(await appendKeys(store, ["a"])).toMatchObject({ outcome: "appended" });
  }, 30_000);

  describe("and has a synchronous standby", () => {
    let database: string;
    let both: string;
    let first: PostgresServer;
    let second: PostgresServer;
    beforeAll(async () => {
      first = await host.startServer();
      database = await first.createDatabase();
      second = await first.startStandby();
      await first.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
      await first.query("SELECT pg_reload_conf()");
      both = `postgres://postgres@127.0.0.1:${first.port},127.0.0.1:${second.port}/${database}`;
      await (await open(both)).close();
    }, 30_000);

    it("is refused as a store while it is a standby, with the way to name both", async () => {
      await expect(open(second.url(database))).rejects.toMatchObject({
        code: "store-unavailable",
        retryable: true,
        summary: expect.stringContaining("standby"),
        hint: expect.stringContaining("commas"),
      });
    });

    it("acknowledges nothing that the standby has not got, also when somebody breaks off the wait for it", async () => {
      const store = await open(both);
      await second.stop();
      const appending = appendKeys(store, ["only on the primary"]);
      const refused = expect(appending).rejects.toMatchObject({
        code: "store-unavailable",
        summary: expect.stringContaining("whether the last write stands"),
      });
      const breakOff = "SELECT pg_cancel_backend(pid) AS done FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
      while ((await first.query(breakOff)).rowCount === 0) await sleep(20);
      await refused;
      await second.start();
      expect(await appendKeys(store, ["only on the primary"])).toMatchObject({ outcome: "duplicate" });
      expect(await readAll(store)).toHaveLength(1);
    }, 30_000);

    it("goes on with the standby that was promoted, has everything there, and never returns to the old primary", async () => {
      const before = await readAll(await open(both));
      const writers = await startWriters(both);
      const listener = await open(both);
      await writers.progress();
      await first.kill();
      await second.query("SELECT pg_promote(true)");
      await writers.progress();
      await listen(listener).promise;
      // It comes back as a primary that takes writes, as nobody told it what happened meanwhile.
      await first.start();
      await first.query("ALTER SYSTEM SET synchronous_standby_names = ''");
      await first.query("SELECT pg_reload_conf()");
      await writers.progress();
      // While the new one is away, whoever has seen it waits for it.
      await second.stop();
      await sleep(500);
      await second.start();
      await writers.progress();
      const late = await open(both);
      await appendWhenItIsBack(late, "late");
      const acknowledged = await writers.stop();
      const there = await readAll(await open(second.url(database)));
      expect(there.filter(({ key }) => key.startsWith("late"))).toHaveLength(1);
      expect(there.filter(({ key }) => !key.startsWith("late"))).toEqual([...before, ...acknowledged]);
      expect(await verifyChain(late)).toMatchObject({ ok: true, events: there.length });
    }, 60_000);
  });
});

/** The first requests after a restart may meet connections that are gone. */
async function appendWhenItIsBack(store: JournalStore, key: string): Promise<void> {
  let done = false;
  await persist(store, key, {
    until: () => done,
    onAcknowledged: () => {
      done = true;
    },
  });
}
