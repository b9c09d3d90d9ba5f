import type { DomainEvent } from "../events.ts";
import { eachBatch } from "../journal/each-batch.ts";
import type { Journal } from "../journal/journal.ts";
import type { AppState, IncidentState } from "../state.ts";
import { readStory } from "./read-story.ts";

type Reader = Pick<Journal, "read">;

const FIRST_STEP = 256;
/** Instances whose clocks differ write events whose times are not in their order. */
const SKEW_MS = 300_000;

/**
 * The events that the documents of an incident are made from: all from just before its first sign up to `upTo`, and
 * what was said last before that. Of an incident of which that is not known, all of the journal is read for it.
 */
export async function readIncident(
  journal: Reader,
  { landmarks }: Pick<AppState, "landmarks">,
  { incidentId, startedAt }: Pick<IncidentState, "incidentId" | "startedAt">,
  upTo: number,
): Promise<DomainEvent[]> {
  const { before: background, openedSeq = 0 } = landmarks.incidents[incidentId] ?? {};
  if (!background) return await readStory(journal, startedAt, upTo);
  const after = await beginning(journal, openedSeq, startedAt);
  const earlier: DomainEvent[] = [];
  for (const seq of background.filter((one) => one <= after)) {
    earlier.push(...(await journal.read({ after: seq - 1, limit: 1 })));
  }
  return [...earlier, ...(await collect(journal, after, upTo))];
}

/** After which event to read: back from where the incident was opened, in steps that grow. */
async function beginning(journal: Reader, openedSeq: number, startedAt: string): Promise<number> {
  const early = new Date(Date.parse(startedAt) - SKEW_MS).toISOString();
  for (let step = FIRST_STEP; ; step *= 2) {
    const after = Math.max(0, openedSeq - step);
    const [first] = after === 0 ? [] : await journal.read({ after, limit: 1 });
    if (!first || first.at < early) return after;
  }
}

async function collect(journal: Reader, after: number, upTo: number): Promise<DomainEvent[]> {
  const events: DomainEvent[] = [];
  await eachBatch(journal, after, upTo, (batch) => events.push(...batch));
  return events;
}
