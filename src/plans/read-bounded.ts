import { readFile, stat } from "node:fs/promises";
import { AppError, type ErrorCode } from "../errors.ts";
import { largestFileBytes } from "./source.ts";

interface Wanted {
  /** What people call it: "plan file". */
  what: string;
  code: ErrorCode;
  /** Which setting names it. */
  hint: string;
}

/** The text of a file that somebody wrote. Throws AppError with the given code and hint; a larger one is not read. */
export async function readBounded(path: string, { what, code, hint }: Wanted): Promise<string> {
  const refuse = (summary: string, cause?: unknown) => new AppError({ code, summary, hint, cause });
  const found = await stat(path).catch((cause: unknown) => {
    throw refuse(`There is no ${what} ${path}.`, cause);
  });
  if (!found.isFile()) throw refuse(`${path} is not a file.`);
  if (found.size > largestFileBytes) throw refuse(`${path} is larger than ${largestFileBytes / 1024} KiB.`);
  return await readFile(path, "utf8").catch((cause: unknown) => {
    throw refuse(`The ${what} ${path} cannot be read.`, cause);
  });
}
