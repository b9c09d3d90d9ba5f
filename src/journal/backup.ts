import { AppError } from "../errors.ts";
import { unsealEvent } from "./chain.ts";
import { GENESIS_HASH, type Head, type JournalStore, type StoredEvent } from "./store.ts";
import { createChainCheck } from "./verify.ts";

/**
 * A backup is one file of lines: what it is, then every event in the form of a report's events.jsonl (the exact
 * stored text with its hashes), then the head. Any store can be read into it, and the chain says whether it is whole.
 */
const BACKUP_FORMAT = "muster-journal/1";

const BATCH = 500;
/** One event's text, twice as long where every character of it is escaped, and its hashes. */
const MAX_LINE_BYTES = 3 * 1024 * 1024;

/**
 * Everything up to the head as it stands at the call, with line feeds. Events never change, so that others may go
 * on writing meanwhile. Throws AppError `store-damaged` at the first event that does not hold.
 */
export async function* backupLines(store: Pick<JournalStore, "read" | "head">): AsyncGenerator<string> {
  const head = await store.head();
  const check = createChainCheck();
  yield `${JSON.stringify({ format: BACKUP_FORMAT })}\n`;
  let after = 0;
  while (after < head.seq) {
    const batch = (await store.read({ after, limit: BATCH })).filter(({ seq }) => seq <= head.seq);
    if (batch.length === 0) throw damaged("The journal", after + 1, "it is missing");
    for (const event of batch) {
      const reason = check(event);
      if (reason !== undefined) throw damaged("The journal", event.seq, reason);
      after = event.seq;
      const { seq, previousHash, hash, text } = event;
      yield `${JSON.stringify({ seq, previousHash, hash, text })}\n`;
    }
  }
  yield `${JSON.stringify({ head })}\n`;
}

/**
 * The events of a backup, each checked against the one before it. Throws AppError `store-damaged` that names the
 * first one that does not hold, also when it has ended by then: whoever takes them in must take in all or none.
 */
export async function* readBackup(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<StoredEvent> {
  const check = createChainCheck();
  let last: Head = { seq: 0, hash: GENESIS_HASH };
  let begun = false;
  let ended = false;
  for await (const line of lines(chunks, () => last.seq + 1)) {
    const value = parse(line, last.seq + 1);
    if (!begun) {
      if (value.format !== BACKUP_FORMAT) throw notABackup();
      begun = true;
    } else if (ended) throw damaged("The backup", last.seq + 1, "something stands after its end");
    else if (value.head) {
      ended = true;
      if (value.head.seq !== last.seq || value.head.hash !== last.hash)
        throw damaged("The backup", last.seq + 1, `it is missing: the head is event ${value.head.seq}`);
    } else {
      const event = toEvent(value, last.seq + 1);
      const reason = check(event);
      if (reason !== undefined) throw damaged("The backup", last.seq + 1, reason);
      last = event;
      yield event;
    }
  }
  if (!begun) throw notABackup();
  if (!ended) throw damaged("The backup", last.seq + 1, "the file ends before it");
}

interface Line {
  format?: unknown;
  head?: Head;
  seq?: unknown;
  previousHash?: unknown;
  hash?: unknown;
  text?: unknown;
}

function parse(line: string, seq: number): Line {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Falls through: a line that is cut off, or no line of ours.
  }
  throw seq === 1 ? notABackup() : damaged("The backup", seq, "its line is not whole");
}

function toEvent({ seq, previousHash, hash, text }: Line, expected: number): StoredEvent {
  if (
    typeof seq !== "number" ||
    typeof previousHash !== "string" ||
    typeof hash !== "string" ||
    typeof text !== "string"
  )
    throw damaged("The backup", expected, "its line is not that of an event");
  const { stream = "", version = 0, key = "" } = parse(text, expected) as Partial<Record<keyof StoredEvent, unknown>>;
  if (typeof stream !== "string" || typeof version !== "number" || typeof key !== "string")
    throw damaged("The backup", expected, "its place is not that of an event");
  return unsealEvent({ seq, stream, version, key, previousHash, hash, text });
}

async function* lines(chunks: AsyncIterable<string | Uint8Array>, at: () => number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of chunks) {
    pending += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const parts = pending.split("\n");
    pending = parts.pop() ?? "";
    if (pending.length > MAX_LINE_BYTES) throw damaged("The backup", at(), "its line has no end");
    yield* parts;
  }
  if (pending !== "") yield pending;
}

function damaged(what: string, seq: number, reason: string): AppError {
  return new AppError({
    code: "store-damaged",
    summary: `${what} is damaged at event ${seq}: ${reason}.`,
    hint:
      what === "The backup"
        ? "Nothing was restored. Take another backup."
        : "Nothing was backed up. Run `dr audit verify` for the whole picture, and keep the backups that there are.",
  });
}

function notABackup(): AppError {
  return new AppError({
    code: "bad-input",
    summary: "This file is no backup of a journal.",
    hint: "`dr backup <file>` makes one.",
  });
}
