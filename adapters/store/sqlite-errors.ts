import { AppError } from "../../src/errors.ts";

// https://www.sqlite.org/rescode.html; the extended codes carry these in their lowest byte.
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const CONSTRAINT = 19;
const NOT_A_DATABASE = 26;

/** Runs `work` on the journal in `directory`, and says of every error of SQLite what it means for people. */
export function guarded<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(directory, error);
  }
}

export function storeError(directory: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = sqliteCode(error);
  if (code === FULL || nodeCode(error) === "ENOSPC" || nodeCode(error) === "EDQUOT") return fullError(directory, error);
  if (code === CORRUPT || code === NOT_A_DATABASE) return damagedError(directory, message(error), error);
  if (code === BUSY || code === LOCKED) return lockedError(directory, undefined, error);
  if (code === READONLY || code === CANNOT_OPEN || nodeCode(error) !== undefined) {
    return new AppError({
      code: "store-unavailable",
      summary: `The journal in ${directory} cannot be opened or written (${message(error)}).`,
      hint: "Give this user write access to the directory, or name another one with --data.",
      cause: error,
    });
  }
  return new AppError({
    code: "store-unavailable",
    summary: `The journal in ${directory} did not answer (${message(error)}).`,
    hint: "Look at the disk and at the log, and try again.",
    retryable: true,
    cause: error,
  });
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

export function isConstraint(error: unknown): boolean {
  return sqliteCode(error) === CONSTRAINT;
}

export function lockedError(directory: string, holder: string | undefined, cause?: unknown): AppError {
  return new AppError({
    code: "store-locked",
    summary: `Another process${holder ? ` (${holder})` : ""} is using the journal in ${directory}.`,
    hint: "If Muster is running there, ask it with `npm run dr -- status`; else end that process, or name another directory with --data.",
    retryable: true,
    cause,
  });
}

export function damagedError(directory: string, what: string, cause?: unknown): AppError {
  return new AppError({
    code: "store-damaged",
    summary: `The journal in ${directory} is damaged: ${what}.`,
    hint: "Keep a copy of the directory, then restore it from a backup, or begin anew with `npm run reset`.",
    cause,
  });
}

function fullError(directory: string, cause: unknown): AppError {
  return new AppError({
    code: "store-full",
    summary: `There is no room left for the journal in ${directory}; nothing was written.`,
    hint: "Free disk space and try again; what stands in the journal is intact.",
    retryable: true,
    cause,
  });
}

function sqliteCode(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
}

function nodeCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? code : undefined;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
