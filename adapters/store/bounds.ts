import { AppError } from "../../src/errors.ts";
import { MAX_KEY_LENGTH } from "../../src/journal/chain.ts";
import type { AppendRequest } from "../../src/journal/store.ts";

/** One write is one transaction, and holds the head of the journal for its time. */
export const MAX_APPENDED_EVENTS = 1_000;
const MAX_VALUE_CHARACTERS = 64 * 1024;

/** What every store refuses before it asks its database. Throws AppError. */
export function assertAppendable({ events }: AppendRequest): void {
  if (events.length > MAX_APPENDED_EVENTS) {
    throw new AppError({
      code: "too-large",
      summary: `${events.length} events are more than fit into one write (${MAX_APPENDED_EVENTS}).`,
    });
  }
  const keys = events.map(({ key }) => key);
  if (new Set(keys).size === keys.length) return;
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  throw new AppError({
    code: "internal",
    summary: `The key ${repeated} occurs twice in one write; nothing was written.`,
    hint: "This is a fault in Muster; please report it.",
  });
}

/** Throws AppError. */
export function assertSmallRecord(key: string, value: string): void {
  if (key.length <= MAX_KEY_LENGTH && value.length <= MAX_VALUE_CHARACTERS) return;
  throw new AppError({
    code: "too-large",
    summary: `The record ${key.slice(0, 80)} is over ${MAX_VALUE_CHARACTERS} characters, or its key over ${MAX_KEY_LENGTH}.`,
    hint: "Records are for cursors and ids; facts belong into events.",
  });
}

/** The journal's schema is of a Muster that this one does not know; `where` says which journal. */
export function newerSchemaError(where: string, version: number, known: number): AppError {
  return new AppError({
    code: "store-unavailable",
    summary: `The journal ${where} was written by a newer Muster (schema ${version}, this one knows ${known}).`,
    hint: "Use the version of Muster that wrote it, or a newer one.",
  });
}
