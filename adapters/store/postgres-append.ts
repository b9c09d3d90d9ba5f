import type { ClientBase } from "pg";
import { AppError } from "../../src/errors.ts";
import { sealEvent } from "../../src/journal/chain.ts";
import {
  type AppendRequest,
  type AppendResult,
  GENESIS_HASH,
  type Head,
  type StoredEvent,
} from "../../src/journal/store.ts";
import { assertAppendable, MAX_APPENDED_EVENTS } from "./bounds.ts";
import { leavesOpen } from "./postgres-errors.ts";
import { COLUMNS, type EventRow, type HeadRow, toEvent, toHead } from "./postgres-events.ts";

export const CHANNEL = "muster_journal";

/** The server builds a statement in its memory. */
const MAX_APPENDED_BYTES = 64 * 1024 * 1024;

/** What became of the writes of one append, over all its attempts. */
export interface AppendProgress {
  /** Sent with its COMMIT, and no answer seen yet: these stand exactly as they are, or not at all. */
  unanswered?: StoredEvent[] | undefined;
}

interface Standing {
  head: Head;
  /** The end of the request's stream. */
  version: number;
  hash: string;
  /** The first of the request's keys that stands. */
  existing: StoredEvent | undefined;
  lease: { epoch: number; held: boolean } | undefined;
  /** What stands where the last event of the unanswered ones would. */
  hashThere: string | undefined;
}

/**
 * One attempt, in one transaction. Every writer locks the one row of `head` first and looks at everything else
 * afterwards, so that writers go one after the other and each sees what the one before it left, also one whose
 * connection died in its COMMIT. Two round trips: the looks, then the write with its COMMIT.
 */
export async function attemptAppend(
  client: ClientBase,
  request: AppendRequest,
  place: string,
  sender: string,
  progress: AppendProgress,
): Promise<AppendResult> {
  const standing = await lockAndLook(client, request, place, progress.unanswered);
  if (progress.unanswered && standing.hashThere === progress.unanswered.at(-1)?.hash) {
    // This COMMIT waits for the standby like any other, and what the lost one wrote comes before it.
    await commit(client, client.query("SELECT 1"));
    return { outcome: "appended", events: progress.unanswered };
  }
  progress.unanswered = undefined;
  const refusal = refuse(request, standing);
  if (refusal) {
    await client.query("ROLLBACK");
    return refusal;
  }
  const events = seal(request, standing.head);
  progress.unanswered = events;
  try {
    await commit(client, write(client, events, sender));
  } catch (error) {
    if (!leavesOpen(error)) progress.unanswered = undefined;
    throw error;
  }
  return { outcome: "appended", events };
}

/**
 * The lease is locked against a takeover until the end of the transaction, and only after the head: who waits
 * for the head may be overtaken meanwhile, and sees it.
 */
async function lockAndLook(
  client: ClientBase,
  { stream, events, fence }: AppendRequest,
  place: string,
  unanswered: StoredEvent[] | undefined,
): Promise<Standing> {
  const keys = events.map(({ key }) => key);
  const [, head, lease, existing, version, there] = await Promise.all([
    client.query("BEGIN ISOLATION LEVEL READ COMMITTED"),
    client.query<HeadRow>("SELECT seq, hash FROM muster.head FOR UPDATE"),
    client.query<{ epoch: string; held: boolean }>(
      "SELECT epoch, expires_at > clock_timestamp() AS held FROM muster.leases WHERE name = $1 FOR SHARE",
      [fence?.lease ?? null],
    ),
    client.query<EventRow>(
      `SELECT ${COLUMNS} FROM muster.events WHERE key = ANY($1::text[]) ORDER BY array_position($1::text[], key) LIMIT 1`,
      [keys],
    ),
    client.query<{ version: string; hash: string }>(
      "SELECT version, hash FROM muster.events WHERE stream = $1 ORDER BY version DESC LIMIT 1",
      [stream],
    ),
    client.query<{ hash: string }>("SELECT hash FROM muster.events WHERE seq = $1", [unanswered?.at(-1)?.seq ?? 0]),
  ]);
  return {
    head: toHead(head.rows, place),
    version: Number(version.rows[0]?.version ?? 0),
    hash: version.rows[0]?.hash ?? GENESIS_HASH,
    existing: existing.rows[0] && toEvent(existing.rows[0]),
    lease: lease.rows[0] && { epoch: Number(lease.rows[0].epoch), held: lease.rows[0].held },
    hashThere: there.rows[0]?.hash,
  };
}

function refuse(request: AppendRequest, { lease, existing, version, hash }: Standing): AppendResult | undefined {
  const { fence, expectedVersion, expectedHash = hash, events } = request;
  if (fence && !(lease?.held && lease.epoch === fence.epoch)) return { outcome: "fenced", epoch: lease?.epoch ?? 0 };
  assertAppendable(request);
  if (existing) return { outcome: "duplicate", existing };
  if (version !== expectedVersion) return { outcome: "conflict", version };
  if (hash !== expectedHash) return { outcome: "diverged", hash };
  return events.length === 0 ? { outcome: "appended", events: [] } : undefined;
}

function seal({ stream, expectedVersion, at, instance, events }: AppendRequest, head: Head): StoredEvent[] {
  let last = head;
  let bytes = 0;
  return events.map((event, index) => {
    const { seq, hash: previousHash } = last;
    const version = expectedVersion + index + 1;
    const sealed = sealEvent({ seq: seq + 1, stream, version, at, instance, previousHash, event });
    bytes += Buffer.byteLength(sealed.text);
    if (bytes > MAX_APPENDED_BYTES) throw tooMuch(`events of over ${MAX_APPENDED_BYTES} bytes`);
    last = sealed;
    return sealed;
  });
}

/** Listeners are told with the COMMIT, and never of what was rolled back. */
function write(client: ClientBase, events: StoredEvent[], sender: string): Promise<unknown> {
  const last = events.at(-1);
  return client.query(
    `WITH added AS (
       INSERT INTO muster.events (${COLUMNS}) SELECT * FROM
       unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
     ), moved AS (UPDATE muster.head SET seq = $8, hash = $9)
     SELECT pg_notify('${CHANNEL}', $10)`,
    [
      events.map(({ seq }) => seq),
      events.map(({ stream }) => stream),
      events.map(({ version }) => version),
      events.map(({ key }) => key),
      events.map(({ previousHash }) => previousHash),
      events.map(({ hash }) => hash),
      events.map(({ text }) => text),
      last?.seq,
      last?.hash,
      `${sender} ${last?.hash}`,
    ],
  );
}

/**
 * Resolves when what `work` wrote stands wherever the server was told that it must. A wait for a standby that
 * was broken off is answered with a mere warning: it stands on this server, and nobody knows whether elsewhere.
 */
async function commit(client: ClientBase, work: Promise<unknown>): Promise<void> {
  let alone = false;
  const onNotice = ({ routine }: { routine?: string | undefined }) => {
    if (routine === "SyncRepWaitForLSN") alone = true;
  };
  client.on("notice", onNotice);
  try {
    const [, { command }] = await Promise.all([work, client.query("COMMIT")]);
    if (command !== "COMMIT" || alone) throw new Error(alone ? "the wait for the standby was broken off" : "no commit");
  } finally {
    client.off("notice", onNotice);
  }
}

function tooMuch(what: string): AppError {
  return new AppError({
    code: "too-large",
    summary: `${what} are more than fit into one write.`,
    hint: `At most ${MAX_APPENDED_EVENTS} events and ${MAX_APPENDED_BYTES} bytes fit.`,
  });
}
