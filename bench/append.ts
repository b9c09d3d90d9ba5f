import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../adapters/store/sqlite.ts";
import { systemClock } from "../src/clock.ts";
import { fold, initialState } from "../src/fold.ts";
import { createJournal } from "../src/journal/journal.ts";
import { type Latency, latencyOf } from "./latency.ts";

export interface AppendBench {
  events: number;
  /** One durable append of one event, as the store does it. */
  append: Latency;
  /** Load, decide, check, redact, append and fold, as every domain does it. */
  commit: Latency;
}

/** Measures durable writes, one after the other, in a directory of its own below `parent`. */
export async function benchAppend({ events = 1_000, parent = tmpdir() } = {}): Promise<AppendBench> {
  const directory = mkdtempSync(join(parent, "muster-bench-"));
  const store = openSqliteStore({ directory });
  const journal = createJournal({
    store,
    application: "bench",
    instance: "bench",
    clock: systemClock,
    initial: initialState({ application: "bench", home: "here", regions: {} }),
    fold,
  });
  const data = {
    noteId: "N-1",
    text: "The replica in eu-central has everything up to the last acknowledged write. ".repeat(4),
  };
  const note = (key: string) => ({ key, kind: "note.added" as const, actor: "operator", data });
  const place = { stream: "bench", at: new Date().toISOString(), instance: "bench" };
  try {
    const append = await measure(events, (index) =>
      store.append({ ...place, expectedVersion: index, events: [note(`append/${index}`)] }),
    );
    const commit = await measure(events, (index) => journal.commit(() => [note(`commit/${index}`)]));
    return { events, append, commit };
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(count: number, once: (index: number) => Promise<unknown>): Promise<Latency> {
  const durations: number[] = [];
  for (let index = 0; index < count; index++) {
    const from = performance.now();
    await once(index);
    durations.push(performance.now() - from);
  }
  return latencyOf(durations);
}
