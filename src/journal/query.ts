import type { JournalQuery } from "../core.ts";
import type { DomainEvent } from "../events.ts";
import type { Journal } from "./journal.ts";

const MOST = 1_000;
const BATCH = 1_000;

/**
 * Events that match, oldest first. With `after` it reads forward from there; without, it gives the latest ones.
 * `kind` may be a whole kind or its domain ("step", "step.failed").
 */
export async function queryJournal(journal: Pick<Journal, "read">, query: JournalQuery): Promise<DomainEvent[]> {
  const limit = Math.min(query.limit ?? MOST, MOST);
  const found: DomainEvent[] = [];
  let after = query.after ?? 0;
  for (;;) {
    const batch = await journal.read({ after, limit: BATCH });
    const last = batch.at(-1);
    if (!last) return found;
    for (const event of batch) {
      if (!matches(event, query)) continue;
      found.push(event);
      if (found.length > limit) {
        if (query.after !== undefined) return found.slice(0, limit);
        found.shift();
      }
    }
    after = last.seq;
  }
}

function matches(event: DomainEvent, { run, kind }: JournalQuery): boolean {
  if (kind !== undefined && event.kind !== kind && !event.kind.startsWith(`${kind}.`)) return false;
  return run === undefined || (event.data as { runId?: string }).runId === run;
}
