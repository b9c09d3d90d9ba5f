import { readFileSync } from "node:fs";
import type { Claim } from "../../src/assistant/claims.ts";
import { type Fact, factsOf } from "../../src/assistant/facts.ts";
import type { CheckContext } from "../../src/assistant/fault.ts";
import { taskOf } from "../../src/assistant/task.ts";
import { everyKind } from "./every-kind.ts";
import { scenes } from "./incident-scenes.ts";
import type { Story } from "./story.ts";

/** One line of test/fixtures/assistant/paraphrases.txt: a sentence that is true of every pair of events like these. */
export interface Paraphrase {
  text: string;
  events: { kind: string; says: string }[];
}

/** A true claim about an event of a story, with what it is held to. */
export interface Instance {
  paraphrase: Paraphrase;
  claim: Claim;
  context: CheckContext;
}

const FILE = new URL("../fixtures/assistant/paraphrases.txt", import.meta.url);

export function readParaphrases(): Paraphrase[] {
  let events: Paraphrase["events"] = [];
  return readFileSync(FILE, "utf8")
    .split("\n")
    .flatMap((line) => {
      if (line.startsWith("## ")) {
        events = line
          .slice(3)
          .split(" + ")
          .map((one) => one.split("/"))
          .map(([kind = "", says = ""]) => ({ kind, says }));
        return [];
      }
      return line === "" || line.startsWith("#") ? [] : [{ text: line, events }];
    });
}

/** Every line with each of the first few events of each story that it is about. */
export function instances(most = 3): Instance[] {
  const { longStory: _, ...short } = scenes;
  const stories: Story[] = [...Object.values(short).map((tell) => tell()), everyKind()];
  const worlds = stories.map((story) => {
    const facts = factsOf(story.events(), story.state());
    const { context } = taskOf(story.input());
    return { facts, context: { ...context, facts: new Map(facts.map((fact) => [fact.id, fact])) } };
  });
  return readParaphrases().flatMap((paraphrase) =>
    worlds.flatMap(({ facts, context }) =>
      pairs(facts, paraphrase)
        .slice(0, most)
        .map((found) => ({ paraphrase, claim: claimOf(paraphrase.text, found), context })),
    ),
  );
}

function pairs(facts: readonly Fact[], { events, text }: Paraphrase): Fact[][] {
  const of = ({ kind, says }: Paraphrase["events"][number], mark = "@") =>
    facts.filter((fact) => fact.kind === kind && fact.says.some((one) => one === says) && hasFields(fact, text, mark));
  const [first, second] = events;
  if (!first) return [];
  if (!second) return of(first).map((fact) => [fact]);
  return of(first).flatMap((one) => {
    const next = of(second, "@2").find(({ seq }) => seq > one.seq);
    const sameRun = next && (one.values.run === undefined || one.values.run === next.values.run);
    return sameRun ? [[one, next]] : [];
  });
}

/** Some events lack a field, such as the last good answer of what was never seen to answer. */
function hasFields({ values }: Fact, text: string, mark: string): boolean {
  const named = [...text.matchAll(/\{\{(@2?)\.(\w+)\}\}/g)].filter(([, of]) => of === mark);
  return named.every(([, , field = ""]) => values[field] !== undefined);
}

function claimOf(text: string, [first, second]: Fact[]): Claim {
  const written = text.replaceAll("@2", second?.id ?? "@2").replaceAll("@", first?.id ?? "@");
  const eventIds = [first, second].flatMap((fact) => (fact ? [fact.id] : []));
  return { section: "summary", kind: "fact", eventIds, text: written };
}
