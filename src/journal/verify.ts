import type { AuditResult } from "../core.ts";
import { checkEvent } from "./chain.ts";
import { GENESIS_HASH, type Head, type JournalStore, type StoredEvent } from "./store.ts";

const BATCH = 1_000;

/**
 * Recomputes the chain from the first event to the head as it stood at the call, and names the first event
 * that does not hold. Events appended meanwhile are left to the next call.
 */
export async function verifyChain(journal: Pick<JournalStore, "read" | "head">): Promise<AuditResult> {
  const head = await journal.head();
  const check = createChainCheck();
  let last: Head = { seq: 0, hash: GENESIS_HASH };
  const bad = (seq: number, reason: string): AuditResult => ({
    ok: false,
    events: last.seq,
    head,
    firstBad: { seq, reason },
  });
  while (last.seq < head.seq) {
    const batch = await journal.read({ after: last.seq, limit: BATCH });
    if (batch.length === 0) return bad(last.seq + 1, `it is missing, and the head says that there are ${head.seq}`);
    for (const event of batch) {
      if (last.seq === head.seq) break;
      const reason = check(event);
      if (reason !== undefined) return bad(event.seq, reason);
      last = { seq: event.seq, hash: event.hash };
    }
  }
  if (last.hash !== head.hash) return bad(last.seq, "the head carries another hash");
  const [beyond] = await journal.read({ after: head.seq, limit: 1 });
  // Appended meanwhile, unless the head has not moved.
  if (beyond && (await journal.head()).seq === head.seq) return bad(beyond.seq, "it stands after the head");
  return { ok: true, events: last.seq, head };
}

/** Looks at events in their order, from the first on, and says why one does not hold; undefined while all do. */
export function createChainCheck(): (event: StoredEvent) => string | undefined {
  const versions = new Map<string, number>();
  let last: Head = { seq: 0, hash: GENESIS_HASH };
  return (event) => {
    const reason = checkEvent(event, last) ?? checkVersion(event, versions);
    last = { seq: event.seq, hash: event.hash };
    return reason;
  };
}

function checkVersion(event: StoredEvent, versions: Map<string, number>): string | undefined {
  const expected = (versions.get(event.stream) ?? 0) + 1;
  if (event.version !== expected) return `version ${expected} of its stream ${event.stream} is missing`;
  versions.set(event.stream, event.version);
  return undefined;
}
