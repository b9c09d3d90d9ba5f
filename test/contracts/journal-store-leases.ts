import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JournalStore } from "../../src/journal/store.ts";
import { appendKeys, type JournalStoreContract, type JournalStoreFixture, readAll } from "./journal-store-fixture.ts";

const TTL_MS = 300;

/** The part of the contract about who may write: leases, their epochs, and the records that they guard. */
export function journalStoreLeaseContract({ name, open }: JournalStoreContract): void {
  describe(`the journal store contract about who may write, kept by ${name}`, () => {
    let fixture: JournalStoreFixture;
    let store: JournalStore;
    beforeEach(async () => {
      fixture = await open();
      store = fixture.store;
    });
    afterEach(() => fixture.dispose());

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
        expect(await appendKeys(store, ["a"], { fence: { lease: "executor", epoch: 1 } })).toMatchObject({
          outcome: "appended",
        });
      });

      it("refuses an older epoch, and writes nothing", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        await fixture.pass(TTL_MS);
        await store.acquireLease("executor", "two", TTL_MS);
        expect(await appendKeys(store, ["a"], { fence: { lease: "executor", epoch: 1 } })).toEqual({
          outcome: "fenced",
          epoch: 2,
        });
        expect(await readAll(store)).toEqual([]);
      });

      it("refuses a lease that ran out, was released or never was", async () => {
        await store.acquireLease("executor", "one", TTL_MS);
        await fixture.pass(TTL_MS);
        expect(await appendKeys(store, ["a"], { fence: { lease: "executor", epoch: 1 } })).toEqual({
          outcome: "fenced",
          epoch: 1,
        });
        await store.acquireLease("detector", "one", TTL_MS);
        await store.releaseLease("detector", "one", 1);
        expect(await appendKeys(store, ["a"], { fence: { lease: "detector", epoch: 1 } })).toEqual({
          outcome: "fenced",
          epoch: 1,
        });
        expect(await appendKeys(store, ["a"], { fence: { lease: "never", epoch: 1 } })).toEqual({
          outcome: "fenced",
          epoch: 0,
        });
        expect(await readAll(store)).toEqual([]);
      });

      it("looks at the fence before anything else", async () => {
        await appendKeys(store, ["a"]);
        const fence = { lease: "never", epoch: 1 };
        expect(await appendKeys(store, ["a"], { fence })).toMatchObject({ outcome: "fenced" });
        expect(await appendKeys(store, ["b"], { fence, expectedVersion: 7 })).toMatchObject({ outcome: "fenced" });
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
  });
}
