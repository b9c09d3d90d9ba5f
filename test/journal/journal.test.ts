import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { NewDomainEvent } from "../../src/events.ts";
import { fold, initialState } from "../../src/fold.ts";
import { createJournal, type Journal } from "../../src/journal/journal.ts";
import type { AppendResult, JournalStore, NewEvent } from "../../src/journal/store.ts";
import type { AppState } from "../../src/state.ts";
import { openFixture } from "../store/fixture.ts";

const AT = Date.parse("2026-01-02T03:04:05.678Z");
const initial = initialState({ application: "genai-api", home: "us-east-1", regions: {} });

function connect(instance: string, store: JournalStore, folding = fold): Journal {
  const clock = { ...systemClock, now: () => AT };
  return createJournal({ store, application: "genai-api", instance, clock, initial, fold: folding });
}

/** Two instances' journals on one store. */
async function open(wrap: (store: JournalStore) => JournalStore = (store) => store) {
  const fixture = await openFixture();
  onTestFinished(() => fixture.dispose());
  const store = fixture.store;
  return { fixture, store, journal: connect("one", wrap(store)), other: connect("two", store) };
}

function note(id: string, text = "All clear."): NewDomainEvent {
  return { key: `note/${id}`, kind: "note.added", actor: "operator", data: { noteId: id, text } };
}

/** Appends past the journal, as another version of Muster or a fault would. */
function appendRaw(store: JournalStore, event: Partial<NewEvent>, expectedVersion = 0): Promise<AppendResult> {
  const whole: NewEvent = { key: "raw", kind: "note.added", actor: "operator", data: {}, ...event };
  return store.append({ stream: "app/genai-api", expectedVersion, events: [whole], at: "", instance: "raw" });
}

describe("loading", () => {
  it("begins with the given state", async () => {
    const { journal } = await open();
    expect(await journal.load()).toEqual(initial);
  });

  it("includes what another instance has just written", async () => {
    const { journal, other } = await open();
    await journal.load();
    await other.commit(() => [note("N-1"), note("N-2")]);
    expect(await journal.load()).toMatchObject({ version: 2, seq: 2, counts: { notes: 2 } });
  });

  it("comes to the same state when many load at once", async () => {
    const { journal, other } = await open();
    for (let index = 0; index < 30; index++) await other.commit(() => [note(`N-${index}`)]);
    const states = await Promise.all(Array.from({ length: 10 }, () => journal.load()));
    for (const state of states) expect(state).toMatchObject({ version: 30, counts: { notes: 30 } });
  });

  it("does not count the events of other streams", async () => {
    const { journal, store } = await open();
    await store.append({
      stream: "deliveries",
      expectedVersion: 0,
      events: [{ ...note("N-1"), key: "elsewhere" }],
      at: "",
      instance: "raw",
    });
    await journal.commit(() => [note("N-2")]);
    expect(await journal.load()).toMatchObject({ version: 1, seq: 2, counts: { notes: 1 } });
    expect(await journal.read({ after: 0, limit: 10 })).toMatchObject([{ key: "note/N-2", seq: 2, version: 1 }]);
  });

  it("steps over a kind that it does not know, and keeps it readable", async () => {
    const { store } = await open();
    const folded: string[] = [];
    const journal = connect("one", store, (state, event) => {
      folded.push(event.kind);
      return fold(state, event);
    });
    await appendRaw(store, { kind: "future.happened", data: { new: true } });
    expect(await journal.load()).toMatchObject({ version: 1, seq: 1 });
    const { state } = await journal.commit(() => [note("N-1")]);
    expect(state).toMatchObject({ version: 2, seq: 2, counts: { notes: 1 } });
    expect(folded).toEqual(["note.added"]);
    const kept = [{ kind: "future.happened", data: { new: true } }, { kind: "note.added" }];
    expect(await journal.read({ after: 0, limit: 10 })).toMatchObject(kept);
  });

  it("refuses to decide on an event that was changed after it was written", async () => {
    const { journal } = await open((store) => ({
      ...store,
      read: async (request) =>
        (await store.read(request)).map((event) => ({ ...event, text: event.text.replace("operator", "commander") })),
    }));
    await journal.commit(() => [note("N-1")]);
    await expect(journal.read({ after: 0, limit: 1 })).rejects.toMatchObject({ code: "store-damaged" });
    const { journal: fresh, store } = await open((inner) => ({
      ...inner,
      read: async (request) => (await inner.read(request)).map((event) => ({ ...event, actor: "commander" })),
    }));
    await appendRaw(store, {});
    await expect(fresh.load()).rejects.toMatchObject({
      code: "store-damaged",
      summary: expect.stringContaining("Event 1 "),
      hint: expect.stringContaining("audit verify"),
    });
  });
});

describe("committing", () => {
  it("answers with the events that stand and the state after them", async () => {
    const { journal } = await open();
    const { events, state } = await journal.commit(() => [note("N-1"), note("N-2")]);
    expect(events).toMatchObject([
      { seq: 1, version: 1, kind: "note.added", at: "2026-01-02T03:04:05.678Z", instance: "one", actor: "operator" },
      { seq: 2, version: 2 },
    ]);
    expect(state).toMatchObject({ version: 2, seq: 2, counts: { notes: 2 } });
    expect(await journal.read({ after: 0, limit: 10 })).toEqual(events);
  });

  it("writes nothing when there is nothing to add", async () => {
    const { journal, store } = await open();
    expect(await journal.commit(() => [])).toEqual({ events: [], state: initial });
    expect(await store.head()).toMatchObject({ seq: 0 });
  });

  it("decides again on the newer state when somebody else was first", async () => {
    const { journal, other } = await open((store) => {
      let meddled = false;
      return {
        ...store,
        async append(request) {
          if (!meddled) {
            meddled = true;
            await other.commit(() => [note("N-1")]);
          }
          return store.append(request);
        },
      };
    });
    const seen: number[] = [];
    const { state } = await journal.commit((now) => {
      seen.push(now.counts.notes);
      return [note(`N-${now.counts.notes + 1}`)];
    });
    expect(seen).toEqual([0, 1]);
    expect(state).toMatchObject({ version: 2, counts: { notes: 2 } });
    expect(await journal.load()).toEqual(await other.load());
  });

  it("decides again when the same fact stands already, and adds it once", async () => {
    const { journal, other } = await open();
    const once = (state: AppState) => (state.counts.notes === 0 ? [note("N-1")] : []);
    await journal.load();
    await other.commit(once);
    expect(await journal.commit(once)).toMatchObject({ events: [], state: { counts: { notes: 1 } } });
  });

  it("gives up with store-unavailable, and not with silence, when a decision repeats a standing key for ever", async () => {
    const { journal } = await open();
    await journal.commit(() => [note("N-1")]);
    let decisions = 0;
    const repeating = journal.commit(() => {
      decisions += 1;
      return [note("N-1")];
    });
    await expect(repeating).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
    expect(decisions).toBe(50);
  });

  it("lets every one of many commits at once decide on what the others wrote", async () => {
    const { journal, other } = await open();
    const next = (state: AppState) => [note(`N-${state.counts.notes}`)];
    await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 ? journal : other).commit(next)));
    expect(await journal.load()).toMatchObject({ version: 100, counts: { notes: 100 } });
  });

  it("passes on what a decision throws, writes nothing and goes on with the next", async () => {
    const { journal } = await open();
    const refused = journal.commit(() => {
      throw new Error("not now");
    });
    const next = journal.commit(() => [note("N-1")]);
    await expect(refused).rejects.toThrow("not now");
    expect(await next).toMatchObject({ state: { version: 1 } });
  });

  it("is refused under a lease that somebody else took over", async () => {
    const { journal, store, fixture } = await open();
    await store.acquireLease("executor", "one", 1_000);
    const fence = { lease: "executor", epoch: 1 };
    await journal.commit(() => [note("N-1")], { fence });
    await fixture.pass(1_000);
    await store.acquireLease("executor", "two", 1_000);
    await expect(journal.commit(() => [note("N-2")], { fence })).rejects.toMatchObject({
      code: "fenced",
      summary: expect.stringMatching(/executor.*epoch is 1.*store's is 2/),
    });
    expect(await journal.load()).toMatchObject({ version: 1 });
  });

  it("redacts secrets before they are written", async () => {
    const { journal, store } = await open();
    const { events } = await journal.commit(() => [note("N-1", "Use postgres://app:hunter2@db/x now")]);
    expect(events).toMatchObject([{ data: { text: "Use postgres://app:[redacted:password]@db/x now" } }]);
    expect((await store.read({ after: 0, limit: 1 }))[0]?.text).not.toContain("hunter2");
  });

  it("refuses data of the wrong form, naming the place and not the value", async () => {
    const { journal, store } = await open();
    const wrong = { ...note("N-1"), data: { noteId: "N-1", text: 7_777 } } as unknown as NewDomainEvent;
    const error = await journal.commit(() => [note("N-0"), wrong]).catch((caught) => caught);
    expect(error).toMatchObject({ code: "internal", summary: expect.stringMatching(/note\.added.*text/) });
    expect(error.summary).not.toContain("7777");
    expect(await store.head()).toMatchObject({ seq: 0 });
  });

  it("tells subscribers of both instances", async () => {
    const { journal, other } = await open();
    const told = new Promise<void>((resolve) => {
      other.subscribe(resolve);
    });
    await journal.commit(() => [note("N-1")]);
    await told;
  });
});

describe("what is foretold", () => {
  /** Answers each first note of a pair with the second, as soon as the first is about to be written. */
  function answering(journal: Journal) {
    const answers: Promise<unknown>[] = [];
    const stop = journal.foresee(({ counts }) => {
      if (counts.notes % 2 === 0) return;
      answers.push(journal.commit((now) => (now.counts.notes % 2 ? [note(`N-${now.counts.notes + 1}`)] : [])));
    });
    return { answers, stop };
  }

  it("is written in one piece with what it leads to, which is decided on it", async () => {
    const appended: string[][] = [];
    const { journal } = await open((store) => ({
      ...store,
      append(request) {
        appended.push(request.events.map(({ key }) => key));
        return store.append(request);
      },
    }));
    const { answers, stop } = answering(journal);
    await journal.commit(() => [note("N-1")]);
    await Promise.all(answers);
    expect(appended).toEqual([["note/N-1", "note/N-2"]]);
    stop();
    await journal.commit(() => [note("N-3")]);
    expect(answers).toHaveLength(1);
  });

  it("is decided again, and what it led to as well, when somebody else was first", async () => {
    let meddled = false;
    const { journal, other } = await open((store) => ({
      ...store,
      async append(request) {
        if (!meddled) {
          meddled = true;
          await other.commit(() => [note("N-1")]);
        }
        return store.append(request);
      },
    }));
    const { answers } = answering(journal);
    await journal.commit(({ counts }) => [note(`N-${counts.notes + 1}`)]);
    await Promise.all(answers);
    // The other's note and this one's are a pair already: there is nothing to answer any more.
    expect(await journal.load()).toMatchObject({ version: 2, counts: { notes: 2 } });
  });

  it("is decided again when somebody else has written since it was foretold", async () => {
    let meddled = true;
    const { journal, other } = await open((store) => ({
      ...store,
      async read(request) {
        if (!meddled) {
          meddled = true;
          await other.commit(() => [note("N-1")]);
        }
        return store.read(request);
      },
    }));
    await journal.load();
    const { answers } = answering(journal);
    meddled = false;
    await journal.commit(({ counts }) => (counts.notes === 0 ? [note("first")] : []));
    await Promise.all(answers);
    const standing = await journal.read({ after: 0, limit: 10 });
    expect(standing.map(({ key }) => key)).toEqual(["note/N-1", "note/N-2"]);
  });

  it("leads to nothing when it does not come to stand", async () => {
    const { journal, store, fixture } = await open();
    await journal.load();
    await store.acquireLease("executor", "one", 1_000);
    await fixture.pass(1_000);
    await store.acquireLease("executor", "two", 1_000);
    const { answers } = answering(journal);
    const refused = journal.commit(() => [note("N-1")], { fence: { lease: "executor", epoch: 1 } });
    await expect(refused).rejects.toMatchObject({ code: "fenced" });
    await Promise.all(answers);
    expect(answers).toHaveLength(1);
    expect(await journal.load()).toMatchObject({ version: 0, counts: { notes: 0 } });
  });

  it("keeps nobody from writing when whoever is told fails", async () => {
    const { journal } = await open();
    journal.foresee(() => {
      throw new Error("not now");
    });
    expect(await journal.commit(() => [note("N-1")])).toMatchObject({ state: { version: 1 } });
  });
});
