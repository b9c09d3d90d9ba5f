import type { Claim } from "../../src/assistant/claims.ts";
import { type Fact, factsOf } from "../../src/assistant/facts.ts";
import type { CheckContext } from "../../src/assistant/fault.ts";
import { taskOf } from "../../src/assistant/task.ts";
import type { Story } from "./story.ts";

/** What can go wrong with a model that writes about an incident; each family has a file under test/assistant/cases. */
export const CASES = {
  grounding: [
    "invented number",
    "converted unit",
    "wrong region",
    "from and to swapped",
    "two times swapped",
    "local time as UTC",
    "change to summer time",
    "midnight",
    "wrong id that exists",
    "id that does not exist",
    "no ids",
    "all ids cited",
    "status flipped",
    "negation",
    "invented cause",
    "invented action",
    "invented owner",
    "zero data loss with a lag above zero",
    "zero data loss with an unknown lag",
    "estimate without a basis",
    "milestone left out",
    "duplicate events",
    "late events",
    "events out of order",
    "empty log",
    "one event",
    "sources that contradict each other",
  ],
  protocol: [
    "invalid JSON",
    "fenced JSON",
    "extra keys",
    "length cut",
    "refusal",
    "content filter as 400",
    "content filter as finish reason",
    "429 without a header",
    "429 for 1 s",
    "429 for 120 s",
    "500",
    "503",
    "408",
    "410",
    "404",
    "connection that hangs",
    "stream that stalls",
    "stream that is cut",
    "empty choices",
    "HTML with 200",
    "both regions down",
    "usage missing",
  ],
  security: [
    "an order in a log line",
    "an order in base64",
    "an order with zero width",
    "an order in homoglyphs",
    "forged fence",
    "forged event in chat",
    "secret echoed",
    "secret split over fields",
    "personal data echoed",
    "exfiltration link",
    "exfiltration image",
    "@everyone",
  ],
  style: [
    "a person blamed",
    "disguised blame",
    "language switch",
    "over-long",
    "empty section",
    "internal host names in public text",
    "hypothesis as fact",
  ],
} as const;
export type Case<Family extends keyof typeof CASES> = (typeof CASES)[Family][number];

/** A story with everything that a case needs to tell a claim about it. */
export function caseWorld(story: Story) {
  const facts = new Map(factsOf(story.events(), story.state()).map((fact) => [fact.id, fact]));
  const context: CheckContext = { ...taskOf(story.input()).context, facts };
  const find = (holds: (fact: Fact) => boolean): string => {
    const found = [...facts.values()].find(holds);
    if (!found) throw new Error("the story has no such event");
    return found.id;
  };
  return {
    facts,
    context,
    find,
    id: (kind: Fact["kind"]) => find((fact) => fact.kind === kind),
    claim: (text: string, eventIds: string[], kind: Claim["kind"] = "fact"): Claim => ({
      section: "summary",
      kind,
      eventIds,
      text,
    }),
  };
}
