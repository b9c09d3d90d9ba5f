import { AppError } from "../../src/errors.ts";
import { retryAfterMs, throttled } from "../retry-after.ts";

const LONGEST_SAID = 200;
/** https://developer.pagerduty.com/docs/rest-api-rate-limits: limits are counted by the minute. */
const THROTTLED_MS = 60_000;

/** What PagerDuty says no with. */
export function refusal(status: number, headers: Pick<Headers, "get">, data: unknown): AppError {
  if (status === 429) return throttled("PagerDuty", retryAfterMs(headers) ?? THROTTLED_MS);
  if (status >= 500 || status === 408) return awayError(`HTTP ${status}`);
  const said = saidIn(data);
  if (/routing key/i.test(said)) {
    return rejected(
      `PagerDuty does not know the integration key (HTTP ${status}).`,
      "Set MUSTER_PAGERDUTY_ROUTING_KEY to the integration key of a service's Events API v2.",
    );
  }
  if (/requester/i.test(said)) {
    return rejected(
      "PagerDuty does not know in whose name that would be.",
      "Set MUSTER_PAGERDUTY_FROM to the address of a user of that account.",
    );
  }
  if (status === 401) {
    return rejected(
      "PagerDuty does not let us in (HTTP 401).",
      "Set MUSTER_PAGERDUTY_API_TOKEN to a REST API key of that account.",
    );
  }
  if (status === 403) {
    return rejected(
      "PagerDuty lets us look only (HTTP 403).",
      "Make a REST API key that is not read-only, and set MUSTER_PAGERDUTY_API_TOKEN to it.",
    );
  }
  if (status === 404) {
    return rejected(
      "PagerDuty knows no such thing (HTTP 404).",
      "Check the ids in MUSTER_PAGERDUTY_POLICIES and MUSTER_PAGERDUTY_SCHEDULES; an incident may have been deleted there.",
    );
  }
  const hint = "This is a fault in Muster; please report it.";
  return new AppError({ code: "bad-input", summary: `PagerDuty does not take this (HTTP ${status}): ${said}`, hint });
}

export function awayError(why: string, cause?: unknown): AppError {
  return new AppError({
    code: "vendor-unavailable",
    summary: `PagerDuty cannot be reached (${why}).`,
    hint: "See https://status.pagerduty.com; it goes on being tried. Call people by other means meanwhile.",
    retryable: true,
    cause,
  });
}

function rejected(summary: string, hint: string): AppError {
  return new AppError({ code: "vendor-rejected", summary, hint });
}

/** Of both interfaces; it may repeat what it was sent, so that it is kept short. */
function saidIn(data: unknown): string {
  const { errors, error, message } = (data ?? {}) as {
    errors?: unknown;
    error?: { message?: unknown; errors?: unknown };
    message?: unknown;
  };
  const all = [errors, error?.errors, error?.message, message].flat().filter((one) => typeof one === "string");
  return all.join("; ").replace(/\s+/g, " ").slice(0, LONGEST_SAID);
}
