import type { Assessment } from "../ports.ts";

/** What was told of an attempt's looks so far, and what the latest looks have shown since when. Times of one clock. */
export interface Telling {
  told: number;
  toldAt: number;
  last: string;
  look: string;
  lookSince: number;
}

export const nothingTold: Telling = { told: 0, toldAt: 0, last: "", look: "", lookSince: 0 };

/** So many changes are told as they come: what a person would follow. */
export const AT_ONCE = 8;
/** What has been so for this long is told whatever was told before it. */
export const STAYS_MS = 60_000;
const FIRST_REST_MS = 2_000;
const LONGEST_REST_MS = 600_000;

/**
 * Pure: is this look to be told? One for each state that a person would tell apart, not one for each look. A run may be
 * held for days while two answers alternate: from then on each telling is followed by a longer rest, but what stays
 * so is told within a minute.
 */
export function tellingOf(before: Telling, assessment: Assessment<unknown>, now: number): Telling & { tell: boolean } {
  const look = assessment.state === "unknown" ? `unknown ${assessment.reason}` : assessment.state;
  const lookSince = look === before.look ? before.lookSince : now;
  const isDue = now - before.toldAt >= restMs(before.told) || now - lookSince >= STAYS_MS;
  if (look === before.last || !isDue) return { ...before, look, lookSince, tell: false };
  return { told: before.told + 1, toldAt: now, last: look, look, lookSince, tell: true };
}

function restMs(told: number): number {
  return told < AT_ONCE ? 0 : Math.min(FIRST_REST_MS * 2 ** (told - AT_ONCE), LONGEST_REST_MS);
}
