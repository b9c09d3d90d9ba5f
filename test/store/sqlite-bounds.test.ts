import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../adapters/store/sqlite-database.ts";
import type { AppendResult } from "../../src/journal/store.ts";
import { verifyChain } from "../../src/journal/verify.ts";
import { fill, openFixture, type SqliteFixture } from "./fixture.ts";

async function open(options = {}): Promise<SqliteFixture> {
  const fixture = await openFixture(options);
  onTestFinished(() => fixture.dispose());
  return fixture;
}

describe("the SQLite store at its bounds", () => {
  it("says that there is no room left, keeps what stands and goes on reading", async () => {
    const { store, reopen } = await open({ maxBytes: 200_000 });
    let acknowledged = 0;
    const filled = (async () => {
      for (;;) {
        await fill(store, 1, acknowledged);
        acknowledged += 1;
      }
    })();
    await expect(filled).rejects.toMatchObject({
      code: "store-full",
      retryable: true,
      hint: expect.stringMatching(/space/),
    });
    await expect(store.setRecord("cursor", "x".repeat(60_000))).rejects.toMatchObject({ code: "store-full" });
    expect(acknowledged).toBeGreaterThan(50);
    expect(await verifyChain(store)).toMatchObject({ ok: true, events: acknowledged });
    expect(await verifyChain(await reopen())).toMatchObject({ ok: true, events: acknowledged });
  });

  it("writes again when there is room again", async () => {
    const { store } = await open({ maxBytes: 200_000 });
    await store.setRecord("ballast", "x".repeat(60_000));
    const fillUp = async () => {
      for (;;) await fill(store, 1, (await store.head()).seq);
    };
    await expect(fillUp()).rejects.toMatchObject({ code: "store-full" });
    await store.deleteRecord("ballast");
    const { seq } = await store.head();
    expect(await fill(store, 1, seq)).toMatchObject([{ outcome: "appended", events: [{ seq: seq + 1 }] }]);
  });

  it("has every append on the disk before it answers", async () => {
    const { store, directory } = await open();
    await store.close();
    const { db, close } = openDatabase(directory, 1e9);
    onTestFinished(close);
    expect(db.prepare("PRAGMA synchronous").get()).toMatchObject({ synchronous: 2 });
    expect(db.prepare("PRAGMA journal_mode").get()).toMatchObject({ journal_mode: "wal" });
    expect(db.prepare("PRAGMA locking_mode").get()).toMatchObject({ locking_mode: "exclusive" });
  });

  it("calls listeners once for many appends, and a listener that throws harms nobody", async () => {
    const { store } = await open();
    let calls = 0;
    store.subscribe(() => {
      throw new Error("a listener's own fault");
    });
    const called = new Promise<void>((resolve) => {
      store.subscribe(() => {
        calls += 1;
        resolve();
      });
    });
    const warned = once(process, "warning");
    const results: AppendResult[] = await fill(store, 20);
    expect(results.every(({ outcome }) => outcome === "appended")).toBe(true);
    await called;
    // A second call would be on its way already.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    expect(calls).toBe(1);
    expect(await warned).toMatchObject([{ message: "a listener's own fault" }]);
  });

  it("says that it is closed, and not that the disk is at fault, to whoever comes late", async () => {
    const { store } = await open();
    await store.close();
    const closed = { code: "store-unavailable", summary: expect.stringContaining("is closed"), retryable: false };
    await expect(store.read({ after: 0, limit: 1 })).rejects.toMatchObject(closed);
    await expect(fill(store, 1)).rejects.toMatchObject(closed);
  });
});
