import type { BareFacts } from "./facts.ts";
import type { LossFacts, Statement } from "./schema.ts";

/** What facts amount to. Each sentence names events, and none blames a person: it is about the system. */
export type Rule<T extends Statement> = (facts: BareFacts) => T[];

/** Each event once, in order. */
export function inOrder<T extends Statement>(statement: T): T {
  return { ...statement, refs: [...new Set(statement.refs)].sort((a, b) => a - b) };
}

/** Was a store promoted that may not have had everything? */
export function gaveUp({ promotion, loss }: LossFacts): boolean {
  return promotion === "done" && (loss.kind === "unknown" || loss.seconds > 0 || loss.bytes > 0);
}

export function longestMs(outages: BareFacts["outages"]): number {
  return Math.max(...outages.map(({ lastedMs }) => lastedMs));
}
