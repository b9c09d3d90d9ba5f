import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreSqliteJournal } from "../../adapters/store/sqlite-restore.ts";
import { readBackup } from "../../src/journal/backup.ts";

const FOLDER = join(import.meta.dirname, "..", "fixtures", "journals");

export const journalFixture = (name: string): string => join(FOLDER, `${name}.jsonl`);

/** A data directory with the journal that an older version left, event for event. */
export async function restoreFixture(name: string): Promise<{ directory: string; remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), "muster-journal-"));
  await restoreSqliteJournal(directory, readBackup(createReadStream(journalFixture(name))));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
