import { hash as digest } from "node:crypto";
import { AppError } from "../errors.ts";
import type { Head, NewEvent, StoredEvent } from "./store.ts";

/** What an adapter keeps of an event beside its text: everything else is read out of the text. */
export type EventColumns = Pick<StoredEvent, "seq" | "stream" | "version" | "key" | "previousHash" | "hash" | "text">;

/** The place that an event is to have. */
type Seal = Pick<StoredEvent, "seq" | "stream" | "version" | "at" | "instance" | "previousHash"> & { event: NewEvent };

export const MAX_KEY_LENGTH = 500;
/** Of one event's text, in UTF-8 bytes. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** Makes the event that stands: its exact text, and the hash that ties it to the one before. */
export function sealEvent({ event, previousHash, ...place }: Seal): StoredEvent {
  const { key, kind, actor, data } = event;
  assertName("stream", place.stream);
  assertName("key", key);
  const text = eventText({ ...place, key, kind, actor, data });
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) {
    throw new AppError({
      code: "too-large",
      summary: `The event ${key} is larger than ${MAX_TEXT_BYTES} bytes.`,
      hint: "Shorten the text, or attach what is long as a file.",
    });
  }
  const { seq, stream, version } = place;
  return unsealEvent({ seq, stream, version, key, previousHash, hash: eventHash(previousHash, text), text });
}

/** The event as readers see it. Never throws: an unreadable text is what `checkSeal` is for. */
export function unsealEvent(columns: EventColumns): StoredEvent {
  const { at = "", instance = "", actor = "", kind = "", data } = parseText(columns.text);
  const { seq, stream, version, key, previousHash, hash, text } = columns;
  return { seq, stream, version, key, kind, data, actor, at, instance, previousHash, hash, text };
}

/** Why this event, looked at alone, is not what was sealed; undefined when it is. */
export function checkSeal(event: StoredEvent): string | undefined {
  if (eventHash(event.previousHash, event.text) !== event.hash) return "its text does not have its hash";
  if (eventText(event) !== event.text) return "its text disagrees with its columns";
  return undefined;
}

/** Why this event cannot follow `previous`; undefined when it does and is what was sealed. */
export function checkEvent(event: StoredEvent, previous: Head): string | undefined {
  if (event.seq !== previous.seq + 1) return `sequence ${previous.seq + 1} is missing`;
  if (event.previousHash !== previous.hash) return "it does not carry the hash of the event before it";
  return checkSeal(event);
}

/** The order of the names is part of the format: the hash is over exactly this text. */
function eventText(event: Omit<StoredEvent, "previousHash" | "hash" | "text">): string {
  const { seq, stream, version, at, instance, actor, kind, key, data } = event;
  return JSON.stringify({ seq, stream, version, at, instance, actor, kind, key, data });
}

function eventHash(previousHash: string, text: string): string {
  return digest("sha256", `${previousHash}\n${text}`, "hex");
}

function parseText(text: string): Partial<StoredEvent> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** Names become columns, where a lone surrogate would be stored as another character than in the text. */
function assertName(what: string, name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  if (name !== "" && name.length <= MAX_KEY_LENGTH && name.isWellFormed() && !/[\u0000-\u001f]/.test(name)) return;
  throw new AppError({
    code: "internal",
    summary: `An event's ${what} must be 1 to ${MAX_KEY_LENGTH} printable characters: ${JSON.stringify(name.slice(0, 80))}.`,
    hint: "This is a fault in Muster; please report it.",
  });
}
