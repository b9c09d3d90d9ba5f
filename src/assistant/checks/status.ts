import type { Claim } from "../claims.ts";
import { type CheckContext, type Fault, fault } from "../fault.ts";
import { NEGATED, NEGATION, type Said, type Status, statusesSaid } from "../lexicon.ts";
import { vouchersFor } from "./clauses.ts";

/** How far before a word its "not" may stand, in characters. */
const REACH = 24;

/** Words that say how things are stand where an event says just that, not negated and not turned round. */
export function statusFaults(claim: Claim, prose: string, { facts }: CheckContext): Fault[] {
  // What may or should be is not said to be so.
  if (claim.kind !== "fact") return [];
  const said = statusesSaid(prose);
  const negations = [...prose.matchAll(NEGATION)].filter((no) => !said.some((one) => covers(one, no.index)));
  const faults = said.flatMap((one) => {
    const says = new Set(vouchersFor(claim, one.index).flatMap((id) => facts.get(id)?.says ?? []));
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

const RUNBOOK_WORDS = /\b(failover|failed over|failback|failed back|rejoin|rejoined|rollback|rolled back)\b/giu;
const RUNBOOK_OF: Record<string, string> = {
  "failed over": "failover",
  "failed back": "failback",
  rejoined: "rejoin",
  "rolled back": "rollback",
};

/** A failover is not the failback, though both completed: the word must be that of the run that an event is about. */
export function runbookFaults({ kind, eventIds }: Claim, prose: string, { facts }: CheckContext): Fault[] {
  if (kind !== "fact") return [];
  const ran = new Set(eventIds.map((id) => facts.get(id)?.values.runbook).filter((one) => one !== undefined));
  return [...prose.matchAll(RUNBOOK_WORDS)].flatMap(([word]) => {
    const named = RUNBOOK_OF[word.toLowerCase()] ?? word.toLowerCase();
    return ran.has(named)
      ? []
      : fault("wrong-runbook", `No cited event is of a run of ${named}; refer to the runbook.`);
  });
}
