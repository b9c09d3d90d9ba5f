import { redact } from "../journal/redact.ts";
import type { Claim, Reference } from "./claims.ts";
import { proseOf, referencesOf } from "./claims.ts";
import type { Fact } from "./facts.ts";
import {
  BLAME,
  CAUSE,
  ESTIMATE,
  FUTURE,
  HEDGE,
  NEGATED,
  NEGATION,
  NUMBERS,
  OWNER,
  type Said,
  type Status,
  statusesSaid,
} from "./lexicon.ts";
import { strayTopic } from "./topics.ts";

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
  | "wrong-runbook";

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

const LONGEST = 400;

/** Pure. Everything that a claim has against it; a claim without faults may be posted. */
export function checkClaim(claim: Claim, context: CheckContext): Fault[] {
  const { text } = claim;
  if (text.trim() === "") return [{ code: "empty", detail: "The text is empty." }];
  const references = referencesOf(text);
  const prose = proseOf(text);
  return [
    ...formFaults(text, prose),
    ...eventFaults(claim, references, context),
    ...valueFaults(prose, context),
    ...statusFaults(claim, prose, context),
    ...causeFaults(claim),
    ...orderFaults(text, references, context),
    ...runbookFaults(claim, prose, context),
    ...topicFaults(strayTopic(claim, prose, context.facts)),
    ...moodFaults(claim, prose),
    ...peopleFaults(claim, prose, context),
  ];
}

function fault(code: FaultCode, detail: string): Fault[] {
  return [{ code, detail }];
}

/** Zero width, direction, and letters of other scripts that look like ours. */
const HIDDEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;
const FOREIGN = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;
const ENGLISH =
  /\b(?:the|of|and|to|were|is|at|by|for|with|that|it|from|after|before|had|has|been|which|when|while|its|this|there|as|on|until)\b/giu;
const BASE64 = /[A-Za-z0-9+/]{40,}={0,2}/;

function formFaults(text: string, prose: string): Fault[] {
  const faults: Fault[] = [];
  if (text.length > LONGEST) faults.push(...fault("too-long", `At most ${LONGEST} characters; split it.`));
  if (HIDDEN.test(text)) faults.push(...fault("hidden-text", "It holds characters that cannot be seen."));
  if (FOREIGN.test(prose)) faults.push(...fault("language", "It holds letters that are not Latin."));
  if (/https?:|www\.|\]\(|!\[|<[a-z/!]/iu.test(text)) faults.push(...fault("link", "No links, images or HTML."));
  if (/(?<![\p{L}\p{N}])@[\p{L}\p{N}]|<[!@#]/u.test(text)) faults.push(...fault("mention", "No mentions."));
  if (/^\s*(?:[#>|*-]|\d+\.)|```|\n/u.test(text)) faults.push(...fault("markup", "One sentence of plain text."));
  if (redact(text) !== text || BASE64.test(prose)) faults.push(...fault("secret", "It looks as if it held a secret."));
  const words = prose.match(/\p{L}+/gu) ?? [];
  const english = prose.match(ENGLISH) ?? [];
  if (words.length >= 6 && english.length / words.length < 0.1) faults.push(...fault("language", "Write English."));
  return faults;
}

function eventFaults(
  { eventIds, kind }: Claim,
  references: (Reference | undefined)[],
  { facts }: CheckContext,
): Fault[] {
  if (eventIds.length === 0) return fault("no-event", "Name the event that it rests on.");
  const unknown = eventIds.filter((id) => !facts.has(id));
  if (unknown.length > 0) return fault("unknown-event", `There is no event ${unknown.join(", ")}.`);
  const used = new Set(references.flatMap((one) => idsOf(one)));
  // Citing everything proves nothing: each event must give the text something.
  const idle = eventIds.filter((id) => !used.has(id));
  if (kind === "fact" && eventIds.length > 1 && idle.length > 0)
    return fault(
      "idle-event",
      `${idle.join(", ")} gives the text nothing: one event a fact, unless a value joins them.`,
    );
  return references.flatMap((one) => referenceFaults(one, eventIds, facts));
}

function idsOf(reference: Reference | undefined): string[] {
  if (!reference) return [];
  return reference.kind === "value" ? [reference.eventId] : [reference.from, reference.to];
}

function referenceFaults(
  reference: Reference | undefined,
  eventIds: readonly string[],
  facts: CheckContext["facts"],
): Fault[] {
  if (!reference) return fault("unknown-reference", "Braces hold {{e12.field}} or {{duration e3 e9}} only.");
  const uncited = idsOf(reference).filter((id) => !eventIds.includes(id));
  if (uncited.length > 0)
    return fault("uncited-reference", `${reference.whole} is of ${uncited.join(", ")}, which is not cited.`);
  if (reference.kind === "duration") return [];
  const known = facts.get(reference.eventId);
  if (known?.values[reference.field] !== undefined) return [];
  return fault(
    "unknown-reference",
    `${reference.eventId} has no ${reference.field}; it has ${Object.keys(known?.values ?? {}).join(", ")}.`,
  );
}

function valueFaults(prose: string, { names }: CheckContext): Fault[] {
  const literal = /\d/u.exec(prose) ?? NUMBERS.exec(prose);
  const name = names.find((one) => containsWord(prose, one));
  return [
    ...(literal ? fault("literal-value", `"${literal[0]}" is a value: refer to it.`) : []),
    ...(name === undefined ? [] : fault("literal-name", `"${name}" is a name: refer to it.`)),
  ];
}

function containsWord(prose: string, word: string): boolean {
  return word.trim() !== "" && wordPattern(word, "iu").test(prose.normalize("NFKC"));
}

/** A name as a word of its own, and not as a part of another. */
export function wordPattern(word: string, flags: string): RegExp {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}-])${escaped}(?![\\p{L}\\p{N}-])`, flags);
}

/** How far before a word its "not" may stand, in characters. */
const REACH = 24;

function statusFaults({ kind, eventIds }: Claim, prose: string, { facts }: CheckContext): Fault[] {
  // What may or should be is not said to be so.
  if (kind !== "fact") return [];
  const says = new Set(eventIds.flatMap((id) => facts.get(id)?.says ?? []));
  const said = statusesSaid(prose);
  const negations = [...prose.matchAll(NEGATION)].filter((no) => !said.some((one) => covers(one, no.index)));
  const faults = said.flatMap((one) => {
    const negated = negations.some(
      ({ index, 0: word }) => index < one.index && one.index - index - word.length <= REACH,
    );
    return negated ? negatedFaults(one, says) : plainFaults(one, says);
  });
  const answered = (index: number) => said.some((one) => index < one.index && one.index - index <= REACH + 6);
  const open = negations.filter(({ index }) => !answered(index));
  return [...faults, ...open.flatMap(({ 0: word }) => fault("negation", `No event says this "${word}".`))];
}

function covers({ index, word }: Said, at: number): boolean {
  return at >= index && at < index + word.length;
}

function plainFaults({ status, word }: Said, says: ReadonlySet<Status>): Fault[] {
  return says.has(status) ? [] : fault("status", `"${word}" is not what the cited event says.`);
}

function negatedFaults({ status, word }: Said, says: ReadonlySet<Status>): Fault[] {
  const means = NEGATED[status] ?? [];
  return means.some((one) => says.has(one)) ? [] : fault("negation", `No cited event says that it was not ${word}.`);
}

/** What may stand behind the word: a field in which an event itself gives a reason. */
const GIVEN = /^(?: of)?(?: this| the following| that)?:?\s*\{\{\s*e\d+\.(?:reason|error|title)\s*\}\}/iu;

function causeFaults({ kind, text }: Claim): Fault[] {
  if (kind === "hypothesis") return [];
  const invented = [...text.matchAll(CAUSE)].filter(
    ({ 0: word, index }) => !GIVEN.test(text.slice(index + word.length)),
  );
  return invented
    .slice(0, 1)
    .flatMap(([word]) =>
      fault("cause", `"${word}" claims a cause that no event gives; refer to a reason, or make it a hypothesis.`),
    );
}

const SOURCES = new Set(["source", "from"]);
const TARGETS = new Set(["target", "to"]);

/** "from … to …" in the direction of the event, and times that go forward. */
function orderFaults(text: string, references: (Reference | undefined)[], { facts }: CheckContext): Fault[] {
  const turned = (find: RegExp, wrong: ReadonlySet<string>) =>
    [...text.matchAll(find)].filter(([, field = ""]) => wrong.has(field)).map(([whole]) => whole);
  const swapped = [
    ...turned(/\bfrom \{\{\s*e\d+\.(\w+)\s*\}\}/giu, TARGETS),
    ...turned(/\b(?:to|into|towards) \{\{\s*e\d+\.(\w+)\s*\}\}/giu, SOURCES),
  ];
  const backward = references.filter((one) => one?.kind === "duration" && isBackward(one, facts));
  return [
    ...swapped.flatMap((whole) => fault("direction", `"${whole}" turns the direction round.`)),
    ...backward.flatMap((one) => fault("order", `${one?.whole} runs backward.`)),
  ];
}

function topicFaults(word: string | undefined): Fault[] {
  return word === undefined ? [] : fault("topic", `No cited event is about "${word}".`);
}

const RUNBOOK_WORDS = /\b(failover|failed over|failback|failed back|rejoin|rejoined|rollback|rolled back)\b/giu;
const RUNBOOK_OF: Record<string, string> = {
  "failed over": "failover",
  "failed back": "failback",
  rejoined: "rejoin",
  "rolled back": "rollback",
};

/** A failover is not the failback, though both completed: the word must be that of the run that an event is about. */
function runbookFaults({ kind, eventIds }: Claim, prose: string, { facts }: CheckContext): Fault[] {
  if (kind !== "fact") return [];
  const ran = new Set(eventIds.map((id) => facts.get(id)?.values.runbook).filter((one) => one !== undefined));
  return [...prose.matchAll(RUNBOOK_WORDS)].flatMap(([word]) => {
    const named = RUNBOOK_OF[word.toLowerCase()] ?? word.toLowerCase();
    return ran.has(named)
      ? []
      : fault("wrong-runbook", `No cited event is of a run of ${named}; refer to the runbook.`);
  });
}

function isBackward({ from, to }: { from: string; to: string }, facts: CheckContext["facts"]): boolean {
  const [first, second] = [facts.get(from), facts.get(to)];
  return first !== undefined && second !== undefined && first.seq >= second.seq;
}

function moodFaults({ kind, text }: Claim, prose: string): Fault[] {
  const faults: Fault[] = [];
  const hedged = HEDGE.exec(prose);
  if (kind === "fact" && hedged)
    faults.push(...fault("hedged-fact", `"${hedged[0]}" is not a fact's word: make it a hypothesis.`));
  if (kind === "hypothesis" && !hedged) faults.push(...fault("bare-hypothesis", 'Say that it "may" be so.'));
  const future = kind === "action" ? null : (FUTURE.exec(prose) ?? ESTIMATE.exec(prose));
  const grounded = future && ESTIMATE.test(future[0]) && /\{\{\s*e\d+\.(?:expected|basis)/u.test(text);
  if (future && !grounded)
    faults.push(
      ...fault("future", `"${future[0]}" is about the future, which no event knows; refer to what was expected.`),
    );
  return faults;
}

function peopleFaults({ kind }: Claim, prose: string, { people }: CheckContext): Fault[] {
  const named = people.find((one) => containsWord(prose, one));
  const blamed = BLAME.exec(prose);
  const owner = kind === "action" ? OWNER.exec(prose) : /\b(?:he|she|his|her)\b/iu.exec(prose);
  return [
    ...(named === undefined ? [] : fault("person", `"${named}" is a person: say what was done, not who.`)),
    ...(blamed ? fault("person", `"${blamed[0]}" blames: say what happened.`) : []),
    ...(owner ? fault("owner", `"${owner[0]}" names an owner that nobody has named.`) : []),
  ];
}
