import type { DomainEvent } from "../events.ts";
import { clause } from "../format.ts";
import { redact } from "../journal/redact.ts";
import type { AppState } from "../state.ts";
import { type Fact, factOf } from "./facts.ts";
import { quoted } from "./outward.ts";
import { fenced } from "./prompt.ts";
import { unnamed } from "./task.ts";
import type { Told } from "./tools/tool.ts";

/** Fields in which people and vendors speak. */
const THEIR_WORDS = ["reason", "title", "error"];
const MOST_ROWS = 60;
const MOST_HEARD = 20;
const LONGEST_HEARD = 400;
const LONGEST_RESULT = 12_000;

/** Pure: what of a result may be cited, with the values that code writes. `t3r1` is the first row of the third call. */
export function evidenceOf(call: number, { rows, events = [] }: Told, state: AppState, at: string): Fact[] {
  const own = rows.slice(0, MOST_ROWS).map(({ kind, sentence, values, says = [] }, index) => {
    return withSentence({ id: `t${call}r${index + 1}`, seq: state.seq, at, kind, sentence, values, says });
  });
  return [...own, ...events.map((event) => eventFact(event, state))];
}

function eventFact(event: DomainEvent, state: AppState): Fact {
  const fact = factOf(event, state);
  const theirs = Object.entries(fact.values).filter(([field]) => THEIR_WORDS.includes(field));
  const marked = Object.fromEntries(theirs.map(([field, value]) => [field, quoted(value)]));
  return withSentence({ ...fact, values: { ...fact.values, ...marked } });
}

function withSentence(fact: Fact): Fact {
  return { ...fact, values: { ...fact.values, sentence: clause(fact.sentence) } };
}

/** Pure: a result as a model is shown it: fenced, without secrets and names of people, and no longer than it may be. */
export function resultText(
  call: { number: number; tool: string; asOf: number },
  told: Told,
  facts: readonly Fact[],
  { nonce, people }: { nonce: string; people: readonly string[] },
): string {
  const safe = (text: string) => fenced(redact(unnamed(text, people)), nonce) as string;
  const lines = facts.map(({ id, at, sentence, values }) => {
    const when = id.startsWith("e") ? ` at ${at}` : "";
    return `${id}${when}: ${safe(sentence)} [fields: ${Object.keys(values).join(", ")}]`;
  });
  const kept = within(lines);
  const left = lines.length - kept.length + Math.max(0, told.rows.length - MOST_ROWS);
  const heard = (told.heard ?? []).slice(-MOST_HEARD).map((text) => `- ${safe(text).slice(0, LONGEST_HEARD)}`);
  return [
    `${nonce} RESULT t${call.number} of ${call.tool}, as of event ${call.asOf}: ${safe(told.summary)}`,
    ...kept,
    ...(left > 0 ? [`(${left} more were left out)`] : []),
    ...(heard.length > 0 ? [`${nonce} HEARD`, ...heard] : []),
    `${nonce} END`,
  ].join("\n");
}

function within(lines: readonly string[]): string[] {
  let length = 0;
  return lines.filter((line) => {
    length += line.length;
    return length <= LONGEST_RESULT;
  });
}
