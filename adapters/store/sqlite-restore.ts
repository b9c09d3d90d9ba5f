import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../src/errors.ts";
import { GENESIS_HASH, type Head, type StoredEvent } from "../../src/journal/store.ts";
import { journalFile, openDatabase } from "./sqlite-database.ts";
import { guarded, isConstraint, storeError } from "./sqlite-errors.ts";
import { prepareInsert } from "./sqlite-events.ts";

const MAX_BYTES = 8 * 1024 ** 3;

/**
 * Makes a journal of events that were sealed before, exactly as they are. It is written beside and put in its place
 * when all of it stands: what `events` throws, and a crash, leave nothing. Throws AppError, `wrong-state` where a
 * journal is already.
 */
export async function restoreSqliteJournal(directory: string, events: AsyncIterable<StoredEvent>): Promise<Head> {
  refuseExisting(directory);
  const beside = guarded(directory, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return mkdtempSync(join(directory, "restoring-"));
  });
  try {
    const head = await fill(beside, events);
    refuseExisting(directory);
    guarded(directory, () => renameSync(journalFile(beside), journalFile(directory)));
    return head;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

async function fill(directory: string, events: AsyncIterable<StoredEvent>): Promise<Head> {
  const { db, close } = openDatabase(directory, MAX_BYTES);
  try {
    db.exec("BEGIN IMMEDIATE");
    const insert = prepareInsert(db);
    let head: Head = { seq: 0, hash: GENESIS_HASH };
    for await (const event of events) {
      insertOnce(insert, event);
      head = { seq: event.seq, hash: event.hash };
    }
    db.prepare("UPDATE head SET seq = ?, hash = ?").run(head.seq, head.hash);
    db.exec("COMMIT");
    return head;
  } catch (error) {
    throw storeError(directory, error);
  } finally {
    // What was not committed is gone with it, and the last of the log goes into the file.
    close();
  }
}

/** Two events with one key are a chain that holds, and no journal: the second would be something done twice. */
function insertOnce(insert: (event: StoredEvent) => void, event: StoredEvent): void {
  try {
    insert(event);
  } catch (error) {
    if (!isConstraint(error)) throw error;
    throw new AppError({
      code: "store-damaged",
      summary: `The backup is damaged at event ${event.seq}: its key ${event.key.slice(0, 100)} stands there before.`,
      hint: "Nothing was restored, and this file cannot be. Restore an older backup, or take another from the journal.",
      cause: error,
    });
  }
}

/** The parts beside the file count too: SQLite would mix them with another file of that name. */
function refuseExisting(directory: string): void {
  const file = journalFile(directory);
  if (![file, `${file}-wal`, `${file}-shm`].some((path) => existsSync(path))) return;
  throw new AppError({
    code: "wrong-state",
    summary: `There is a journal in ${directory} already; nothing was restored.`,
    hint: "Restore into an empty directory, and start Muster with it.",
  });
}
