import { z } from "zod";
import { LossAssessment } from "../../detection/events.ts";
import { lossText } from "../../events/loss-text.ts";
import { bytes, count, duration, instant } from "../../format.ts";
import type { Status } from "../lexicon.ts";
import { defineTool, type Row } from "./tool.ts";

const Copy = z.object({
  store: z.string(),
  source: z.string(),
  target: z.string(),
  loss: LossAssessment,
  budgetSeconds: z.number(),
  within: z.boolean(),
});

/** What is not replicated: measured, bounded or unknown, and the budget. */
export const lag = defineTool({
  name: "lag",
  description:
    "How much of each data store has not reached the copies in other regions: measured, bounded or unknown, in seconds and bytes, against its budget.",
  input: z.strictObject({}),
  output: z.object({ copies: z.array(Copy), unmeasured: z.array(z.string()), active: z.string() }),
  read(_input, { state, core: { plan } }) {
    const copies = Object.values(state.stores)
      .filter(({ source, target }) => source === state.active && target !== state.active)
      .map(({ store, source, target, loss, withinBudget }) => {
        const budgetSeconds = plan.stores[store]?.lossBudgetSeconds ?? 0;
        return { store, source, target, loss, budgetSeconds, within: withinBudget };
      });
    const unmeasured = Object.keys(plan.stores).filter((name) => !copies.some(({ store }) => store === name));
    return { copies, unmeasured, active: state.active };
  },
  tell({ copies, unmeasured, active }, { at }) {
    const rows: Row[] = [
      ...copies.map((copy) => copyRow(copy, at)),
      ...unmeasured.map((store) => ({
        kind: "replication.now",
        sentence: `No other region's copy of ${store} is measured against ${active}; that counts as unknown.`,
        values: { store, source: active, amount: "an unknown amount" },
        says: ["unknown", "unknown-loss"] as Status[],
      })),
    ];
    const over = copies.filter(({ within }) => !within).map(({ store, target }) => `${store} in ${target}`);
    const summary = `${count(copies.length, "copy", "copies")} measured, ${unmeasured.length} not; over budget: ${over.join(", ") || "none"}`;
    return { summary, rows };
  },
});

function copyRow({ store, source, target, loss, budgetSeconds, within }: z.infer<typeof Copy>, at: string): Row {
  const amount = lossText(loss);
  const budget = duration(budgetSeconds * 1_000);
  const standing = within ? "within" : "OVER";
  return {
    kind: "replication.now",
    sentence: `Of ${store}, ${target} lacks ${amount}; ${standing} the budget of ${budget}, seen at ${instant(loss.at, at)}.`,
    values: {
      store,
      source,
      target,
      amount,
      certainty: loss.kind,
      budget,
      standing: `${standing.toLowerCase()} the budget`,
      seen: instant(loss.at, at),
      ...(loss.kind !== "unknown" && { seconds: duration(loss.seconds * 1_000) }),
      ...(loss.bytes !== undefined && { bytes: bytes(loss.bytes) }),
    },
    says: saysOf(loss),
  };
}

function saysOf(loss: LossAssessment): Status[] {
  if (loss.kind === "unknown") return ["unknown", "unknown-loss"];
  return loss.kind === "measured" && loss.seconds === 0 ? ["replicated"] : ["at-risk"];
}
