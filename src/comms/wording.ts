import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { z } from "zod";
import { type Budget, ensureBudget, type Spent, spend } from "../assistant/budget.ts";
import type { CheckContext } from "../assistant/fault.ts";
import type { ModelAnswer, ModelPort, Usage } from "../assistant/model.ts";
import type { Prompt } from "../assistant/prompt.ts";
import { AppError, reportError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { Stage, Wording } from "./events.ts";
import { publicTextFaults, shownFacts } from "./public-text.ts";
import type { PublicFacts } from "./words.ts";

/** What a prompt for the wording of a status update is filled with: nothing that the public may not know. */
export const WordingInput = z.strictObject({
  stage: z.string(),
  template: z.string(),
  facts: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  so: z.array(z.string()),
  faults: z.array(z.strictObject({ text: z.string(), faults: z.string() })),
});
export type WordingInput = z.infer<typeof WordingInput>;
export const WordingOutput = z.strictObject({
  text: z.string().describe("One to three sentences, with references such as {{services}} instead of values"),
});
export type WordingOutput = z.infer<typeof WordingOutput>;

export interface WordingOptions {
  model: ModelPort;
  prompt: Prompt<WordingInput, WordingOutput>;
  clock: Clock;
  logger: Logger;
  deadlineMs: number;
  budget: Budget;
}

export interface WordingRequest {
  stage: Stage;
  /** What would be said otherwise. */
  template: string;
  facts: PublicFacts;
  context: Pick<CheckContext, "names" | "people">;
  /** Tokens that the incident's drafts have taken so far. */
  spentBefore: number;
  avoid: readonly string[];
}

/** `said` has passed the check and has references in place of values; absent where nothing did. */
export type Asked = Wording & { said?: string };

/** Asks for words for a status update and checks them; at most two requests. Never throws, and ends with the deadline. */
export async function askForWords(
  { model, prompt, clock, logger, deadlineMs, budget }: WordingOptions,
  request: WordingRequest,
  stop: AbortSignal,
): Promise<Asked> {
  const spent: Spent = { requests: 0, tokens: { input: 0, output: 0 } };
  const signal = AbortSignal.any([clock.timeout(deadlineMs), stop]);
  const ask = async (faults: WordingInput["faults"]): Promise<ModelAnswer<WordingOutput>> => {
    const rendered = prompt.render(inputOf(request, faults), `=${randomUUID()}=`);
    ensureBudget(budget, spent, request.spentBefore, rendered);
    spent.requests += 1;
    const said: Usage[] = [];
    let answer: ModelAnswer<WordingOutput> | undefined;
    try {
      const { avoid } = request;
      answer = await model.complete({
        prompt: rendered,
        schema: prompt.output,
        signal,
        avoid,
        spent: (one) => said.push(one),
      });
      return answer;
    } finally {
      spend(spent, said, rendered, answer?.output);
    }
  };
  try {
    const { output, model: family, endpoint } = await fitAnswer(request, ask);
    return { ...spent, prompt: prompt.name, model: family, endpoint, said: output.text };
  } catch (error) {
    if (!(error instanceof AppError)) logger.error({ err: error }, "a wording by a model failed");
    const { code, summary } = reportError(error);
    return { ...spent, prompt: prompt.name, rejected: { code, summary } };
  }
}

async function fitAnswer(
  { stage, facts, context }: WordingRequest,
  ask: (faults: WordingInput["faults"]) => Promise<ModelAnswer<WordingOutput>>,
): Promise<ModelAnswer<WordingOutput>> {
  let told: WordingInput["faults"] = [];
  for (const last of [false, true]) {
    const answer = await ask(told);
    const faults = publicTextFaults(answer.output.text, stage, facts, context);
    if (faults.length === 0) return answer;
    if (last) throw unfit([...new Set(faults.map(({ code }) => code))]);
    told = [{ text: answer.output.text, faults: faults.map(({ detail }) => detail).join(" ") }];
  }
  throw unfit([]);
}

function unfit(codes: readonly string[]): AppError {
  return new AppError({ code: "bad-input", summary: `The wording did not pass the check (${codes.join(", ")}).` });
}

function inputOf({ stage, template, facts }: WordingRequest, faults: WordingInput["faults"]): WordingInput {
  const so = Object.entries(facts).flatMap(([name, value]) =>
    typeof value === "boolean" ? [`${name}: ${value}`] : [],
  );
  return { stage, template, facts: shownFacts(facts), so, faults };
}
