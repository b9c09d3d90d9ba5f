import type { ClientBase } from "pg";
import { GENESIS_HASH } from "../../src/journal/store.ts";
import { newerSchemaError } from "./bounds.ts";
import { damagedError } from "./postgres-errors.ts";

/** "MSTR": nobody else's advisory lock, unless they thought of the same letters. */
const MIGRATION_LOCK = 0x4d535452;

/**
 * Steps from each version of the schema to the next; the table `migrations` lists those that were taken. A step
 * that was released never changes, and instances of the version before go on working beside it. Text is
 * compared byte by byte ("C"), so that no upgrade of the system's collations can break an index.
 */
const STEPS = [
  `
  CREATE TABLE muster.events (
    seq bigint PRIMARY KEY,
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    key text COLLATE "C" NOT NULL UNIQUE,
    previous_hash text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    text text COLLATE "C" NOT NULL,
    UNIQUE (stream, version)
  );
  CREATE INDEX events_by_stream ON muster.events (stream, seq);
  CREATE FUNCTION muster.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'events are never changed or removed'; END $$;
  CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON muster.events
    FOR EACH STATEMENT EXECUTE FUNCTION muster.refuse_change();
  CREATE TABLE muster.head (
    one integer PRIMARY KEY CHECK (one = 1),
    seq bigint NOT NULL,
    hash text COLLATE "C" NOT NULL
  ) WITH (fillfactor = 10);
  INSERT INTO muster.head VALUES (1, 0, '${GENESIS_HASH}');
  CREATE TABLE muster.leases (
    name text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE muster.records (key text COLLATE "C" PRIMARY KEY, value text COLLATE "C" NOT NULL);
  `,
];

/** Brings an empty or older journal to this version's schema; one instance at a time. Refuses a newer one. */
export async function migrate(client: ClientBase, place: string): Promise<void> {
  // Whoever may only read and write can still start when there is nothing to do.
  if ((await schemaVersion(client, place)) === STEPS.length) return;
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  await client.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
  const from = await schemaVersion(client, place);
  if (from === 0) {
    // A database's owner may have made the schema for a user who may not.
    const { rowCount } = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = 'muster'");
    if (rowCount === 0) await client.query("CREATE SCHEMA muster");
    await client.query("CREATE TABLE muster.migrations (version integer PRIMARY KEY, at timestamptz NOT NULL)");
  }
  for (let version = from; version < STEPS.length; version++) {
    await client.query(STEPS[version] ?? "");
    await client.query("INSERT INTO muster.migrations VALUES ($1, clock_timestamp())", [version + 1]);
  }
  await client.query("COMMIT");
}

/** 0 for a database without a journal. Throws AppError for one of a newer Muster, and for another program's tables. */
export async function schemaVersion(client: ClientBase, place: string): Promise<number> {
  // Not by to_regclass, which may remember from before the lock that there is nothing.
  const { rows: tables } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = 'muster' AND relname IN ('migrations', 'events')`,
  );
  const ours = tables.some(({ relname }) => relname === "migrations");
  const others = tables.some(({ relname }) => relname === "events");
  if (!ours && others) throw damagedError(place, "its tables belong to another program");
  if (!ours) return 0;
  const { rows } = await client.query("SELECT max(version) AS version FROM muster.migrations");
  const version = Number(rows[0]?.version ?? 0);
  if (version > STEPS.length) throw newerSchemaError(`at ${place}`, version, STEPS.length);
  return version;
}

/** Finds what a person can do to the tables and the database does not: the head and the last event must agree. */
export async function checkHead(client: ClientBase, place: string): Promise<void> {
  const { rows } = await client.query(
    `SELECT head.seq, head.hash, last.seq AS last_seq, last.hash AS last_hash FROM muster.head
     LEFT JOIN LATERAL (SELECT seq, hash FROM muster.events ORDER BY seq DESC LIMIT 1) last ON true`,
  );
  const [row] = rows;
  if (row === undefined) throw damagedError(place, "it has no head");
  const { seq = "0", hash = GENESIS_HASH } = row.last_seq === null ? {} : { seq: row.last_seq, hash: row.last_hash };
  if (row.seq === seq && row.hash === hash) return;
  throw damagedError(place, `it ends at event ${seq}, its head says ${row.seq}`);
}
