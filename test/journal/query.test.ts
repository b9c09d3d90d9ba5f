import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { fold, initialState } from "../../src/fold.ts";
import { createJournal } from "../../src/journal/journal.ts";
import { queryJournal } from "../../src/journal/query.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { openFixture } from "../store/fixture.ts";

const EVENTS = 4_500;

/** A journal of notes, with those of another application between them, and how many events were read of it. */
async function open() {
  const fixture = await openFixture();
  onTestFinished(() => fixture.dispose());
  const { store } = fixture;
  const at = new Date().toISOString();
  const note = (stream: string, from: number, count: number) =>
    store.append({
      stream,
      expectedVersion: from,
      events: Array.from({ length: count }, (_, index) => {
        const noteId = `note-${from + index + 1}`;
        return { key: `${stream}/${noteId}`, kind: "note.added", actor: "operator", data: { noteId, text: "-" } };
      }),
      at,
      instance: "one",
    });
  for (let from = 0; from < EVENTS; from += 500) {
    await note("app/shop", from, 500);
    if (from === 2_000) await note("app/other", 0, 900);
  }
  let read = 0;
  const counted: JournalStore = {
    ...store,
    async read(request) {
      const events = await store.read(request);
      read += events.length;
      return events;
    },
  };
  const initial = initialState({ application: "shop", home: "east", regions: {} });
  const options = { store: counted, application: "shop", instance: "one", clock: systemClock, initial, fold };
  const journal = createJournal(options);
  await journal.load();
  read = 0;
  const ids = async (query: Parameters<typeof queryJournal>[1]) =>
    (await queryJournal(journal, query)).map(({ data }) => Number((data as { noteId: string }).noteId.slice(5)));
  return { ids, note, read: () => read, journal };
}

const upTo = (last: number, count: number) => Array.from({ length: count }, (_, index) => last - count + index + 1);

it("gives the latest events, and reads no more of a long journal than it must", async () => {
  const { ids, note, read } = await open();
  expect(await ids({ limit: 50 })).toEqual(upTo(EVENTS, 50));
  expect(read()).toBeLessThanOrEqual(1_000);
  // Another instance has written since this one loaded.
  await note("app/shop", EVENTS, 3);
  expect(await ids({ limit: 5 })).toEqual(upTo(EVENTS + 3, 5));
  expect(read()).toBeLessThanOrEqual(2_003);
});

it("finds what matches however far back it stands, and each once, over what is not of this application", async () => {
  const { ids, journal } = await open();
  await journal.commit(() => [
    { key: "r", kind: "command.refused", actor: "operator", data: { command: "x", code: "y", summary: "z" } },
  ]);
  expect((await queryJournal(journal, { kind: "command" })).map(({ kind }) => kind)).toEqual(["command.refused"]);
  expect(await ids({ kind: "note", limit: 1_000 })).toEqual(upTo(EVENTS, 1_000));
  expect(await ids({ kind: "note.edited" })).toEqual([]);
  expect(await ids({ kind: "note", after: 0, limit: 3 })).toEqual([1, 2, 3]);
  expect(await ids({ after: 2_400, limit: 400 })).toEqual(upTo(2_800, 400));
});
