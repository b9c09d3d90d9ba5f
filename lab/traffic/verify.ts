import type { RespClient } from "../resp/client.ts";
import type { Era } from "../world/state.ts";
import type { Acknowledged } from "./ledger.ts";

export interface Verification {
  /** The region whose Redis was read. */
  primary: string;
  /** How many acknowledged records were looked for. */
  acknowledged: number;
  /** Acknowledged by the primary of its time, and not there now. */
  lost: Missing;
  /** Acknowledged by a Redis that was no longer the primary: `count` of them, `missing` not there now. */
  splitBrain: { count: number; missing: number; firstAt?: string; lastAt?: string };
  /** The numbers behind the counts; bounded, and enough for a rehearsal. */
  records: {
    lost: number[];
    /** Of `splitBrain.missing`. */
    stale: number[];
    /** Written without an answer: a primary may have taken them or not. */
    unanswered: number[];
  };
}

export interface Missing {
  count: number;
  firstAt?: string;
  lastAt?: string;
  spanSeconds: number;
}

/** Records expire after 15 minutes; those that may have are not looked for. */
const READABLE_FOR_MS = 870_000;
const BATCH = 500;
const MOST_NUMBERS = 5_000;
/** A promotion is seen within this time after it happened. */
const SEEN_WITHIN_MS = 1500;

/** Reads every acknowledged record back from the primary. */
export async function verify(
  records: readonly Acknowledged[],
  eras: readonly Era[],
  primary: { region: string; client: RespClient },
  now: number,
  unanswered: readonly number[] = [],
): Promise<Verification> {
  const readable = records.filter(({ at }) => now - at < READABLE_FOR_MS);
  const missing = new Set<number>();
  for (let start = 0; start < readable.length; start += BATCH) {
    const batch = readable.slice(start, start + BATCH);
    const values = await primary.client.command("MGET", ...batch.map(({ record }) => `record:${record}`));
    if (!Array.isArray(values)) throw new Error("The primary did not answer MGET with a list.");
    batch.forEach(({ record }, index) => {
      if (values[index] === null) missing.add(record);
    });
  }
  return classify(readable, exactEras(readable, eras), primary.region, missing, unanswered);
}

/** A promotion is seen a moment after it happened; the first acknowledgement by the new primary says when. */
export function exactEras(records: readonly Acknowledged[], eras: readonly Era[]): Era[] {
  return eras.map((era, index) => {
    if (index === 0) return era;
    const first = records.find(({ primary, at }) => primary === era.region && at >= era.since - SEEN_WITHIN_MS);
    return first && first.at < era.since ? { region: era.region, since: first.at } : era;
  });
}

export function classify(
  records: readonly Acknowledged[],
  eras: readonly Era[],
  primary: string,
  missing: ReadonlySet<number>,
  unanswered: readonly number[] = [],
): Verification {
  const eraAt = (at: number) => eras.findLast(({ since }) => since <= at) ?? eras[0];
  const stale = records.filter((one) => eraAt(one.at)?.region !== one.primary);
  const staleRecords = new Set(stale.map(({ record }) => record));
  const lost = records.filter(({ record }) => missing.has(record) && !staleRecords.has(record));
  return {
    primary,
    acknowledged: records.length,
    lost: { count: lost.length, ...span(lost), spanSeconds: seconds(lost) },
    splitBrain: {
      count: stale.length,
      missing: stale.filter(({ record }) => missing.has(record)).length,
      ...span(stale),
    },
    records: {
      lost: lost.map(({ record }) => record).slice(0, MOST_NUMBERS),
      stale: stale
        .map(({ record }) => record)
        .filter((record) => missing.has(record))
        .slice(0, MOST_NUMBERS),
      unanswered: unanswered.slice(0, MOST_NUMBERS),
    },
  };
}

function span(records: readonly Acknowledged[]): { firstAt?: string; lastAt?: string } {
  const first = records[0];
  if (!first) return {};
  return { firstAt: new Date(first.at).toISOString(), lastAt: new Date(records.at(-1)!.at).toISOString() };
}

function seconds(records: readonly Acknowledged[]): number {
  return records.length === 0 ? 0 : (records.at(-1)!.at - records[0]!.at) / 1000;
}
