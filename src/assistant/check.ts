import { eventFaults, orderFaults, type Weighed } from "./checks/events.ts";
import { formFaults, valueFaults } from "./checks/form.ts";
import { causeFaults, moodFaults, peopleFaults } from "./checks/mood.ts";
import { runbookFaults, statusFaults } from "./checks/status.ts";
import { proseOf, referencesOf } from "./claims.ts";
import { type CheckContext, type Fault, fault } from "./fault.ts";
import { outward } from "./outward.ts";
import { strayTopic } from "./topics.ts";
import { wordsOf } from "./write-out.ts";

/** Pure. Everything that a claim has against it; a claim without faults may be posted. */
export function checkClaim(claim: Weighed, context: CheckContext): Fault[] {
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

/** Pure. The same for a claim of a document, which is kept for years: what its values bring along counts, too. */
export function checkKeptClaim(claim: Weighed, context: CheckContext): Fault[] {
  const faults = checkClaim(claim, context);
  return faults.length > 0 ? faults : carriedFaults(wordsOf(claim, context.facts));
}

/** People and vendors may have written the values: halves of a secret can meet in a sentence. */
function carriedFaults(written: string): Fault[] {
  const isMarked = (text: string) => /\[(?:redacted:[\w-]+|link)\]|\[withheld/u.test(text);
  if (!isMarked(outward(written)) || isMarked(written)) return [];
  return fault("secret", "Its values bring a secret, an address or a link along: leave that field out.");
}

function topicFaults(word: string | undefined): Fault[] {
  return word === undefined ? [] : fault("topic", `No cited event is about "${word}".`);
}
