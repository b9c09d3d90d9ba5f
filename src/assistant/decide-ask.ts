import { AppError } from "../errors.ts";
import { count, duration } from "../format.ts";
import type { AppState } from "../state.ts";
import type { AskLimits } from "./endpoints.ts";
import { HOUR_MS } from "./fold.ts";

/** Pure: why this person's question must wait, if it must. Counts what the journal holds of the last hour. */
export function askRefusal(
  { asks }: Pick<AppState, "asks">,
  { questionsPerHour, tokensPerHour }: AskLimits,
  principal: string,
  now: number,
): AppError | undefined {
  const recent = asks.filter(({ at }) => now - Date.parse(at) < HOUR_MS);
  const own = recent.filter((one) => one.principal === principal);
  const wait = (from: readonly { at: string }[]) => HOUR_MS - (now - Date.parse(from[0]?.at ?? "")) || HOUR_MS;
  if (own.length >= questionsPerHour) {
    const summary = `${principal} has asked ${count(own.length, "question")} within an hour, and that is the most.`;
    return tooMuch(summary, wait(own));
  }
  const spent = recent.reduce((sum, { tokens }) => sum + tokens, 0);
  if (spent < tokensPerHour) return undefined;
  return tooMuch(
    `Questions have taken ${count(spent, "token")} within an hour, of ${tokensPerHour} at most.`,
    wait(recent),
  );
}

function tooMuch(summary: string, waitMs: number): AppError {
  return new AppError({
    code: "rate-limited",
    summary,
    hint: `Ask again in ${duration(waitMs)}; ${INSTEAD} The bounds are in the models file, under questions.`,
    retryable: false,
  });
}

export const INSTEAD = '"status", "summary", "timeline", "readiness" and "why <run>" answer without a model.';

/** Where no model is configured. */
export function notConnected(): AppError {
  return new AppError({
    code: "config-invalid",
    summary: "No language model is connected, so that questions cannot be answered.",
    hint: `${INSTEAD} How to connect one is in docs/assistant.md.`,
  });
}
