import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { readFlags, tellUsage } from "../src/cli/usage.ts";
import { AppError, reportError } from "../src/errors.ts";
import { attachLab, isAlive } from "./client.ts";
import { DEFAULT_DATA } from "./defaults.ts";
import { labPaths } from "./world/files.ts";

/** `npm run reset`: deletes a data directory, journal and lab, after asking. */
try {
  const argv = process.argv.slice(2);
  process.exitCode = tellUsage("reset", argv) ? 0 : await reset(argv);
} catch (error) {
  const { summary, hint } = reportError(error);
  console.error([summary, hint].filter(Boolean).join("\n"));
  process.exitCode = 1;
}

async function reset(argv: string[]): Promise<number> {
  const { values } = readFlags("reset", argv, { data: { type: "string" }, yes: { type: "boolean" } });
  const data = resolve(values.data ?? process.env.MUSTER_DATA ?? DEFAULT_DATA);
  if (!existsSync(data)) {
    console.log(`There is nothing to delete: ${data} does not exist.`);
    return 0;
  }
  refuseForeign(data);
  await refuseRunning(data);
  if (!values.yes && !(await confirmed(data))) {
    console.error("Nothing was deleted.");
    return 1;
  }
  await (await attachLab(data))?.stop();
  rmSync(data, { recursive: true, force: true });
  console.log(`${data} is deleted. \`npm start\` begins anew.`);
  return 0;
}

/** A slip in --data must not delete somebody's home. */
function refuseForeign(data: string): void {
  if (existsSync(labPaths(data).lab)) return;
  throw new AppError({
    code: "bad-input",
    summary: `${data} is not a data directory of Muster with its lab: nothing was deleted.`,
    hint: "Name it with --data, or delete it by hand.",
  });
}

async function refuseRunning(data: string): Promise<void> {
  const at = await answeringAt(data);
  if (!at && !(await journalIsHeld(data))) return;
  throw new AppError({
    code: "wrong-state",
    summary: `Muster is running on ${data}${at ? `, at ${at}` : ""}: nothing was deleted.`,
    hint: "End it first (Ctrl-C where `npm start` runs).",
  });
}

/** Where the server that `npm start` had started answers, if it does. */
async function answeringAt(data: string): Promise<string | undefined> {
  try {
    const { pid, url } = JSON.parse(readFileSync(join(data, "lab", "server.json"), "utf8")) as {
      pid: number;
      url: string;
    };
    // The number may belong to another program by now: only a server that answers is one.
    if (!isAlive(pid)) return undefined;
    await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) });
    return url;
  } catch {
    return undefined;
  }
}

/** A server holds its journal exclusively, however it was started. */
async function journalIsHeld(data: string): Promise<boolean> {
  const path = join(data, "journal.db");
  if (!existsSync(path)) return false;
  const { DatabaseSync } = await import("node:sqlite");
  let journal: InstanceType<typeof DatabaseSync> | undefined;
  try {
    journal = new DatabaseSync(path, { readOnly: true });
    journal.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (error) {
    // A damaged journal is a reason to begin anew, not to refuse it.
    return (error as Error).message.includes("locked");
  } finally {
    journal?.close();
  }
}

async function confirmed(data: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new AppError({
      code: "bad-input",
      summary: `Deleting ${data} needs a yes, and nobody can be asked here: nothing was deleted.`,
      hint: "npm run reset -- --yes",
    });
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await asking.question(`Delete ${data} with its journal, incidents and the lab? [y/N] `);
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
}
