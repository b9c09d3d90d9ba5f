import type { ActionType, Priority } from "./events.ts";
import type { BareFacts } from "./facts.ts";
import type { LossFacts } from "./schema.ts";
import type { ActionItem, Statement } from "./schema-items.ts";

/** What facts amount to. Each sentence names events, and none blames a person: it is about the system. */
export type Rule<T extends Statement> = (facts: BareFacts) => T[];

/** What to do, before it is known which events ask for it. */
export type Todo = Omit<ActionItem, "refs">;

export interface Problem extends Statement {
  /** What to do about it. */
  action: Todo;
}

export function todo(type: ActionType, priority: Priority, text: string): Todo {
  return { text, type, priority };
}

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
