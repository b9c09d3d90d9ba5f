import { AppError } from "../errors.ts";
import type { AppState } from "../state.ts";
import type { RenderedPrompt, Usage } from "./model.ts";

/** How many tokens, in and out, one draft and all drafts of one incident may take. */
export interface Budget {
  tokensPerReport: number;
  tokensPerIncident: number;
}

/** What is known of one draft's use: what was said to have been used, and what was sent without a word of that. */
export interface Spent {
  requests: number;
  tokens: { input: number; output: number };
  estimated?: true;
}

/** Adds what one request took: as it was said, or as the texts let suppose. */
export function spend(spent: Spent, said: readonly Usage[], prompt: RenderedPrompt, answer: unknown): void {
  const used = said.length > 0 ? said : answer === undefined ? [] : [roughUsage(prompt, answer)];
  for (const { inputTokens, outputTokens } of used) {
    spent.tokens.input += inputTokens;
    spent.tokens.output += outputTokens;
  }
  if (said.length === 0 && used.length > 0) spent.estimated = true;
}

/** Pure: what an incident's drafts and wordings have taken so far, kept or rejected. */
export function spentOn({ incidents }: Pick<AppState, "incidents">, incidentId: string): number {
  return incidents[incidentId]?.tokens ?? 0;
}

/** Four characters a token is what English takes; prompts are counted before anybody says what they took. */
function roughUsage({ system, user }: RenderedPrompt, answer: unknown = ""): Usage {
  const tokens = (characters: number) => Math.ceil(characters / 4);
  return {
    inputTokens: tokens(system.length + user.length),
    outputTokens: tokens(answer === "" ? 0 : JSON.stringify(answer).length),
  };
}

/** Throws AppError `rate-limited` when the next request could not be paid from what is left. */
export function ensureBudget(
  { tokensPerReport, tokensPerIncident }: Budget,
  spent: Spent,
  before: number,
  next: RenderedPrompt,
): void {
  const own = spent.tokens.input + spent.tokens.output + roughUsage(next).inputTokens;
  if (own > tokensPerReport) throw spentAll("report", tokensPerReport, "tokensPerReport");
  if (before + own > tokensPerIncident) throw spentAll("incident", tokensPerIncident, "tokensPerIncident");
}

function spentAll(of: string, budget: number, setting: string): AppError {
  return new AppError({
    code: "rate-limited",
    summary: `The next request would exceed the budget of ${budget} tokens for one ${of}.`,
    hint: `Raise ${setting} in the models file; until then the templates alone write.`,
  });
}
