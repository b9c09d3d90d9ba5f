import { setImmediate } from "node:timers/promises";
import type { DomainEvent } from "../events.ts";
import type { Journal } from "./journal.ts";

const BATCH = 1_000;

/** Hands on all events up to one, in batches; a long journal leaves the others their turns between them. */
export async function eachBatch(
  journal: Pick<Journal, "read">,
  from: number,
  upTo: number,
  handle: (batch: DomainEvent[]) => void,
): Promise<void> {
  for (let after = from; after < upTo; ) {
    const batch = await journal.read({ after, limit: BATCH });
    const last = batch.at(-1);
    if (!last) return;
    handle(batch.filter(({ seq }) => seq <= upTo));
    after = last.seq;
    if (after < upTo) await setImmediate();
  }
}
