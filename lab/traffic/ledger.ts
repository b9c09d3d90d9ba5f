/** One write that somebody was told is safe. */
export interface Acknowledged {
  record: number;
  /** Milliseconds since 1970, when the client had the answer. */
  at: number;
  /** Region whose pod answered. */
  region: string;
  /** Region whose Redis acknowledged it. */
  primary: string;
}

export type ClientClass = "ttl-honouring" | "sticky";

export interface Second {
  /** Seconds since 1970. */
  second: number;
  ok: number;
  failed: number;
}

export interface Ledger {
  acknowledged(record: Acknowledged, by: ClientClass): void;
  failed(at: number, by: ClientClass, record: number): void;
  /** Numbers of the latest writes that got no good answer, oldest first. */
  unanswered(): readonly number[];
  /** The latest acknowledged records, oldest first. */
  records(): readonly Acknowledged[];
  totals(): Record<ClientClass, { acknowledged: number; failed: number }>;
  /** The last minute, a row a second. */
  seconds(by: ClientClass): Second[];
  last(): Acknowledged | undefined;
}

const KEPT_RECORDS = 30_000;
const KEPT_SECONDS = 60;
const KEPT_UNANSWERED = 5_000;

export function createLedger(): Ledger {
  let kept: Acknowledged[] = [];
  const unanswered: number[] = [];
  const counts = { "ttl-honouring": { acknowledged: 0, failed: 0 }, sticky: { acknowledged: 0, failed: 0 } };
  const perSecond: Record<ClientClass, Second[]> = { "ttl-honouring": [], sticky: [] };

  function row(by: ClientClass, at: number): Second {
    const rows = perSecond[by];
    const second = Math.floor(at / 1000);
    let current = rows.at(-1);
    if (!current || current.second < second) {
      current = { second, ok: 0, failed: 0 };
      rows.push(current);
      if (rows.length > KEPT_SECONDS) rows.shift();
    }
    return current;
  }

  return {
    acknowledged(record, by) {
      kept.push(record);
      if (kept.length > KEPT_RECORDS * 1.1) kept = kept.slice(-KEPT_RECORDS);
      counts[by].acknowledged++;
      row(by, record.at).ok++;
    },
    failed(at, by, record) {
      unanswered.push(record);
      if (unanswered.length > KEPT_UNANSWERED) unanswered.shift();
      counts[by].failed++;
      row(by, at).failed++;
    },
    unanswered: () => [...unanswered],
    records: () => kept.slice(-KEPT_RECORDS),
    totals: () => structuredClone(counts),
    seconds: (by) => [...perSecond[by]],
    last: () => kept.at(-1),
  };
}
