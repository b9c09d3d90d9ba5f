import type { ClientBase } from "pg";
import { unsealEvent } from "../../src/journal/chain.ts";
import type { Head, ReadRequest, StoredEvent } from "../../src/journal/store.ts";
import { damagedError } from "./postgres-errors.ts";

export const COLUMNS = "seq, stream, version, key, previous_hash, hash, text";

const MAX_READ_EVENTS = 10_000;
/** A read ends early here: the next one goes on, and only an empty one is the end. */
const MAX_READ_BYTES = 8 * 1024 * 1024;

export interface EventRow {
  seq: string;
  stream: string;
  version: string;
  key: string;
  previous_hash: string;
  hash: string;
  text: string;
}

/** In sequence order, the first one always, and then as many as fit into the bounds. */
export async function readEvents(client: ClientBase, { after, limit, stream }: ReadRequest): Promise<StoredEvent[]> {
  const bound = Math.min(Math.max(limit, 0), MAX_READ_EVENTS);
  const { rows } = await client.query<EventRow>(
    `SELECT ${COLUMNS} FROM (
       SELECT *, sum(octet_length(text)) OVER (ORDER BY seq) - octet_length(text) AS bytes_before
       FROM muster.events WHERE seq > $1 ${stream === undefined ? "" : "AND stream = $4"} ORDER BY seq LIMIT $2
     ) AS batch WHERE bytes_before < $3 ORDER BY seq`,
    [after, bound, MAX_READ_BYTES, ...(stream === undefined ? [] : [stream])],
  );
  return rows.map(toEvent);
}

export async function findByKey(client: ClientBase, key: string): Promise<StoredEvent | undefined> {
  const { rows } = await client.query<EventRow>(`SELECT ${COLUMNS} FROM muster.events WHERE key = $1`, [key]);
  return rows[0] && toEvent(rows[0]);
}

export async function readHead(client: ClientBase, place: string): Promise<Head> {
  const { rows } = await client.query<HeadRow>("SELECT seq, hash FROM muster.head");
  return toHead(rows, place);
}

export interface HeadRow {
  seq: string;
  hash: string;
}

export function toHead([row]: HeadRow[], place: string): Head {
  if (row === undefined) throw damagedError(place, "it has no head");
  return { seq: Number(row.seq), hash: row.hash };
}

/** The driver gives 64-bit numbers as text; a sequence stays far below where that matters. */
export function toEvent({ seq, version, previous_hash: previousHash, ...row }: EventRow): StoredEvent {
  return unsealEvent({ ...row, seq: Number(seq), version: Number(version), previousHash });
}
