import type { LossAssessment } from "../detection/events.ts";
import { lossInShort, lossText } from "../events/loss-text.ts";
import { duration, elapsed, instant } from "../format.ts";

/** What is not replicated against the budget: "at most 1.2 s of writes, 310 bytes (measured), within the budget of 5 s". */
export function lossInWords(loss: LossAssessment, budgetSeconds: number, withinBudget: boolean, at?: string): string {
  const budget = `the budget of ${duration(budgetSeconds * 1_000)}`;
  const age = at === undefined ? "" : ` (${elapsed(loss.at, at)} ago)`;
  return `${lossText(loss)}, ${withinBudget ? `within ${budget}` : `OVER ${budget}`}; seen at ${instant(loss.at, at)}${age}`;
}

/** For a confirmation: the short form. */
export function lossShort(store: string, loss: LossAssessment): string {
  const nothing = loss.kind === "measured" && loss.bytes === 0 && loss.seconds === 0;
  return nothing ? `${store} loses nothing (measured)` : `${store} may lose ${lossInShort(loss)}`;
}
