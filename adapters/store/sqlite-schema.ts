import type { DatabaseSync } from "node:sqlite";
import { GENESIS_HASH } from "../../src/journal/store.ts";
import { newerSchemaError } from "./bounds.ts";
import { damagedError } from "./sqlite-errors.ts";

/** "MSTR": tells a journal from any other SQLite file. */
const APPLICATION_ID = 0x4d535452;

/**
 * Steps from each version of the schema to the next; `user_version` counts those that were taken. A step that
 * was released never changes. Only what is looked up by is a column: the rest of an event is in its text.
 */
const STEPS = [
  `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (stream, version)
  ) STRICT;
  CREATE INDEX events_by_stream ON events (stream, seq);
  CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
  CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
  CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  INSERT INTO head VALUES (1, 0, '${GENESIS_HASH}');
  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // A journal has one stream, or few: what follows an event in one is found by walking on from it.
  "DROP INDEX events_by_stream",
];

/** Brings a new or older journal to this version's schema; refuses what is not ours or is newer. */
export function migrate(db: DatabaseSync, directory: string): void {
  const from = checkSchema(db, directory);
  for (let version = from; version < STEPS.length; version++) {
    db.exec(`BEGIN IMMEDIATE; ${STEPS[version]}; PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${version + 1}; COMMIT`);
  }
}

/** The schema's version; 0 for an empty file. */
export function checkSchema(db: DatabaseSync, directory: string): number {
  const version = pragmaNumber(db, "user_version");
  const tables = Number(db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count);
  if (version === 0 && tables === 0) return 0;
  if (pragmaNumber(db, "application_id") !== APPLICATION_ID) {
    throw damagedError(directory, "its file belongs to another program");
  }
  if (version > STEPS.length) throw newerSchemaError(`in ${directory}`, version, STEPS.length);
  return version;
}

/** Finds what a crash cannot do to the file and a bad disk or a person can. */
export function checkIntegrity(db: DatabaseSync, directory: string): void {
  const verdict = db.prepare("PRAGMA quick_check(1)").get()?.quick_check;
  if (verdict !== "ok") throw damagedError(directory, String(verdict));
  const head = db.prepare("SELECT seq, hash FROM head").get();
  const last = db.prepare("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").get();
  const wanted = last ?? { seq: 0, hash: GENESIS_HASH };
  if (head?.seq === wanted.seq && head?.hash === wanted.hash) return;
  throw damagedError(directory, `it ends at event ${wanted.seq}, its head says ${head?.seq ?? "nothing"}`);
}

export function pragmaNumber(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
