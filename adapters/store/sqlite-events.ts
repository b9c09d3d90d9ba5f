import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { AppError } from "../../src/errors.ts";
import { sealEvent, unsealEvent } from "../../src/journal/chain.ts";
import {
  type AppendRequest,
  type AppendResult,
  GENESIS_HASH,
  type Head,
  type ReadRequest,
  type StoredEvent,
} from "../../src/journal/store.ts";
import { assertAppendable } from "./bounds.ts";

const MAX_READ_EVENTS = 10_000;
/** A read ends early here: the next one goes on, and only an empty one is the end. */
const MAX_READ_CHARACTERS = 64 * 1024 * 1024;
const COLUMNS = "seq, stream, version, key, previous_hash, hash, text";

export interface EventTable {
  /** Inside a transaction, after the fence was looked at. Throws what SQLite throws when a key stands already. */
  append(request: AppendRequest): AppendResult;
  /** The answer when one of the keys stands already. */
  duplicate(request: AppendRequest): AppendResult | undefined;
  read(request: ReadRequest): StoredEvent[];
  findByKey(key: string): StoredEvent | undefined;
  head(): Head;
}

export function createEventTable(db: DatabaseSync): EventTable {
  const all = db.prepare(`SELECT ${COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`);
  // The plus keeps SQLite from gathering the whole stream by its versions, to sort it for each read.
  const ofStream = db.prepare(`SELECT ${COLUMNS} FROM events WHERE +stream = ? AND seq > ? ORDER BY seq LIMIT ?`);
  const byKey = db.prepare(`SELECT ${COLUMNS} FROM events WHERE key = ?`);
  const headRow = db.prepare("SELECT seq, hash FROM head");
  const insertEvent = prepareInsert(db);
  const moveHead = db.prepare("UPDATE head SET seq = ?, hash = ?");
  const streamEnd = db.prepare("SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1");

  /** Nobody else writes to this file, so this is never behind; it is ahead when a transaction was taken back. */
  let newestSeq = Number(db.prepare("SELECT max(seq) AS seq FROM events").get()?.seq ?? 0);

  function findByKey(key: string): StoredEvent | undefined {
    const row = byKey.get(key);
    return row && toEvent(row);
  }

  function insert(request: AppendRequest, from: Head): StoredEvent[] {
    const { stream, at, instance, expectedVersion } = request;
    let last = from;
    const sealed = request.events.map((event, index) => {
      const { seq, hash: previousHash } = last;
      const version = expectedVersion + index + 1;
      last = sealEvent({ seq: seq + 1, stream, version, at, instance, previousHash, event });
      return last as StoredEvent;
    });
    for (const event of sealed) insertEvent(event);
    moveHead.run(last.seq, last.hash);
    newestSeq = Math.max(newestSeq, last.seq);
    return sealed;
  }

  function duplicate({ events }: AppendRequest): AppendResult | undefined {
    for (const { key } of events) {
      const existing = findByKey(key);
      if (existing) return { outcome: "duplicate", existing };
    }
    return undefined;
  }

  function head(): Head {
    const row = headRow.get();
    if (row === undefined) throw new AppError({ code: "store-damaged", summary: "The journal has no head." });
    return { seq: Number(row.seq), hash: String(row.hash) };
  }

  return {
    findByKey,
    duplicate,
    head,
    append(request) {
      assertAppendable(request);
      const end = streamEnd.get(request.stream);
      const version = Number(end?.version ?? 0);
      if (version !== request.expectedVersion) return duplicate(request) ?? { outcome: "conflict", version };
      const hash = String(end?.hash ?? GENESIS_HASH);
      if (hash !== (request.expectedHash ?? hash)) return duplicate(request) ?? { outcome: "diverged", hash };
      return { outcome: "appended", events: insert(request, head()) };
    },
    read({ after, limit, stream }) {
      if (after >= newestSeq) return [];
      const bound = Math.min(Math.max(limit, 0), MAX_READ_EVENTS);
      const rows = stream === undefined ? all.iterate(after, bound) : ofStream.iterate(stream, after, bound);
      const events: StoredEvent[] = [];
      let characters = 0;
      for (const row of rows) {
        const event = toEvent(row);
        events.push(event);
        characters += event.text.length;
        if (characters >= MAX_READ_CHARACTERS) break;
      }
      return events;
    },
  };
}

/** Puts in events as they were sealed, whoever sealed them. */
export function prepareInsert(db: DatabaseSync): (event: StoredEvent) => void {
  const statement = db.prepare(`INSERT INTO events (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  return ({ seq, stream, version, key, previousHash, hash, text }) =>
    void statement.run(seq, stream, version, key, previousHash, hash, text);
}

function toEvent(row: Record<string, SQLOutputValue>): StoredEvent {
  return unsealEvent({
    seq: Number(row.seq),
    stream: String(row.stream),
    version: Number(row.version),
    key: String(row.key),
    previousHash: String(row.previous_hash),
    hash: String(row.hash),
    text: String(row.text),
  });
}
