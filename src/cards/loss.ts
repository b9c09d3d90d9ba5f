import type { LossAssessment } from "../detection/events.ts";
import { bytes, seconds, utc } from "./format.ts";

/** What is not replicated, in plain words: measured, bounded or unknown, against the budget. */
export function lossInWords(loss: LossAssessment, budgetSeconds: number, withinBudget: boolean, at?: string): string {
  const verdict = withinBudget
    ? `within the budget of ${seconds(budgetSeconds)}`
    : `OVER the budget of ${seconds(budgetSeconds)}`;
  return `${lossAlone(loss, at)}; ${verdict}`;
}

export function lossAlone(loss: LossAssessment, at?: string): string {
  switch (loss.kind) {
    case "measured":
      return loss.bytes === 0 && loss.seconds === 0
        ? `measured at ${utc(loss.at, at)}: nothing is missing`
        : `measured at ${utc(loss.at, at)}: ${seconds(loss.seconds)} of writes (${bytes(loss.bytes)})`;
    case "bounded":
      return (
        `bounded at ${utc(loss.at, at)}: at most ${seconds(loss.seconds)} of writes ` +
        `(${bytes(loss.bytes)} not replicated when the primary last answered at ${utc(loss.headAt, at)})`
      );
    case "unknown":
      return `unknown at ${utc(loss.at, at)}: ${loss.reason}`;
  }
}

/** For a confirmation: the short form. */
export function lossShort(store: string, loss: LossAssessment): string {
  if (loss.kind === "unknown") return `${store} may lose an unknown amount of writes`;
  if (loss.seconds === 0 && loss.bytes === 0 && loss.kind === "measured") return `${store} loses nothing`;
  return `${store} may lose ${loss.kind === "bounded" ? "at most " : ""}${seconds(loss.seconds)} of writes`;
}
