import type { JournalQuery } from "../core.ts";
import type { DomainEvent } from "../events.ts";
import type { Journal } from "./journal.ts";

const MOST = 1_000;
const BATCH = 1_000;

/**
 * Events that match, oldest first. With `after` it reads forward from there; without, it gives the latest ones, and
 * reads no further back than it must. `kind` may be a whole kind or its domain ("step", "step.failed").
 */
export async function queryJournal(
  journal: Pick<Journal, "read" | "known">,
  query: JournalQuery,
): Promise<DomainEvent[]> {
  const limit = Math.min(query.limit ?? MOST, MOST);
  return query.after === undefined ? await latest(journal, query, limit) : await forward(journal, query, limit);
}

async function forward(journal: Pick<Journal, "read">, query: JournalQuery, limit: number): Promise<DomainEvent[]> {
  const found: DomainEvent[] = [];
  let after = query.after ?? 0;
  while (found.length < limit) {
    const batch = await journal.read({ after, limit: BATCH });
    const last = batch.at(-1);
    if (!last) break;
    found.push(...batch.filter((event) => matches(event, query)));
    after = last.seq;
  }
  return found.slice(0, limit);
}

async function latest(
  journal: Pick<Journal, "read" | "known">,
  query: JournalQuery,
  limit: number,
): Promise<DomainEvent[]> {
  // Loading would refuse a store that lost events, and just then people want to read what there is.
  const known = journal.known().state.seq;
  const matching = async (from: number, upTo: number) =>
    (await between(journal, from, upTo)).filter((event) => matches(event, query));
  let found = await matching(known, Number.POSITIVE_INFINITY);
  for (let upTo = known; upTo > 0 && found.length < limit; upTo -= BATCH) {
    found = [...(await matching(Math.max(0, upTo - BATCH), upTo)), ...found];
  }
  return limit === 0 ? [] : found.slice(-limit);
}

/** A read may end early, and between two of an application's events may be some of others. */
async function between(journal: Pick<Journal, "read">, from: number, upTo: number): Promise<DomainEvent[]> {
  const found: DomainEvent[] = [];
  for (let after = from; after < upTo; ) {
    const batch = await journal.read({ after, limit: Math.min(BATCH, upTo - after) });
    const last = batch.at(-1);
    if (!last) break;
    found.push(...batch.filter(({ seq }) => seq <= upTo));
    after = last.seq;
  }
  return found;
}

function matches(event: DomainEvent, { run, kind }: JournalQuery): boolean {
  if (kind !== undefined && event.kind !== kind && !event.kind.startsWith(`${kind}.`)) return false;
  return run === undefined || (event.data as { runId?: string }).runId === run;
}
