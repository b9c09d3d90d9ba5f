import type { LossAssessment } from "../detection/events.ts";
import { bytes, clause, duration, instant } from "../format.ts";

/** What is not replicated, in the words of measured, bounded and unknown: "at most 1.2 s of writes, 310 bytes (measured)". */
export function lossText(loss: LossAssessment): string {
  switch (loss.kind) {
    case "measured":
      if (lacksNothing(loss)) return "nothing (measured)";
      return `at most ${duration(loss.seconds * 1_000)} of writes, ${bytes(loss.bytes)} (measured)`;
    case "bounded":
      return (
        `at most ${duration(loss.seconds * 1_000)} of writes (bounded; ${bytes(loss.bytes)} were outstanding when ` +
        `the primary last answered at ${instant(loss.headAt, loss.at)}, and more may have followed)`
      );
    case "unknown":
      return `an unknown amount (${lossAmount(loss)})`;
  }
}

/** The bare amount, for sentences that say what it is of: "7.2 s, 1,234 bytes"; of an unknown one, why it is unknown. */
export function lossAmount(loss: LossAssessment): string {
  if (loss.kind !== "unknown") return `${duration(loss.seconds * 1_000)}, ${bytes(loss.bytes)}`;
  return `${clause(loss.reason)}${loss.bytes === undefined ? "" : `; ${bytes(loss.bytes)} outstanding when both copies last answered`}`;
}

/** The same in a few words, where the details stand elsewhere. */
export function lossInShort(loss: LossAssessment): string {
  if (loss.kind === "unknown") return "an unknown amount of writes";
  if (lacksNothing(loss)) return "no writes (measured)";
  return `at most ${duration(loss.seconds * 1_000)} of writes (${loss.kind})`;
}

/** A bound of nothing is still a bound: only what was measured is nothing. */
function lacksNothing(loss: LossAssessment): boolean {
  return loss.kind === "measured" && loss.bytes === 0 && loss.seconds === 0;
}
