import type { Fact } from "./facts.ts";

export type FaultCode =
  | "too-long"
  | "empty"
  | "no-event"
  | "unknown-event"
  | "idle-event"
  | "unknown-reference"
  | "uncited-reference"
  | "literal-value"
  | "literal-name"
  | "status"
  | "negation"
  | "cause"
  | "future"
  | "direction"
  | "order"
  | "hedged-fact"
  | "bare-hypothesis"
  | "both-ways"
  | "person"
  | "owner"
  | "secret"
  | "link"
  | "mention"
  | "hidden-text"
  | "language"
  | "markup"
  | "topic"
  | "wrong-kind"
  | "wrong-runbook"
  | "internal"
  | "promise";

/** Why a claim must not be posted, in words that a model can act on. */
export interface Fault {
  code: FaultCode;
  detail: string;
}

export interface CheckContext {
  facts: ReadonlyMap<string, Fact>;
  /** Regions, services, stores, runs: whatever may stand in a text by reference only. */
  names: readonly string[];
  /** Principals and names of people. */
  people: readonly string[];
}

export function fault(code: FaultCode, detail: string): Fault[] {
  return [{ code, detail }];
}

/** A name as a word of its own, and not as a part of another. */
export function wordPattern(word: string, flags: string): RegExp {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}-])${escaped}(?![\\p{L}\\p{N}-])`, flags);
}

export function containsWord(prose: string, word: string): boolean {
  return word.trim() !== "" && wordPattern(word, "iu").test(prose.normalize("NFKC"));
}
