import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GENESIS_HASH, type JournalStore, type StoredEvent } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";

/** One empty journal, and what the suite may do to it. */
export interface JournalStoreFixture {
  store: JournalStore;
  /** Another handle on the same journal, as a second instance has it; an embedded store answers the same one. */
  connect(): Promise<JournalStore>;
  /** Ends every handle and opens the journal again. */
  reopen(): Promise<JournalStore>;
  /** Lets this much time pass on the store's clock. */
  pass(ms: number): Promise<void>;
  /** Ends every handle and removes the journal. */
  dispose(): Promise<void>;
}

const AT = "2026-01-02T03:04:05.678Z";
const TTL_MS = 300;

/** What every adapter of JournalStore must do. */
export function journalStoreContract({ name, open }: { name: string; open: () => Promise<JournalStoreFixture> }): void {
  describe(`the journal store contract, kept by ${name}`, () => {
    let fixture: JournalStoreFixture;
    let store: JournalStore;
    beforeEach(async () => {
      fixture = await open();
      store = fixture.store;
    });
    afterEach(() => fixture.dispose());

    const append = (
      keys: string[],
      { stream = "app/a", expectedVersion = 0, data = {} as unknown, fence = undefined as Fence | undefined } = {},
      to = store,
    ) =>
      to.append({
        stream,
        expectedVersion,
        events: keys.map((key) => ({ key, kind: "thing.happened", data, actor: "operator" })),
        at: AT,
        instance: "instance-1",
        ...(fence && { fence }),
      });
    const everything = (from = store) => from.read({ after: 0, limit: 10_000 });
    const keysOf = (events: StoredEvent[]) => events.map(({ key }) => key);

    describe("appending", () => {
      it("begins with an empty head and nothing to read", async () => {
        expect(await store.head()).toEqual({ seq: 0, hash: GENESIS_HASH });
        expect(await everything()).toEqual([]);
        expect(await store.findByKey("a")).toBeUndefined();
        expect(await verifyChain(store)).toMatchObject({ ok: true, events: 0 });
      });

      it("answers with the events exactly as they are read later", async () => {
        const result = await append(["a", "b"], { data: { n: 1, gone: undefined } });
        expect(result.outcome).toBe("appended");
        const events = result.outcome === "appended" ? result.events : [];
        expect(events).toEqual(await everything());
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
        await append(["a"], { stream: "app/a" });
        await append(["b"], { stream: "app/b" });
        await append(["c"], { stream: "app/a", expectedVersion: 1 });
        expect((await everything()).map(({ stream, version }) => [stream, version])).toEqual([
          ["app/a", 1],
          ["app/b", 1],
          ["app/a", 2],
        ]);
      });

      it("refuses a decision on an old version, saying which one stands, and writes nothing", async () => {
        await append(["a", "b"]);
        expect(await append(["c"], { expectedVersion: 1 })).toEqual({ outcome: "conflict", version: 2 });
        expect(await append(["c"], { expectedVersion: 3 })).toEqual({ outcome: "conflict", version: 2 });
        expect(keysOf(await everything())).toEqual(["a", "b"]);
      });

      it("adds nothing of a request when one of its keys stands, whatever the version and the stream", async () => {
        await append(["a", "b"]);
        for (const [stream, expectedVersion] of [["app/a", 2] as const, ["app/a", 0] as const, ["app/b", 0] as const]) {
          const result = await append(["new", "b", "newer"], { stream, expectedVersion });
          expect(result).toMatchObject({ outcome: "duplicate", existing: { seq: 2, key: "b" } });
        }
        expect(keysOf(await everything())).toEqual(["a", "b"]);
        expect(await store.head()).toMatchObject({ seq: 2 });
        expect(await append(["c"], { expectedVersion: 2 })).toMatchObject({ outcome: "appended" });
      });

      it("refuses a key that occurs twice in one request, and writes nothing", async () => {
        await expect(append(["a", "b", "a"])).rejects.toMatchObject({ code: "internal" });
        expect(await everything()).toEqual([]);
      });

      it("refuses an event over a megabyte, more than a thousand events and a key that is no name", async () => {
        await expect(append(["a"], { data: "x".repeat(1024 * 1024) })).rejects.toMatchObject({ code: "too-large" });
        const many = Array.from({ length: 1_001 }, (_, index) => `k${index}`);
        await expect(append(many)).rejects.toMatchObject({ code: "too-large" });
        for (const key of ["", "x".repeat(501), "line\nbreak", "half \ud83d pair"]) {
          await expect(append([key])).rejects.toMatchObject({ code: "internal" });
        }
        expect(await everything()).toEqual([]);
      });

      it("keeps a gapless sequence and an intact chain under many appenders at once", async () => {
        const handles = await Promise.all(Array.from({ length: 8 }, () => fixture.connect()));
        await Promise.all(handles.map((handle, appender) => appendTwentyTimes(handle, `appender ${appender}`)));
        const events = await everything();
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
        const result = await append(["a"], { data });
        const [event] = await everything(await fixture.reopen());
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
            await append([`${stream}/${index}`], { stream, expectedVersion: index });
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
        expect(await store.findByKey("app/b/0")).toEqual((await everything())[5]);
        expect(await store.findByKey("app/b/9")).toBeUndefined();
      });
    });

    it("never reads more than ten thousand events at once", async () => {
      for (let block = 0; block < 11; block++) {
        await append(
          Array.from({ length: 1_000 }, (_, index) => `${block}/${index}`),
          { expectedVersion: block * 1_000 },
        );
      }
      expect(await store.read({ after: 0, limit: 1_000_000 })).toHaveLength(10_000);
      expect(await store.read({ after: 10_000, limit: 1_000_000 })).toHaveLength(1_000);
    });

    describe("leases", () => {
      it("gives a lease to one holder, who may renew it under the same epoch", async () => {
        expect(await store.acquireLease("executor", "one", TTL_MS)).toMatchObject({ holder: "one", epoch: 1 });
        expect(await store.acquireLease("executor", "two", TTL_MS)).toBeUndefined();
        await fixture.pass(TTL_MS * 0.6);
        expect(await store.acquireLease("executor", "one", TTL_MS)).toMatchObject({ holder: "one", epoch: 1 });
        await fixture.pass(TTL_MS * 0.6);
        expect(await store.acquireLease("executor", "two", TTL_MS)).toBeUndefined();
        expect(await store.acquireLease("detector", "two", TTL_MS)).toMatchObject({ holder: "two", epoch: 1 });
      });

      it("gives a lease that ran out to the next one under a greater epoch", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        await fixture.pass(TTL_MS);
        expect(await store.acquireLease("executor", "two", TTL_MS)).toMatchObject({ holder: "two", epoch: 2 });
        expect(await store.acquireLease("executor", "one", TTL_MS)).toBeUndefined();
      });

      it("counts a new epoch also when its own holder takes a lease that ran out", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        await fixture.pass(TTL_MS);
        expect(await store.acquireLease("executor", "one", TTL_MS)).toMatchObject({ holder: "one", epoch: 2 });
      });

      it("frees a released lease at once, and its epoch goes on growing", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        await store.releaseLease("executor", "one", 1);
        expect(await store.acquireLease("executor", "two", TTL_MS)).toMatchObject({ holder: "two", epoch: 2 });
        await store.releaseLease("executor", "two", 2);
        expect(await store.acquireLease("executor", "two", TTL_MS)).toMatchObject({ holder: "two", epoch: 3 });
      });

      it("ignores a release by somebody who no longer holds the lease", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        await fixture.pass(TTL_MS);
        await store.acquireLease("executor", "two", TTL_MS);
        await store.releaseLease("executor", "one", 1);
        await store.releaseLease("executor", "two", 1);
        await store.releaseLease("never", "one", 1);
        expect(await store.acquireLease("executor", "three", TTL_MS)).toBeUndefined();
      });

      it("lists the leases that are held", async () => {
        await store.acquireLease("released", "one", TTL_MS);
        await store.releaseLease("released", "one", 1);
        await store.acquireLease("held", "one", TTL_MS);
        expect(await store.leases()).toMatchObject([{ name: "held", holder: "one", epoch: 1 }]);
        await fixture.pass(TTL_MS);
        expect(await store.leases()).toEqual([]);
      });

      it("says by the store's clock when a lease runs out", async () => {
        const first = await store.acquireLease("executor", "one", TTL_MS);
        await fixture.pass(100);
        const second = await store.acquireLease("executor", "one", TTL_MS);
        const movedMs = Date.parse(second?.expiresAt ?? "") - Date.parse(first?.expiresAt ?? "");
        expect(movedMs).toBeGreaterThanOrEqual(90);
      });

      it("gives a lease that many ask for at once to exactly one", async () => {
        const handles = await Promise.all(Array.from({ length: 8 }, () => fixture.connect()));
        const asked = handles.map((handle, index) => handle.acquireLease("executor", `holder-${index}`, TTL_MS));
        expect((await Promise.all(asked)).filter((lease) => lease !== undefined)).toHaveLength(1);
      });
    });

    describe("fencing", () => {
      it("lets the holder write under its epoch", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        expect(await append(["a"], { fence: { lease: "executor", epoch: 1 } })).toMatchObject({ outcome: "appended" });
      });

      it("refuses an older epoch, and writes nothing", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        await fixture.pass(TTL_MS);
        await store.acquireLease("executor", "two", TTL_MS);
        expect(await append(["a"], { fence: { lease: "executor", epoch: 1 } })).toEqual({
          outcome: "fenced",
          epoch: 2,
        });
        expect(await everything()).toEqual([]);
      });

      it("refuses a lease that ran out, was released or never was", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        await fixture.pass(TTL_MS);
        expect(await append(["a"], { fence: { lease: "executor", epoch: 1 } })).toEqual({
          outcome: "fenced",
          epoch: 1,
        });
        await store.acquireLease("detector", "one", TTL_MS);
        await store.releaseLease("detector", "one", 1);
        expect(await append(["a"], { fence: { lease: "detector", epoch: 1 } })).toEqual({
          outcome: "fenced",
          epoch: 1,
        });
        expect(await append(["a"], { fence: { lease: "never", epoch: 1 } })).toEqual({ outcome: "fenced", epoch: 0 });
        expect(await everything()).toEqual([]);
      });

      it("looks at the fence before anything else", async () => {
        await append(["a"]);
        const fence = { lease: "never", epoch: 1 };
        expect(await append(["a"], { fence })).toMatchObject({ outcome: "fenced" });
        expect(await append(["b"], { fence, expectedVersion: 7 })).toMatchObject({ outcome: "fenced" });
      });
    });

    describe("records", () => {
      it("keeps, replaces and deletes a value", async () => {
        expect(await store.getRecord("cursor/card")).toBeUndefined();
        expect(await store.setRecord("cursor/card", "7")).toBe("written");
        await store.setRecord("cursor/card", "8 — ä 🚒");
        expect(await store.getRecord("cursor/card")).toBe("8 — ä 🚒");
        await store.deleteRecord("cursor/card");
        await store.deleteRecord("cursor/never");
        expect(await store.getRecord("cursor/card")).toBeUndefined();
      });

      it("refuses a value from an older epoch", async () => {
        await store.acquireLease("follower", "one", TTL_MS);
        expect(await store.setRecord("cursor", "1", { lease: "follower", epoch: 1 })).toBe("written");
        await fixture.pass(TTL_MS);
        await store.acquireLease("follower", "two", TTL_MS);
        expect(await store.setRecord("cursor", "2", { lease: "follower", epoch: 1 })).toBe("fenced");
        expect(await store.getRecord("cursor")).toBe("1");
      });

      it("refuses a value over 64 KiB", async () => {
        await expect(store.setRecord("cursor", "x".repeat(65_537))).rejects.toMatchObject({ code: "too-large" });
        expect(await store.getRecord("cursor")).toBeUndefined();
      });
    });

    describe("subscribing", () => {
      it("calls back soon after an append, from whichever handle, and not before it", async () => {
        const called = nextCall(store);
        expect(called.count()).toBe(0);
        await append(["a"], {}, await fixture.connect());
        await called.promise;
        expect(called.count()).toBeGreaterThan(0);
      });

      it("does not call back for what was not written", async () => {
        await append(["a"]);
        const settled = nextCall(store);
        await settled.quiet();
        const called = nextCall(store);
        await append(["a"]);
        await append(["b"], { expectedVersion: 9 });
        await called.quiet();
        expect(called.count()).toBe(0);
      });

      it("ends with the unsubscriber, for that listener alone", async () => {
        const first = nextCall(store);
        const second = nextCall(store);
        first.unsubscribe();
        await append(["a"]);
        await second.promise;
        expect(first.count()).toBe(0);
      });
    });

    describe("opening again", () => {
      it("keeps events, records and the growth of epochs", async () => {
        await append(["a", "b"]);
        await store.setRecord("cursor", "2");
        await store.acquireLease("executor", "one", TTL_MS);
        const before = await everything();
        store = await fixture.reopen();
        expect(await everything()).toEqual(before);
        expect(await store.head()).toEqual({ seq: 2, hash: before[1]?.hash });
        expect(await store.getRecord("cursor")).toBe("2");
        await fixture.pass(TTL_MS);
        expect(await store.acquireLease("executor", "two", TTL_MS)).toMatchObject({ epoch: 2 });
        expect(await append(["c"], { expectedVersion: 2 })).toMatchObject({
          outcome: "appended",
          events: [{ seq: 3 }],
        });
        expect(await verifyChain(store)).toMatchObject({ ok: true, events: 3 });
      });

      it("refuses everything on a closed handle, and may be closed twice", async () => {
        await store.close();
        await store.close();
        await expect(append(["a"])).rejects.toMatchObject({ code: "store-unavailable" });
        await expect(store.head()).rejects.toMatchObject({ code: "store-unavailable" });
      });
    });
  });
}

interface Fence {
  lease: string;
  epoch: number;
}

/** Appends to one stream as every writer does: again when somebody else was first. */
async function appendTwentyTimes(store: JournalStore, appender: string): Promise<void> {
  let expectedVersion = 0;
  for (let count = 0; count < 20; ) {
    const result = await store.append({
      stream: "app/a",
      expectedVersion,
      events: [{ key: `${appender}/${count}`, kind: "thing.happened", data: { count }, actor: "operator" }],
      at: AT,
      instance: appender,
    });
    if (result.outcome === "appended") count += 1;
    expectedVersion = result.outcome === "conflict" ? result.version : expectedVersion + 1;
  }
}

function nextCall(store: JournalStore) {
  let count = 0;
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  const unsubscribe = store.subscribe(() => {
    count += 1;
    resolve();
  });
  return {
    promise,
    unsubscribe,
    count: () => count,
    /** Long enough for a notification that is on its way to arrive. */
    quiet: () => new Promise((done) => setTimeout(done, 30)),
  };
}
