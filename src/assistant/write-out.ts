import { duration } from "../format.ts";
import type { Claim } from "./claims.ts";
import { referencesOf } from "./claims.ts";
import type { Fact } from "./facts.ts";

/** A claim that passed the check, with every reference written out; whoever shows it names its events. */
export function wordsOf({ text, kind }: Claim, facts: ReadonlyMap<string, Fact>): string {
  let written = text.trim();
  for (const reference of referencesOf(text)) {
    if (!reference) throw new Error("a claim with a stray reference has passed the check");
    const value =
      reference.kind === "value"
        ? facts.get(reference.eventId)?.values[reference.field]
        : between(facts.get(reference.from), facts.get(reference.to));
    if (value === undefined) throw new Error(`a claim with ${reference.whole} has passed the check`);
    written = written.replace(reference.whole, () => value);
  }
  const label = kind === "hypothesis" ? "Hypothesis: " : "";
  const end = /[.!?]$/u.test(written) ? "" : ".";
  return `${label}${written}${end}`;
}

function between(from: Fact | undefined, to: Fact | undefined): string | undefined {
  return from && to && duration(Date.parse(to.at) - Date.parse(from.at));
}
