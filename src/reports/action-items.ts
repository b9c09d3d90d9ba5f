import { lossInShort } from "../events/loss-text.ts";
import type { BareFacts } from "./facts.ts";
import { gaveUp, inOrder, type Problem, todo } from "./rules.ts";
import type { ActionItem } from "./schema-items.ts";

/** What to do so that the next night is better: an item for each problem, and what every incident leaves behind. */
export function actionItemsOf(facts: BareFacts, problems: readonly Problem[]): ActionItem[] {
  const cause = {
    ...todo("prevent", "P1", "Establish the root cause; the journal records what was seen, and not why."),
    refs: facts.incident.openedRefs,
  };
  const fromProblems = problems.map(({ action, refs }) => ({ ...action, refs }));
  const missing = facts.losses.filter(gaveUp).map(({ store, region, loss, refs }) => ({
    ...todo(
      "repair",
      "P1",
      `Find the writes to ${store} that may be missing since the promotion in ${region} (${lossInShort(loss)}), and tell those whose data it is.`,
    ),
    refs,
  }));
  const copies = facts.saved.map(({ region, name, refs }) => ({
    ...todo(
      "repair",
      "P2",
      `Look into the saved data set${name ? ` ${name}` : ""} in ${region} for writes that nothing else holds, then delete it.`,
    ),
    refs,
  }));
  const items = merge([cause, ...missing, ...fromProblems, ...copies].map(inOrder));
  return items.toSorted((one, other) => one.priority.localeCompare(other.priority));
}

/** One item for one thing to do, with every event that asks for it. */
function merge(items: readonly ActionItem[]): ActionItem[] {
  const byText = new Map<string, ActionItem>();
  for (const item of items) {
    const known = byText.get(item.text);
    byText.set(item.text, known ? inOrder({ ...known, refs: [...known.refs, ...item.refs] }) : item);
  }
  return [...byText.values()];
}
