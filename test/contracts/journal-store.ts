import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GENESIS_HASH, type JournalStore, type StoredEvent } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import {
  AT,
  appendKeys,
  appendTwentyTimes,
  type JournalStoreContract,
  type JournalStoreFixture,
  listen,
  readAll,
} from "./journal-store-fixture.ts";
import { journalStoreLeaseContract } from "./journal-store-leases.ts";

const keysOf = (events: StoredEvent[]) => events.map(({ key }) => key);

/** What every adapter of JournalStore must do. */
export function journalStoreContract({ name, open }: JournalStoreContract): void {
  describe(`the journal store contract, kept by ${name}`, () => {
    let fixture: JournalStoreFixture;
    let store: JournalStore;
    beforeEach(async () => {
      fixture = await open();
      store = fixture.store;
    });
    afterEach(() => fixture.dispose());

    describe("appending", () => {
      it("begins with an empty head and nothing to read", async () => {
        expect(await store.head()).toEqual({ seq: 0, hash: GENESIS_HASH });
        expect(await readAll(store)).toEqual([]);
        expect(await store.findByKey("a")).toBeUndefined();
        expect(await verifyChain(store)).toMatchObject({ ok: true, events: 0 });
      });

      it("answers with the events exactly as they are read later", async () => {
        const result = await appendKeys(store, ["a", "b"], { data: { n: 1, gone: undefined } });
        expect(result.outcome).toBe("appended");
        const events = result.outcome === "appended" ? result.events : [];
        expect(events).toEqual(await readAll(store));
        expect(events[0]).toMatchObject({
          seq: 1,
          stream: "app/a",
          version: 1,
          at: AT,
          instance: "instance-1",
          actor: "operator",
          kind: "thing.happened",
          key: "a",
          data: { n: 1 },
          previousHash: GENESIS_HASH,
        });
        expect(events[1]).toMatchObject({ seq: 2, version: 2, previousHash: events[0]?.hash });
        expect(await store.head()).toEqual({ seq: 2, hash: events[1]?.hash });
      });

      it("counts versions by stream and the sequence over all streams", async () => {
        await appendKeys(store, ["a"], { stream: "app/a" });
        await appendKeys(store, ["b"], { stream: "app/b" });
        await appendKeys(store, ["c"], { stream: "app/a", expectedVersion: 1 });
        expect((await readAll(store)).map(({ stream, version }) => [stream, version])).toEqual([
          ["app/a", 1],
          ["app/b", 1],
          ["app/a", 2],
        ]);
      });

      it("refuses a decision on an old version, saying which one stands, and writes nothing", async () => {
        await appendKeys(store, ["a", "b"]);
        expect(await appendKeys(store, ["c"], { expectedVersion: 1 })).toEqual({ outcome: "conflict", version: 2 });
        expect(await appendKeys(store, ["c"], { expectedVersion: 3 })).toEqual({ outcome: "conflict", version: 2 });
        expect(keysOf(await readAll(store))).toEqual(["a", "b"]);
      });

      it("refuses a decision on another history of the same length, and writes nothing", async () => {
        await appendKeys(store, ["a"]);
        const { hash } = await store.head();
        await appendKeys(store, ["elsewhere"], { stream: "app/b" });
        const other = "f".repeat(64);
        const refused = await appendKeys(store, ["b"], { expectedVersion: 1, expectedHash: other });
        expect(refused).toEqual({ outcome: "diverged", hash });
        expect(keysOf(await readAll(store))).toEqual(["a", "elsewhere"]);
        expect(await appendKeys(store, ["b"], { expectedVersion: 1, expectedHash: hash })).toMatchObject({
          outcome: "appended",
        });
      });

      it("adds nothing of a request when one of its keys stands, whatever the version and the stream", async () => {
        await appendKeys(store, ["a", "b"]);
        for (const [stream, expectedVersion] of [["app/a", 2] as const, ["app/a", 0] as const, ["app/b", 0] as const]) {
          const result = await appendKeys(store, ["new", "b", "newer"], { stream, expectedVersion });
          expect(result).toMatchObject({ outcome: "duplicate", existing: { seq: 2, key: "b" } });
        }
        expect(keysOf(await readAll(store))).toEqual(["a", "b"]);
        expect(await store.head()).toMatchObject({ seq: 2 });
        expect(await appendKeys(store, ["c"], { expectedVersion: 2 })).toMatchObject({ outcome: "appended" });
      });

      it("refuses a key that occurs twice in one request, and writes nothing", async () => {
        await expect(appendKeys(store, ["a", "b", "a"])).rejects.toMatchObject({ code: "internal" });
        expect(await readAll(store)).toEqual([]);
      });

      it("refuses an event over a megabyte, more than a thousand events and a key that is no name", async () => {
        await expect(appendKeys(store, ["a"], { data: "x".repeat(1024 * 1024) })).rejects.toMatchObject({
          code: "too-large",
        });
        const many = Array.from({ length: 1_001 }, (_, index) => `k${index}`);
        await expect(appendKeys(store, many)).rejects.toMatchObject({ code: "too-large" });
        for (const key of ["", "x".repeat(501), "line\nbreak", "half \ud83d pair"]) {
          await expect(appendKeys(store, [key])).rejects.toMatchObject({ code: "internal" });
        }
        expect(await readAll(store)).toEqual([]);
      });

      it("keeps a gapless sequence and an intact chain under many appenders at once", async () => {
        const handles = await Promise.all(Array.from({ length: 8 }, () => fixture.connect()));
        await Promise.all(handles.map((handle, appender) => appendTwentyTimes(handle, `appender ${appender}`)));
        const events = await readAll(store);
        expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 160 }, (_, index) => index + 1));
        expect(new Set(keysOf(events)).size).toBe(160);
        expect(await verifyChain(store)).toMatchObject({ ok: true, events: 160 });
      });

      it.each([
        ["unicode", { text: "Zürich 東京 🚒 \u0000 \u2028 \ud83d half", ключ: [1.5, -0, 1e21, null, true] }],
        ["names that look like numbers or prototypes", JSON.parse('{"10":1,"2":2,"__proto__":{"x":1}}')],
        ["256 KiB", { text: 'ä"\\\n'.repeat(65_536) }],
        ["a bare string", "text"],
        ["null", null],
      ])("keeps the exact text of %s", async (_, data) => {
        const result = await appendKeys(store, ["a"], { data });
        const [event] = await readAll(await fixture.reopen());
        expect(result).toEqual({ outcome: "appended", events: [event] });
        expect(JSON.stringify(event?.data)).toBe(JSON.stringify(data));
        const order = { seq: 1, stream: "app/a", version: 1, at: AT, instance: "instance-1" };
        const text = JSON.stringify({ ...order, actor: "operator", kind: "thing.happened", key: "a", data });
        expect(event?.text).toBe(text);
      });
    });

    describe("reading", () => {
      beforeEach(async () => {
        for (const stream of ["app/a", "app/b"]) {
          for (let index = 0; index < 5; index++) {
            await appendKeys(store, [`${stream}/${index}`], { stream, expectedVersion: index });
          }
        }
      });

      it("goes on after a sequence, in order, with at most the limit", async () => {
        expect((await store.read({ after: 3, limit: 4 })).map(({ seq }) => seq)).toEqual([4, 5, 6, 7]);
        expect((await store.read({ after: 8, limit: 4 })).map(({ seq }) => seq)).toEqual([9, 10]);
        expect(await store.read({ after: 10, limit: 4 })).toEqual([]);
        expect(await store.read({ after: 0, limit: 0 })).toEqual([]);
      });

      it("reads one stream alone", async () => {
        const events = await store.read({ after: 2, limit: 6, stream: "app/b" });
        expect(events.map(({ seq, stream }) => [seq, stream])).toEqual([6, 7, 8, 9, 10].map((seq) => [seq, "app/b"]));
        expect(await store.read({ after: 0, limit: 6, stream: "app/c" })).toEqual([]);
      });

      it("finds an event by its key", async () => {
        expect(await store.findByKey("app/b/0")).toEqual((await readAll(store))[5]);
        expect(await store.findByKey("app/b/9")).toBeUndefined();
      });
    });

    it("never reads more than ten thousand events at once", async () => {
      for (let block = 0; block < 11; block++) {
        await appendKeys(
          store,
          Array.from({ length: 1_000 }, (_, index) => `${block}/${index}`),
          { expectedVersion: block * 1_000 },
        );
      }
      expect(await store.read({ after: 0, limit: 1_000_000 })).toHaveLength(10_000);
      expect(await store.read({ after: 10_000, limit: 1_000_000 })).toHaveLength(1_000);
    });

    describe("subscribing", () => {
      it("calls back soon after an append, from whichever handle, and not before it", async () => {
        const called = listen(store);
        expect(called.count()).toBe(0);
        await appendKeys(await fixture.connect(), ["a"]);
        await called.promise;
        expect(called.count()).toBeGreaterThan(0);
      });

      it("does not call back for what was not written", async () => {
        await appendKeys(store, ["a"]);
        const settled = listen(store);
        await settled.quiet();
        const called = listen(store);
        await appendKeys(store, ["a"]);
        await appendKeys(store, ["b"], { expectedVersion: 9 });
        await called.quiet();
        expect(called.count()).toBe(0);
      });

      it("ends with the unsubscriber, for that listener alone", async () => {
        const first = listen(store);
        const second = listen(store);
        first.unsubscribe();
        await appendKeys(store, ["a"]);
        await second.promise;
        expect(first.count()).toBe(0);
      });
    });

    describe("opening again", () => {
      it("keeps events, records and the growth of epochs", async () => {
        await appendKeys(store, ["a", "b"]);
        await store.setRecord("cursor", "2");
        await store.acquireLease("executor", "one", 300);
        const before = await readAll(store);
        store = await fixture.reopen();
        expect(await readAll(store)).toEqual(before);
        expect(await store.head()).toEqual({ seq: 2, hash: before[1]?.hash });
        expect(await store.getRecord("cursor")).toBe("2");
        await fixture.pass(300);
        expect(await store.acquireLease("executor", "two", 300)).toMatchObject({ epoch: 2 });
        expect(await appendKeys(store, ["c"], { expectedVersion: 2 })).toMatchObject({
          outcome: "appended",
          events: [{ seq: 3 }],
        });
        expect(await verifyChain(store)).toMatchObject({ ok: true, events: 3 });
      });

      it("refuses everything on a closed handle, and may be closed twice", async () => {
        await store.close();
        await store.close();
        await expect(appendKeys(store, ["a"])).rejects.toMatchObject({ code: "store-unavailable" });
        await expect(store.head()).rejects.toMatchObject({ code: "store-unavailable" });
      });
    });
  });

  journalStoreLeaseContract({ name, open });
}
