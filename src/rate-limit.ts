export interface RateLimiter {
  /** Milliseconds to wait before this may be tried again; 0 when it may go on now. */
  take(key: string): number;
}

export interface RateLimitOptions {
  perSecond: number;
  burst: number;
  /** How many keys are remembered; the one longest unused is forgotten first. */
  maxKeys?: number;
  now?: () => number;
}

/** A token bucket per key. */
export function createRateLimiter(options: RateLimitOptions): RateLimiter {
  const { perSecond, burst, maxKeys = 1_000, now = () => performance.now() } = options;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take: (key) => {
      const at = now();
      const old = buckets.get(key) ?? { tokens: burst, at };
      const tokens = Math.min(burst, old.tokens + ((at - old.at) / 1000) * perSecond);
      buckets.delete(key);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
      const oldest = buckets.keys().next();
      if (buckets.size > maxKeys && !oldest.done) buckets.delete(oldest.value);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
    },
  };
}
