import { AppError } from "../errors.ts";

export interface StoredAnswer {
  status: number;
  body: string;
}

export interface IdempotencyOptions {
  ttlMs?: number;
  maxKeys?: number;
  now?: () => number;
}

/** Gives a repeat of the same request the first answer, also while the first one is still being worked out. */
export function createIdempotency({ ttlMs = 600_000, maxKeys = 1_000, now = Date.now }: IdempotencyOptions = {}) {
  const known = new Map<string, { request: string; until: number; answer: Promise<StoredAnswer> }>();
  return async (key: string, request: string, work: () => Promise<StoredAnswer>): Promise<StoredAnswer> => {
    const found = known.get(key);
    if (found && found.until > now()) {
      if (found.request !== request) throw otherRequest();
      return found.answer;
    }
    const answer = work();
    known.set(key, { request, until: now() + ttlMs, answer });
    const oldest = known.keys().next();
    if (known.size > maxKeys && !oldest.done) known.delete(oldest.value);
    // What went wrong by accident may be tried again under the same key.
    const forget = () => known.get(key)?.answer === answer && known.delete(key);
    answer.then(({ status }) => (status === 429 || status >= 500) && forget(), forget);
    return answer;
  };
}

function otherRequest(): AppError {
  return new AppError({
    code: "bad-input",
    summary: "This Idempotency-Key was used for another request.",
    hint: "Use a new key for a new request; a key is remembered for 10 minutes.",
  });
}
