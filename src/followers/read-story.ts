import type { DomainEvent } from "../events.ts";
import { eachBatch } from "../journal/each-batch.ts";
import type { Journal } from "../journal/journal.ts";

/**
 * The events that documents about an incident are made from, up to `upTo`. Of the samples from before it began, which a
 * year makes a million of, only the latest of each copy: nothing else is said of them, and they would not fit into memory.
 */
export async function readStory(
  journal: Pick<Journal, "read">,
  startedAt: string,
  upTo: number,
): Promise<DomainEvent[]> {
  const story: DomainEvent[] = [];
  const samples = new Map<string, DomainEvent>();
  let begun = false;
  await eachBatch(journal, 0, upTo, (batch) => {
    for (const event of batch) {
      begun ||= event.at >= startedAt;
      if (begun || event.kind !== "replication.sampled") story.push(event);
      else samples.set(`${event.data.store}/${event.data.target}`, event);
    }
  });
  return [...samples.values(), ...story].sort((one, other) => one.seq - other.seq);
}
