/** What came over the wire. Bulk and simple strings are both text: the lab stores nothing binary. */
export type RespValue = string | number | null | RespError | RespValue[];

export class RespError extends Error {
  /** The first word: READONLY, NOREPLICAS, ERR … */
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = "RespError";
    this.code = message.split(" ", 1)[0] ?? "ERR";
  }
}

export interface RespParser {
  /** Feeds bytes; calls back once per complete value with the number of bytes that it took. Throws on nonsense. */
  push(chunk: Buffer): void;
}

const MAX_LINE_BYTES = 64 * 1024;
const MAX_ITEMS = 100_000;

/** An incremental parser of the Redis protocol, version 2, and of inline commands when `inline` is set. */
export function createRespParser(
  onValue: (value: RespValue, bytes: number) => void,
  { maxBulkBytes = 1024 * 1024, inline = false }: { maxBulkBytes?: number; inline?: boolean } = {},
): RespParser {
  let pending: Buffer = Buffer.alloc(0);

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      let offset = 0;
      while (offset < pending.length) {
        const parsed = parseValue(pending, offset, { maxBulkBytes, inline });
        if (!parsed) break;
        onValue(parsed.value, parsed.end - offset);
        offset = parsed.end;
      }
      pending = pending.subarray(offset);
    },
  };
}

interface Limits {
  maxBulkBytes: number;
  inline: boolean;
}

/** One value from `offset`, or undefined when its bytes have not all come yet. */
function parseValue(bytes: Buffer, offset: number, limits: Limits): { value: RespValue; end: number } | undefined {
  const lineEnd = bytes.indexOf("\r\n", offset);
  if (lineEnd < 0) {
    if (bytes.length - offset > MAX_LINE_BYTES) throw new Error("A protocol line is too long.");
    return undefined;
  }
  const line = bytes.toString("utf8", offset + 1, lineEnd);
  const afterLine = lineEnd + 2;
  switch (String.fromCharCode(bytes[offset]!)) {
    case "+":
      return { value: line, end: afterLine };
    case "-":
      return { value: new RespError(line), end: afterLine };
    case ":":
      return { value: Number(line), end: afterLine };
    case "$":
      return parseBulk(bytes, afterLine, boundedCount(line, limits.maxBulkBytes));
    case "*":
      return parseArray(bytes, afterLine, boundedCount(line, MAX_ITEMS), limits);
    default:
      if (!limits.inline) throw new Error("Not the Redis protocol.");
      return { value: bytes.toString("utf8", offset, lineEnd).split(/\s+/).filter(Boolean), end: afterLine };
  }
}

function boundedCount(text: string, maximum: number): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < -1 || count > maximum)
    throw new Error(`A length of ${text} is not accepted.`);
  return count;
}

function parseBulk(bytes: Buffer, start: number, length: number): { value: RespValue; end: number } | undefined {
  if (length < 0) return { value: null, end: start };
  if (bytes.length < start + length + 2) return undefined;
  return { value: bytes.toString("utf8", start, start + length), end: start + length + 2 };
}

function parseArray(
  bytes: Buffer,
  start: number,
  count: number,
  limits: Limits,
): { value: RespValue; end: number } | undefined {
  if (count < 0) return { value: null, end: start };
  const items: RespValue[] = [];
  let end = start;
  for (let index = 0; index < count; index++) {
    if (end >= bytes.length) return undefined;
    const item = parseValue(bytes, end, { ...limits, inline: false });
    if (!item) return undefined;
    items.push(item.value);
    end = item.end;
  }
  return { value: items, end };
}
