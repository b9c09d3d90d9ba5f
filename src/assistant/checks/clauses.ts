import { type Claim, MARK, proseOf, type Reference, referencesOf } from "../claims.ts";

/** A part of a sentence that says one thing: where it stands in the prose, and which events it refers to. */
interface Clause {
  /** The word that it begins with, where that tells which of two events it is about. */
  lead: string;
  from: number;
  to: number;
  references: Reference[];
}

const BOUNDARY = /[,;:]|\b(?:after which|whereupon|after|since|until|before|while|when|whereas|then|but|and)\b/giu;
const EARLIER = new Set(["after", "since"]);
const LATER = new Set(["until", "before", "after which", "whereupon"]);

/**
 * Pure: which of the cited events may give the word at `index` of the prose. A fact about one event has no choice; in
 * one about two ("… was resolved {{duration e3 e9}} after it was opened") neither may vouch for the other's word.
 */
export function vouchersFor({ eventIds, text }: Claim, index: number): readonly string[] {
  if (eventIds.length < 2) return eventIds;
  const clauses = clausesOf(text);
  const at = clauses.findIndex(({ from, to }) => index >= from && index < to);
  const clause = clauses[at];
  if (!clause) return eventIds;
  const durations = clauses.flatMap(({ references }) => references).filter((one) => one.kind === "duration");
  const ends = (which: "from" | "to") => durations.map((one) => one[which]);
  if (durations.length > 0) {
    if (EARLIER.has(clause.lead)) return ends("from");
    if (LATER.has(clause.lead)) return ends("to");
    const next = clauses.slice(at + 1).find(({ lead }) => EARLIER.has(lead) || LATER.has(lead))?.lead;
    const joins = clause.references.some(({ kind }) => kind === "duration");
    if (joins && next !== undefined) return EARLIER.has(next) ? ends("to") : ends("from");
  }
  const own = clause.references.flatMap((one) => (one.kind === "value" ? [one.eventId] : []));
  return own.length > 0 ? own : eventIds;
}

function clausesOf(text: string): Clause[] {
  const prose = proseOf(text);
  const references = referencesOf(text);
  const cuts = [...prose.matchAll(BOUNDARY)].map(({ index, 0: word }) => ({ at: index, lead: word.toLowerCase() }));
  const starts = [{ at: 0, lead: "" }, ...cuts];
  // In the prose each reference is one mark, in the same order.
  const marks = [...prose.matchAll(new RegExp(MARK, "gu"))].map(({ index }) => index);
  return starts.map(({ at, lead }, which) => {
    const to = starts[which + 1]?.at ?? prose.length;
    const own = marks.flatMap((mark, order) => (mark >= at && mark < to ? [references[order]] : []));
    return { lead, from: at, to, references: own.filter((one) => one !== undefined) };
  });
}
