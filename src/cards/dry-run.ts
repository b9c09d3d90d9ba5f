import type { DryRun } from "../core.ts";
import { inWords, seenInWords } from "../events/seen.ts";
import { duration, instant } from "../format.ts";
import type { Card } from "./card.ts";
import { lossInWords } from "./loss.ts";
import { readinessCells } from "./readiness.ts";

/** What a run would do and what it would cost, with nothing written. */
export function dryRunCard(dryRun: DryRun): Card {
  const { runbook, source, target, evidence, refusals, steps } = dryRun;
  const verdicts = Object.entries(evidence.verdicts).map(([region, verdict]) => `${region} ${verdict}`);
  const outcome = refusals.length > 0 ? "would be REFUSED now" : "could be proposed now";
  const what = dryRun.rollbackOf === undefined ? runbook : `${runbook} of ${dryRun.rollbackOf}`;
  const title = `Dry run: ${what} ${source} → ${target} ${outcome}`;
  return {
    title,
    status: refusals.length > 0 ? "warning" : "info",
    facts: [
      { label: "Seen", value: `${verdicts.join(" · ")} (at ${instant(evidence.at)})` },
      ...evidence.losses.map(({ store, loss, budgetSeconds, withinBudget }) => ({
        label: `Loss in ${store}`,
        value: lossInWords(loss, budgetSeconds, withinBudget, evidence.at),
      })),
      { label: "Expected", value: `about ${duration(evidence.expected.ms)} (${evidence.expected.basis})` },
    ],
    text: [...refusals.map(({ code, summary, hint }) => `Refused: ${summary} ${hint} (${code})`), ...evidence.warnings],
    table: {
      columns: ["Step", "After", "State", "Why and what was seen", "With"],
      rows: steps.map(({ name, uses, needs, input, readiness, putsBack }) => {
        const [id = "", state = "", why = ""] = readinessCells(readiness, input);
        const what = putsBack === undefined ? inWords(input) : `back to: ${seenInWords(putsBack)}`;
        return [`${name} (${id}, ${uses})`, needs.join(", ") || "–", state, why, what];
      }),
    },
    context: ["Nothing was written."],
    fallback: title,
  };
}
