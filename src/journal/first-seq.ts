import type { Journal } from "./journal.ts";

const PAGE = 1_000;

/**
 * After which event somebody who is told for the first time begins: just before the open incident began, else at the
 * head. Nobody wants to be told of last year's.
 */
export async function firstSeq(journal: Pick<Journal, "load" | "read">): Promise<number> {
  const { openIncidentId, incidents, seq } = await journal.load();
  const startedAt = openIncidentId && incidents[openIncidentId]?.startedAt;
  if (!startedAt) return seq;
  for (let after = 0; ; ) {
    const page = await journal.read({ after, limit: PAGE });
    const first = page.find(({ at }) => at >= startedAt);
    if (first) return first.seq - 1;
    const last = page.at(-1);
    if (!last) return seq;
    after = last.seq;
  }
}
