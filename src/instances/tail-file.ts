import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";

const KEPT_EVENTS = 50;

const Tail = z.object({
  /** The hash of the journal's first event: which journal this is about. */
  first: z.string(),
  events: z.array(z.object({ seq: z.number(), version: z.number(), hash: z.string(), key: z.string() })),
});

export interface TailFile {
  /** Compares what this machine last saw standing with the store. Throws `store-diverged`. */
  compare(): Promise<void>;
  /** Writes what this instance has seen standing, when there is news. */
  save(): Promise<void>;
}

/** What an instance knew survives its own end on its own disk, not in the store. */
export function createTailFile(
  path: string,
  journal: Journal,
  store: Pick<JournalStore, "read">,
  logger: { warn(fields: object, message: string): void },
): TailFile {
  let first: string | undefined;
  let saved: string | undefined;

  async function firstHash(): Promise<string | undefined> {
    first ??= (await store.read({ after: 0, limit: 1 }))[0]?.hash;
    return first;
  }

  return {
    async compare() {
      const tail = read(path);
      if (!tail) return;
      if ((await firstHash()) === tail.first) return journal.compare(tail.events);
      logger.warn({ path }, "this machine last worked with another journal");
    },
    async save() {
      const events = journal.tail(KEPT_EVENTS);
      const last = events.at(-1)?.hash;
      const of = await firstHash();
      if (last === undefined || last === saved || of === undefined) return;
      // Renamed into its place, so that a kill leaves the old one or the new one.
      writeFileSync(`${path}.new`, JSON.stringify({ first: of, events }), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      saved = last;
    },
  };
}

/** A file that cannot be read says nothing. */
function read(path: string): z.infer<typeof Tail> | undefined {
  try {
    return Tail.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
