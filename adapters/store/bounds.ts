import { AppError } from "../../src/errors.ts";
import type { AppendRequest } from "../../src/journal/store.ts";

/** One write is one transaction, and holds the head of the journal for its time. */
export const MAX_APPENDED_EVENTS = 1_000;

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
