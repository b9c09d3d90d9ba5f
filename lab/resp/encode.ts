/** One command as Redis expects it from a client: an array of bulk strings. */
export function encodeCommand(parts: readonly (string | number)[]): Buffer {
  const pieces = [`*${parts.length}\r\n`];
  for (const part of parts) {
    const text = String(part);
    pieces.push(`$${Buffer.byteLength(text)}\r\n${text}\r\n`);
  }
  return Buffer.from(pieces.join(""));
}

/** A reply that a Redis server gives. `Simple` and `Failure` mark what would otherwise be a bulk string. */
export type Reply = Simple | Failure | string | number | null | Reply[];
export interface Simple {
  simple: string;
}
export interface Failure {
  error: string;
}

export const OK: Simple = { simple: "OK" };

export function failure(error: string): Failure {
  return { error };
}

export function encodeReply(reply: Reply): string {
  if (reply === null) return "$-1\r\n";
  if (typeof reply === "number") return `:${reply}\r\n`;
  if (typeof reply === "string") return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(encodeReply).join("")}`;
  return "simple" in reply ? `+${reply.simple}\r\n` : `-${reply.error}\r\n`;
}
