import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ErrorCode } from "../errors.ts";

/** Which HTTP status says an error best; whatever is not here is a conflict with the state of things. */
const STATUS: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  "bad-input": 400,
  "unknown-command": 404,
  "unknown-region": 404,
  "unknown-run": 404,
  "unknown-step": 404,
  "unknown-approval": 404,
  "unknown-incident": 404,
  "unknown-principal": 404,
  "not-found": 404,
  "not-authenticated": 401,
  "not-allowed": 403,
  "requester-excluded": 403,
  "too-large": 413,
  "rate-limited": 429,
  "vendor-rejected": 502,
  "vendor-unavailable": 502,
  "vendor-throttled": 503,
  "store-unavailable": 503,
  "store-locked": 503,
  "store-full": 503,
  "store-damaged": 500,
  "store-diverged": 503,
  fenced: 503,
  internal: 500,
};

export function httpStatus(code: ErrorCode): ContentfulStatusCode {
  return STATUS[code] ?? 409;
}
