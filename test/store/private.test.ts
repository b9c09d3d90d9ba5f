import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { openSqliteReader } from "../../adapters/store/sqlite-reader.ts";
import { restoreSqliteJournal } from "../../adapters/store/sqlite-restore.ts";
import { backUp, restore } from "../../src/cli/backup.ts";
import { backupLines } from "../../src/journal/backup.ts";
import { writeDocuments } from "../../src/reports/write.ts";
import { journalFixture } from "../helpers/journals.ts";

let root: string;
let data: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-private-"));
  // As somebody made it who did not think of it.
  data = join(root, "data");
  mkdirSync(data);
  chmodSync(data, 0o755);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const journalParts = () => readdirSync(data).filter((name) => name.startsWith("journal.db"));

/** With a record, so that there is a log beside the file. */
async function open() {
  const store = openSqliteStore({ directory: data });
  await store.setRecord("session-secret", "not for others");
  return store;
}

describe("what others on the machine may read", () => {
  it("is nothing of the journal, which holds what sessions are made with", async () => {
    const store = await open();
    expect(journalParts()).toContain("journal.db-wal");
    for (const name of journalParts()) expect([name, modeOf(join(data, name))]).toEqual([name, "600"]);
    await store.close();
  });

  it("is nothing of a journal that was open to them; what a group may stays", async () => {
    await (await open()).close();
    chmodSync(join(data, "journal.db"), 0o644);
    const store = await open();
    for (const name of journalParts()) expect([name, modeOf(join(data, name))]).toEqual([name, "640"]);
    await store.close();
  });

  it("is nothing of a restored journal", async () => {
    await restore(journalFixture("0.1.0-complete"), data, restoreSqliteJournal);
    expect(modeOf(join(data, "journal.db"))).toBe("600");
  });

  it.each([
    ["a file that lay there", (path: string) => writeFileSync(path, "x", { mode: 0o666 })],
    ["a link that leads elsewhere", (path: string) => symlinkSync(join(root, "elsewhere"), path)],
  ])("is nothing of a backup, also when its first name is taken by %s", async (_, take) => {
    await restore(journalFixture("0.1.0-complete"), data, restoreSqliteJournal);
    const reader = openSqliteReader({ directory: data });
    const file = join(root, "backup");
    take(`${file}.partial`);
    await backUp(file, backupLines(reader));
    expect(modeOf(file)).toBe("600");
    expect(existsSync(join(root, "elsewhere"))).toBe(false);
    await reader.close();
  });

  it("is nothing of an incident's documents, the journal's events among them", async () => {
    await writeDocuments(join(root, "reports"), "inc-1", [{ name: "events.jsonl", text: "{}\n" }]);
    expect(modeOf(join(root, "reports", "inc-1"))).toBe("700");
  });
});
