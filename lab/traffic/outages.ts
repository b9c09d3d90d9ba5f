/** A gap in which nobody was acknowledged anything. Times are milliseconds since 1970. */
export interface Outage {
  lastGoodAt: number;
  /** Undefined while it lasts. */
  firstGoodAt?: number;
  seconds: number;
  failures: number;
  /** Region whose Redis took the first write after it. */
  endedBy?: string;
}

export interface OutageWatch {
  good(at: number, primary: string): void;
  bad(): void;
  /** All that are known, oldest first; one that lasts is the last. */
  read(now: number): Outage[];
}

const KEPT = 100;

/** Finds the gaps of at least `minGapMs` between two good answers. */
export function createOutageWatch(minGapMs = 1000): OutageWatch {
  const past: Outage[] = [];
  let lastGoodAt: number | undefined;
  let failures = 0;

  return {
    good(at, primary) {
      if (lastGoodAt !== undefined && at - lastGoodAt >= minGapMs) {
        past.push({ lastGoodAt, firstGoodAt: at, seconds: (at - lastGoodAt) / 1000, failures, endedBy: primary });
        if (past.length > KEPT) past.shift();
      }
      lastGoodAt = Math.max(at, lastGoodAt ?? 0);
      failures = 0;
    },
    bad: () => {
      failures++;
    },
    read(now) {
      if (lastGoodAt === undefined || now - lastGoodAt < minGapMs) return [...past];
      return [...past, { lastGoodAt, seconds: (now - lastGoodAt) / 1000, failures }];
    },
  };
}
