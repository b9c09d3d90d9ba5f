import { randomBytes } from "node:crypto";
import { encodeCommand } from "../resp/encode.ts";

/** Which history this copy follows, and how far it has come in it: replication ids and offsets as Redis keeps them. */
export interface History {
  id(): string;
  offset(): number;
  /** The history before the promotion, valid up to `secondOffset`. */
  secondId(): string;
  secondOffset(): number;
  /** A primary's own write: counts it and answers its bytes. */
  append(parts: (string | number)[]): Buffer;
  /** A replica's received bytes. */
  receive(bytes: Buffer): void;
  /** A replica takes over its primary's history. */
  adopt(id: string, offset: number): void;
  /** A promotion: a new history begins where the old one ends. */
  fork(): void;
  /** What a replica that stands at `offset` of `id` lacks; undefined when only a full copy helps. */
  since(id: string, offset: number): Buffer | undefined;
}

const NO_ID = "0".repeat(40);
const BACKLOG_BYTES = 1024 * 1024;

export function createHistory(): History {
  let id = newId();
  let offset = 0;
  let secondId = NO_ID;
  let secondOffset = -1;
  /** The latest bytes of the stream, ending at `offset`. */
  let backlog: Buffer = Buffer.alloc(0);

  function grow(bytes: Buffer): void {
    offset += bytes.length;
    backlog = Buffer.concat([backlog, bytes]);
    if (backlog.length > 2 * BACKLOG_BYTES) backlog = Buffer.from(backlog.subarray(-BACKLOG_BYTES));
  }

  return {
    id: () => id,
    offset: () => offset,
    secondId: () => secondId,
    secondOffset: () => secondOffset,
    append(parts) {
      const bytes = encodeCommand(parts);
      grow(bytes);
      return bytes;
    },
    receive: grow,
    adopt(newHistory, at) {
      if (newHistory !== id || at !== offset) backlog = Buffer.alloc(0);
      id = newHistory;
      offset = at;
      secondId = NO_ID;
      secondOffset = -1;
    },
    fork() {
      secondId = id;
      secondOffset = offset + 1;
      id = newId();
    },
    since(wantedId, at) {
      const known = wantedId === id || (wantedId === secondId && at < secondOffset);
      const lacking = offset - at;
      if (!known || lacking < 0 || lacking > backlog.length) return undefined;
      return backlog.subarray(backlog.length - lacking);
    },
  };
}

function newId(): string {
  return randomBytes(20).toString("hex");
}
