import type { Clock } from "../../src/ports.ts";
import type { Failure } from "./errors.ts";

/** When an endpoint may be asked again. */
export interface Circuit {
  /** Milliseconds from now; 0 when it may be asked at once. */
  waitMs(): number;
  answered(): void;
  failed(failure: Failure): void;
}

/** After so many failures in a row an endpoint is left alone for a while; then one request finds out. */
const TRIES = 3;
const PAUSE_MS = 500;
const OPEN_MS = 30_000;
const BROKEN_MS = 300_000;

/** Remembers across reports how one endpoint has answered. */
export function createCircuit(clock: Clock): Circuit {
  let failures = 0;
  let until = Number.NEGATIVE_INFINITY;
  const rest = (ms: number) => {
    until = Math.max(until, clock.monotonic() + ms);
  };
  return {
    waitMs: () => Math.max(0, until - clock.monotonic()),
    answered() {
      failures = 0;
      until = Number.NEGATIVE_INFINITY;
    },
    failed({ error, next, broken }) {
      // What it wrote was of no use, and yet it answered.
      if (next === "end") return;
      if (broken) rest(BROKEN_MS);
      else if (error.code === "vendor-throttled") rest(error.retryAfterMs ?? PAUSE_MS * 2);
      else {
        failures += 1;
        rest(failures >= TRIES ? OPEN_MS : PAUSE_MS);
      }
    },
  };
}
