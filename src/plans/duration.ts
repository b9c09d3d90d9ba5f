import ms, { type StringValue } from "ms";
import { z } from "zod";

/** Longer waits than this are a mistake in a plan, and timers cannot hold much more. */
export const longestDurationMs = ms("14d");

const form = /^\d+(\.\d+)?\s?(ms|s|m|h|d)$/;

/** How a duration is written, for messages and for the editor. */
const durationForm = 'a number and a unit, as in "500ms", "2s", "5m" or "1h"; a bare number is milliseconds';

/** Reads "500ms", "2s", "5m", "1h", "1d" or a non-negative number of milliseconds; `undefined` when it is neither. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== "string" || !form.test(value)) return undefined;
  return ms(value as StringValue);
}

function notADuration(value: unknown): string {
  return `${JSON.stringify(value).slice(0, 60)} is not a duration; write ${durationForm}`;
}

/** Parses to milliseconds. What it gives it also takes, so that an input may be parsed twice. */
export const Duration = z
  .union([z.string().meta({ pattern: form.source }), z.number().meta({ minimum: 0 })], {
    error: (issue) => (issue.input === undefined ? undefined : notADuration(issue.input)),
  })
  .transform((value, context) => {
    const parsed = parseDuration(value);
    if (parsed !== undefined && parsed <= longestDurationMs) return parsed;
    const message =
      parsed === undefined
        ? notADuration(value)
        : `${JSON.stringify(value)} is longer than the longest duration, ${ms(longestDurationMs)}`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** A duration that must not be shorter than this; for intervals and timeouts, where 0 would be a busy loop. */
export function durationFrom(shortestMs: number) {
  return Duration.refine((value) => value >= shortestMs, { error: `must be at least ${ms(shortestMs)}` });
}
