import { createReadStream, existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { AppError } from "../errors.ts";
import { readBackup } from "../journal/backup.ts";
import type { Head, StoredEvent } from "../journal/store.ts";

/** What `dr` does beside the commands: files on this machine, which no chat may name. */
export const FILE_VERBS: readonly [usage: string, text: string][] = [
  ["backup <file>", "write the whole journal to a file, from the server or with --data from a directory"],
  ["restore <file> --data <dir>", "make a journal of a backup, where there is none; checks every event first"],
  ["import <file>", "as a commander: take in what a run without a server wrote down (docs/offline.md)"],
];

export type Restore = (directory: string, events: AsyncIterable<StoredEvent>) => Promise<Head>;

export interface FileVerb {
  verb: "backup" | "restore";
  file: string;
}

/** The file's name when the words ask for one of these verbs. Throws AppError when it is missing. */
export function fileVerb(words: readonly string[]): FileVerb | undefined {
  const [verb, file, ...rest] = words;
  if (verb !== "backup" && verb !== "restore") return undefined;
  if (file !== undefined && rest.length === 0) return { verb, file };
  throw new AppError({ code: "bad-input", summary: `"${verb}" takes one file.`, hint: `Usage: dr ${verb} <file>` });
}

/** Writes beside the file and moves it there when every event has been checked: there is no half backup. */
export async function backUp(file: string, source: AsyncIterable<string | Uint8Array>): Promise<Head> {
  if (existsSync(file)) throw exists(file);
  const partial = `${file}.partial`;
  try {
    // Not what lies there already: that may be somebody else's to read, or lead elsewhere.
    await rm(partial, { force: true });
    const output = await open(partial, "wx", 0o600);
    let head: Head | undefined;
    try {
      const copied = (async function* () {
        for await (const chunk of source) {
          await output.appendFile(chunk);
          yield chunk;
        }
      })();
      for await (const { seq, hash } of readBackup(copied)) head = { seq, hash };
      await output.sync();
    } finally {
      await output.close();
    }
    await rename(partial, file);
    return head ?? { seq: 0, hash: "" };
  } catch (error) {
    await rm(partial, { force: true });
    throw fileError(error, file);
  }
}

/** Throws AppError that names the first event that does not hold; nothing is restored then. */
export async function restore(file: string, directory: string | undefined, into: Restore | undefined): Promise<Head> {
  if (directory === undefined) {
    const hint = `For example: dr restore ${file} --data .muster`;
    throw new AppError({ code: "bad-input", summary: "Where to restore to was not said.", hint });
  }
  if (!into) throw new Error("this build cannot restore a journal");
  return into(directory, readBackup(readFile(file)));
}

/** What is wrong with this file must not be taken for something wrong with the journal. */
async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file);
  } catch (error) {
    throw fileError(error, file);
  }
}

function exists(file: string): AppError {
  return new AppError({
    code: "wrong-state",
    summary: `${file} exists already; nothing was written.`,
    hint: "Name another file.",
  });
}

function fileError(error: unknown, file: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof AppError || !/^E[A-Z]+$/.test(code)) return error;
  const summary = `${file} cannot be read or written (${code}).`;
  return new AppError({ code: "bad-input", summary, hint: "Check the path and who may use it.", cause: error });
}
