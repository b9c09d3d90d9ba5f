import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { NewDomainEvent } from "../../src/events.ts";
import { fold, initialState } from "../../src/fold.ts";
import { createJournal, type Journal, type JournalOptions } from "../../src/journal/journal.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { openFixture } from "../store/fixture.ts";

const initial = initialState({ application: "shop", home: "east", regions: {} });
const AT = Date.parse("2026-01-02T03:04:05.678Z");

function note(text: string): NewDomainEvent {
  return { key: `note/${text}`, kind: "note.added", actor: "operator", data: { noteId: text, text } };
}

function connect(store: JournalStore, more: Partial<JournalOptions> = {}): Journal {
  const clock = { ...systemClock, now: () => AT };
  return createJournal({ store, application: "shop", instance: "one", clock, initial, fold, ...more });
}

async function newStore(...notes: string[]): Promise<JournalStore> {
  const fixture = await openFixture();
  onTestFinished(() => fixture.dispose());
  const writer = connect(fixture.store);
  for (const text of notes) await writer.commit(() => [note(text)]);
  return fixture.store;
}

/** A journal on a store that is failed over to another server, whose events are these. */
async function failedOver(to: string[], more: Partial<JournalOptions> = {}) {
  const primary = await newStore("a", "b", "c", "d", "e");
  const standby = await newStore(...to);
  let current = primary;
  const store = new Proxy(primary, {
    get: (_, name) => Reflect.get(current, name) as unknown,
  });
  const journal = connect(store, more);
  expect((await journal.load()).seq).toBe(5);
  current = standby;
  return { journal, standby };
}

const diverged = { name: "AppError", code: "store-diverged" };

describe("a store that was failed over", () => {
  it("is gone on with when nothing was lost, and when others wrote meanwhile", async () => {
    const { journal } = await failedOver(["a", "b", "c", "d", "e", "f"]);
    await journal.compare();
    expect((await journal.load()).seq).toBe(6);
    expect((await journal.commit(() => [note("g")])).state.seq).toBe(7);
  });

  it.each([
    ["the last events are gone", ["a", "b", "c"]],
    ["others wrote in their place, as many as there were", ["a", "b", "c", "x", "y"]],
    ["others wrote in their place, and more", ["a", "b", "c", "x", "y", "z"]],
    ["all are gone", []],
  ])("takes no write that was decided on what it lost: %s", async (_, to) => {
    const { journal, standby } = await failedOver(to);
    const before = await standby.head();
    await expect(journal.commit(() => [note("f")])).rejects.toMatchObject(diverged);
    expect(await standby.head()).toEqual(before);
  });

  it.each([
    ["gone", ["a", "b", "c"]],
    ["replaced", ["a", "b", "c", "x", "y", "z"]],
  ])("is found out by a look, and says what was lost: %s", async (_, to) => {
    const { journal, standby } = await failedOver(to);
    await expect(journal.compare()).rejects.toMatchObject({
      ...diverged,
      hint: expect.stringContaining("store accept"),
    });
    const head = await standby.head();
    const lost = { from: 4, to: 5, keys: ["note/d", "note/e"] };
    expect(journal.divergence()).toMatchObject({ known: { seq: 5 }, head, lost });
    await expect(journal.load()).rejects.toMatchObject(diverged);
    // What was known stays at hand, to be shown.
    expect(journal.known().state.seq).toBe(5);
  });

  it("never has its new events folded on the old ones", async () => {
    const { journal } = await failedOver(["a", "b", "c", "x", "y", "z"]);
    await expect(journal.load()).rejects.toMatchObject(diverged);
    expect(journal.known().state.counts.notes).toBe(5);
  });

  it("begins anew with what there is, when it is told to", async () => {
    const { journal } = await failedOver(["a", "b", "c"]);
    await expect(journal.compare()).rejects.toMatchObject(diverged);
    journal.restart();
    expect((await journal.load()).seq).toBe(3);
    expect((await journal.commit(() => [note("f")])).state.seq).toBe(4);
  });

  it("is told to others before anything else can happen, and not gone on with when that fails", async () => {
    const told: unknown[] = [];
    const { journal } = await failedOver(["a", "b", "c"], {
      onDivergence: async ({ lost }) => {
        told.push(lost);
        if (told.length === 1) throw new Error("the store is away again");
        return false;
      },
    });
    await expect(journal.commit(() => [note("f")])).rejects.toThrow("away again");
    await expect(journal.commit(() => [note("f")])).rejects.toMatchObject(diverged);
    expect(told).toHaveLength(2);
  });

  it("is gone on with when people have let those events go already", async () => {
    const seen: number[] = [];
    const { journal } = await failedOver(["a", "b", "c", "x"], {
      onDivergence: async (_, there) => {
        seen.push((await there()).seq);
        return true;
      },
    });
    expect((await journal.commit(() => [note("f")])).state.seq).toBe(5);
    expect(seen).toEqual([4]);
  });

  it("is compared with what a machine remembers from before its instance was started", async () => {
    const { journal } = await failedOver(["a", "b", "c"]);
    const tail = journal.tail(10);
    const next = connect(await newStore("a", "b", "c"));
    await expect(next.compare(tail)).rejects.toMatchObject(diverged);
    const same = connect(await newStore("a", "b", "c", "d", "e"));
    await same.compare(tail);
    expect((await same.load()).seq).toBe(5);
  });
});
