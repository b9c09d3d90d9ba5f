import { z } from "zod";
import type { EventData } from "../events.ts";
import { checkClaim } from "./check.ts";
import type { Claim } from "./claims.ts";
import type { CheckContext } from "./fault.ts";
import { outward } from "./outward.ts";
import { wordsOf } from "./write-out.ts";

/** How a model answers: claims, and at most one command that a person might want to run. */
const AskClaim = z.strictObject({
  kind: z.enum(["fact", "hypothesis"]).describe("fact: what the cited ids say; hypothesis: it may be so"),
  cites: z.array(z.string()).describe("Ids of the rows and events that it rests on, such as t1r2 or e12"),
  text: z.string().describe("One sentence in plain English, with references instead of values"),
});
export const AskAnswer = z.strictObject({
  claims: z
    .array(AskClaim)
    .describe("In the order in which they are read; empty when nothing that was found answers it"),
  command: z
    .string()
    .nullable()
    .describe('One command that the person may want to run, such as "failback", or null. It becomes a button'),
});
export type AskAnswer = z.infer<typeof AskAnswer>;

export type ShownClaim = EventData<"ask.answered">["claims"][number];

export interface ReadAnswer {
  shown: ShownClaim[];
  wrong: { text: string; faults: string[]; codes: string[] }[];
}

const MOST_CLAIMS = 12;

/** Words by which a model would decide in people's place, or promise what nothing can prove. */
const JUDGEMENT =
  /\b(?:safe(?:ly|r|ty)?|unsafe|risk(?:y|s|-free|ed)?|dangerous|fine|okay|ok|good to go|go ahead|no problem|recommend(?:s|ed|ation)?|advis(?:e|ed|able)|should|ought|must|need(?:s|ed)? to|certain(?:ly)?|definitely|guarantee[ds]?|surely|trust(?:ed)?|always|everything|every|all)\b/iu;
/** What a system prompt, a tool or an attacker would have it say of itself. */
const OWN = /\b(?:instructions?|system prompt|as an ai|language model|i am|i will|i have|i ran|i've)\b/iu;

/** Pure: what of an answer may be shown, with every value written out, and what the rest has against it. */
export function readAnswer({ claims }: AskAnswer, context: CheckContext): ReadAnswer {
  const read: ReadAnswer = { shown: [], wrong: [] };
  const seen = new Set<string>();
  for (const { kind, cites, text } of claims.slice(0, MOST_CLAIMS)) {
    if (seen.has(text)) continue;
    seen.add(text);
    const claim: Claim = { section: "answer", kind, eventIds: cites, text };
    const faults = [...checkClaim(claim, context), ...askFaults(text)];
    if (faults.length > 0) {
      read.wrong.push({
        text,
        faults: faults.map(({ detail }) => detail),
        codes: [...new Set(faults.map(({ code }) => code))],
      });
      continue;
    }
    read.shown.push({
      kind,
      text: outward(wordsOf(claim, context.facts)),
      refs: cites.filter((id) => id.startsWith("e")).map((id) => Number(id.slice(1))),
      results: cites.filter((id) => id.startsWith("t")),
    });
  }
  return read;
}

function askFaults(text: string): { code: string; detail: string }[] {
  const prose = text.replace(/\{\{.*?\}\}/gu, "▢");
  const judged = JUDGEMENT.exec(prose);
  const own = OWN.exec(prose);
  return [
    ...(judged
      ? [{ code: "judgement", detail: `"${judged[0]}" judges or promises: say what was found, people judge.` }]
      : []),
    ...(own ? [{ code: "off-topic", detail: `"${own[0]}" is not about what was asked.` }] : []),
  ];
}
