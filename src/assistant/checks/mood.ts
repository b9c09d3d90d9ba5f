import type { Claim } from "../claims.ts";
import { type CheckContext, containsWord, type Fault, fault } from "../fault.ts";
import { BLAME, CAUSE, ESTIMATE, FUTURE, HEDGE, OWNER } from "../lexicon.ts";

/** What may stand behind the word: a field in which an event itself gives a reason. */
const GIVEN = /^(?: of)?(?: this| the following| that)?:?\s*\{\{\s*e\d+\.(?:reason|error|title)\s*\}\}/iu;

/** A fact has a cause only where an event gives one. */
export function causeFaults({ kind, text }: Claim): Fault[] {
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

/** A fact does not doubt, a hypothesis does, and nothing knows the future. */
export function moodFaults({ kind, text }: Claim, prose: string): Fault[] {
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

/** Documents are about what was done, and not about who. */
export function peopleFaults({ kind }: Claim, prose: string, { people }: Pick<CheckContext, "people">): Fault[] {
  const named = people.find((one) => containsWord(prose, one));
  const blamed = BLAME.exec(prose);
  const owner = kind === "action" ? OWNER.exec(prose) : /\b(?:he|she|his|her)\b/iu.exec(prose);
  return [
    ...(named === undefined ? [] : fault("person", `"${named}" is a person: say what was done, not who.`)),
    ...(blamed ? fault("person", `"${blamed[0]}" blames: say what happened.`) : []),
    ...(owner ? fault("owner", `"${owner[0]}" names an owner that nobody has named.`) : []),
  ];
}
