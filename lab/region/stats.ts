const WINDOW_SECONDS = 10;

/** Requests and errors of the last ten seconds, in one bucket a second. */
export interface WindowStats {
  count(failed: boolean): void;
  /** Of the latest `seconds`, at most as many as are kept. */
  read(seconds?: number): { windowSeconds: number; requests: number; errors: number };
}

export function createWindowStats(now: () => number = () => performance.now()): WindowStats {
  const buckets = Array.from({ length: WINDOW_SECONDS }, () => ({ second: -1, requests: 0, errors: 0 }));
  const currentSecond = () => Math.floor(now() / 1000);

  return {
    count(failed) {
      const second = currentSecond();
      const bucket = buckets[second % WINDOW_SECONDS]!;
      if (bucket.second !== second) Object.assign(bucket, { second, requests: 0, errors: 0 });
      bucket.requests++;
      if (failed) bucket.errors++;
    },
    read(seconds = WINDOW_SECONDS) {
      const windowSeconds = Math.min(WINDOW_SECONDS, Math.max(1, Math.floor(seconds) || 1));
      const oldest = currentSecond() - windowSeconds + 1;
      const recent = buckets.filter((bucket) => bucket.second >= oldest);
      const sum = (key: "requests" | "errors") => recent.reduce((total, bucket) => total + bucket[key], 0);
      return { windowSeconds, requests: sum("requests"), errors: sum("errors") };
    },
  };
}
