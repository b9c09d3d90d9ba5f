import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { isBusy, lockedError, storeError } from "./sqlite-errors.ts";
import { checkIntegrity, checkSchema, migrate, pragmaNumber } from "./sqlite-schema.ts";

/** Of a new file. Every page that an append touches is written whole, and its events are a few hundred bytes each. */
const PAGE_BYTES = 2048;
/** Somebody who only reads holds the file for milliseconds: worth waiting for, another server is not. */
const LOCK_TIMEOUT_MS = 1_000;
/** A full check of this much takes a fraction of a second; larger journals are checked page by page as they are read. */
const CHECKED_BYTES = 128 * 1024 * 1024;
const WAL_BYTES = 64 * 1024 * 1024;

export interface Database {
  db: DatabaseSync;
  close(): void;
}

/** No other code may open this file in this process: closing it would drop SQLite's locks (POSIX advisory locks). */
export function journalFile(directory: string): string {
  return join(directory, "journal.db");
}

/** The journal for the one process that writes it. Throws AppError; leaves nothing open then. */
export function openDatabase(directory: string, maxBytes: number): Database {
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    assertWritable(directory);
    keepFromOthers(directory);
    db = new DatabaseSync(journalFile(directory), { timeout: LOCK_TIMEOUT_MS });
    configure(db, maxBytes);
    migrate(db, directory);
    if (statSync(journalFile(directory)).size <= CHECKED_BYTES) checkIntegrity(db, directory);
    // Whoever held a lease has ended, for the file was free: nobody need wait for what it held. Epochs stay.
    db.exec("UPDATE leases SET expires_at_ms = 0 WHERE expires_at_ms > 0");
    noteHolder(directory);
    return { db, close: () => closeDatabase(db as DatabaseSync, directory) };
  } catch (error) {
    db?.close();
    throw isBusy(error) ? lockedError(directory, readHolder(directory), error) : storeError(directory, error);
  }
}

/**
 * The journal for reading only, while no server runs. Held as short as possible: a server that starts
 * meanwhile waits for it. `undefined` when there is no journal.
 */
export function withReadOnly<T>(directory: string, work: (db: DatabaseSync) => T): T | undefined {
  let db: DatabaseSync | undefined;
  try {
    if (statSync(journalFile(directory), { throwIfNoEntry: false }) === undefined) return undefined;
    db = new DatabaseSync(readOnlyLocation(directory), { readOnly: true, timeout: LOCK_TIMEOUT_MS });
    return checkSchema(db, directory) === 0 ? undefined : work(db);
  } catch (error) {
    throw isBusy(error) ? lockedError(directory, readHolder(directory), error) : storeError(directory, error);
  } finally {
    db?.close();
  }
}

/** `locking_mode` comes first: the lock is taken with the first look at the file and kept until the end. */
function configure(db: DatabaseSync, maxBytes: number): void {
  db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
    PRAGMA journal_size_limit = ${WAL_BYTES}`);
  db.exec(`PRAGMA max_page_count = ${Math.ceil(maxBytes / pragmaNumber(db, "page_size"))}`);
}

/** SQLite would open a file that it cannot write, and fail later with words about something else. */
function assertWritable(directory: string): void {
  const paths = [directory, journalFile(directory)].filter((path) => existsSync(path));
  for (const path of paths) accessSync(path, constants.R_OK | constants.W_OK);
}

/**
 * Sessions can be made with what is in it, so that nobody else on this machine may read it, also where the directory
 * is open to all. SQLite gives its other parts the file's own mode. What a group may is left to whoever has said so.
 */
function keepFromOthers(directory: string): void {
  const file = journalFile(directory);
  // Opened only where there is none: to close one that is open here would drop SQLite's locks.
  unlessRefused(() => closeSync(openSync(file, "wx", 0o600)));
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    if (mode & 0o007) unlessRefused(() => chmodSync(path, mode & 0o770));
  }
}

/** Whoever owns the file, or what it lies on, may not allow it; Muster starts all the same. */
function unlessRefused(work: () => void): void {
  try {
    work();
  } catch {
    // SQLite says what is wrong where something is.
  }
}

/** Where nothing may be written, not even SQLite's own index, a journal that was closed in order is read as it is. */
function readOnlyLocation(directory: string): string | URL {
  const file = journalFile(directory);
  try {
    accessSync(directory, constants.W_OK);
    return file;
  } catch {
    return existsSync(`${file}-wal`) ? file : new URL(`${pathToFileURL(file).href}?immutable=1`);
  }
}

function closeDatabase(db: DatabaseSync, directory: string): void {
  rmSync(holderFile(directory), { force: true });
  db.close();
}

/** Who holds the lock, for the message that others get; the lock itself is SQLite's. */
function noteHolder(directory: string): void {
  try {
    writeFileSync(holderFile(directory), `process ${process.pid}, since ${new Date().toISOString()}`);
  } catch {
    // A message without a process id is better than no start.
  }
}

function readHolder(directory: string): string | undefined {
  try {
    return readFileSync(holderFile(directory), "utf8").slice(0, 100);
  } catch {
    return undefined;
  }
}

function holderFile(directory: string): string {
  return join(directory, "journal.holder");
}
