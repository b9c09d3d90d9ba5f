import { chmodSync, chownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { openSqliteReader } from "../../adapters/store/sqlite-reader.ts";
import { verifyChain } from "../../src/journal/verify.ts";

/**
 * A process that opens a journal which may only be read, and prints what became of it. Permissions do not hold root
 * back, so it gives root up; by then everything is loaded, as a checkout may be root's alone.
 */
const [directory = ""] = process.argv.slice(2);
const NOBODY = 65_534;

const files = readdirSync(directory).map((name) => join(directory, name));
const isRoot = process.getuid?.() === 0;
if (isRoot) for (const path of [directory, ...files]) chownSync(path, NOBODY, NOBODY);
for (const file of files) chmodSync(file, 0o444);
chmodSync(directory, 0o555);
if (isRoot) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}

const user = process.getuid?.();
const written = await openAndClose();
const read = await verifyChain(openSqliteReader({ directory }));
chmodSync(directory, 0o755);
console.log(JSON.stringify({ user, written, read }));

async function openAndClose(): Promise<unknown> {
  try {
    await openSqliteStore({ directory }).close();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return "it was opened";
}
