import { z } from "zod";
import type { AskResult } from "../src/assistant/ask.ts";
import { offerOf } from "../src/assistant/offer.ts";
import { askCard } from "../src/cards/ask.ts";
import { type Command, defineCommand } from "../src/commands/command.ts";

/**
 * Changes nothing of what is protected, so that everybody may ask; the question and every look are journaled all the
 * same. `all` is asked late, because this command is one of them.
 */
export function createAsk(all: () => readonly Command[]): Command {
  return defineCommand({
    name: "ask",
    summary: "Answer a question from what Muster can look at, with where each sentence comes from",
    positionals: ["question"],
    role: "observer",
    readOnly: true,
    slow: true,
    input: z.strictObject({
      question: z
        .string()
        .trim()
        .min(3)
        .max(500)
        .meta({ rest: true })
        .describe("what you want to know, in plain words"),
    }),
    run: ({ question }, core, caller): Promise<AskResult> =>
      core.assistant.ask(question, caller, (line, state) => offerOf(all(), line, state)),
    present: (result, caller) => askCard(result, caller),
  });
}
