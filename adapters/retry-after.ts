import { AppError } from "../src/errors.ts";

/** A "come again at once" is no pause, and after an hour it is worth finding out whether a date was a mistake. */
const SHORTEST_MS = 1_000;
const LONGEST_MS = 3_600_000;

/** As of https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3: seconds, or a date in the one form that is still sent. */
const SECONDS = /^\d+(\.\d+)?$/;
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

interface Readable {
  get(name: string): string | null | undefined;
}

/**
 * How long an answer asks to be left alone, between a second and an hour; undefined where it says nothing that can be
 * read. Azure says it in `retry-after-ms` as well, PagerDuty in `ratelimit-reset`, in seconds.
 */
export function retryAfterMs(headers: Readable, now = Date.now()): number | undefined {
  const exact = headers.get("retry-after-ms")?.trim() ?? "";
  if (SECONDS.test(exact)) return bounded(Number(exact));
  const said = (headers.get("retry-after") ?? headers.get("ratelimit-reset") ?? "").trim();
  if (SECONDS.test(said)) return bounded(Number(said) * 1_000);
  const at = DATE.test(said) ? Date.parse(said) : Number.NaN;
  return Number.isNaN(at) ? undefined : bounded(at - now);
}

/** For whoever is asked to wait so long, with nothing for people to do about it. */
export function throttled(who: string, waitMs: number, cause?: unknown): AppError {
  const forMs = bounded(waitMs);
  const summary = `${who} asks to wait ${Math.ceil(forMs / 1_000)} s.`;
  return new AppError({ code: "vendor-throttled", summary, retryable: true, retryAfterMs: forMs, cause });
}

function bounded(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms));
}
