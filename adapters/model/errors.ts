import type { ContentFilterResultsForChoiceOutput } from "@azure/openai/types";
import { APIConnectionError, APIUserAbortError } from "openai";
import { z } from "zod";
import type { ModelEndpoint } from "../../src/assistant/endpoints.ts";
import type { Usage } from "../../src/assistant/model.ts";
import { AppError } from "../../src/errors.ts";
import { retryAfterMs } from "../retry-after.ts";
import type { Exchange } from "./exchange.ts";

/** What went wrong, and where to go from there. */
export interface Failure {
  error: AppError;
  /** `end`: another endpoint would say the same. */
  next: "elsewhere" | "end";
  /** The endpoint itself is at fault until somebody mends it: it is left alone for long. */
  broken?: boolean;
}

/** As much of Azure's answer as is read here. */
const Completion = z.object({
  choices: z.array(
    z.object({
      finish_reason: z.string().nullish(),
      message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      content_filter_results: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
});
const Spent = z.object({ usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }) });
const Refused = z.object({ error: z.object({ code: z.string().nullish() }) });

export function usageOf(exchange: Exchange | undefined): Usage | undefined {
  const found = Spent.safeParse(exchange?.body);
  if (!found.success) return undefined;
  return { inputTokens: found.data.usage.prompt_tokens, outputTokens: found.data.usage.completion_tokens };
}

/** Why there is no output, from what came over the wire first and from what the client threw last. */
export function failureOf(endpoint: ModelEndpoint, exchange: Exchange | undefined, thrown: unknown): Failure {
  const of = `The model at ${endpoint.name}`;
  if (!exchange) return elsewhere("vendor-unavailable", `${of} ${unreachable(thrown)}.`);
  const { status, body } = exchange;
  if (status === 429) return throttled(of, exchange);
  if (status === 408 || status >= 500) return elsewhere("vendor-unavailable", `${of} answered HTTP ${status}.`);
  if (status >= 400) return rejected(of, status, Refused.safeParse(body).data?.error.code ?? undefined, endpoint);
  const completion = Completion.safeParse(body);
  const [choice] = completion.data?.choices ?? [];
  if (!choice) return elsewhere("vendor-unavailable", `${of} answered with no completion (HTTP ${status}).`);
  if (choice.finish_reason === "content_filter") {
    return end("vendor-rejected", `${of} stopped at its content filter${filtersOf(choice.content_filter_results)}.`);
  }
  if (choice.message.refusal) return end("vendor-rejected", `${of} refused to write.`);
  if (choice.finish_reason === "length")
    return end(
      "bad-input",
      `${of} was cut off at ${endpoint.maxTokens} tokens.`,
      "Raise maxTokens in the models file.",
    );
  return end("bad-input", `What ${endpoint.name} wrote does not fit the schema.`);
}

function unreachable(thrown: unknown): string {
  if (isAbort(thrown)) return "did not answer in time";
  return thrown instanceof APIConnectionError ? "cannot be reached" : "broke off";
}

function isAbort(thrown: unknown): boolean {
  if (thrown instanceof APIUserAbortError) return true;
  return thrown instanceof Error && (thrown.name === "AbortError" || thrown.name === "TimeoutError");
}

function elsewhere(code: "vendor-unavailable", summary: string): Failure {
  const hint = "The report is written without a model; `dr report` asks again.";
  return { error: new AppError({ code, summary, hint, retryable: true }), next: "elsewhere" };
}

function end(code: "vendor-rejected" | "bad-input", summary: string, hint = ""): Failure {
  const fallback = "The report is written by its template, without a model.";
  return { error: new AppError({ code, summary, hint: hint || fallback }), next: "end" };
}

function throttled(of: string, { headers }: Exchange): Failure {
  const waitMs = retryAfterMs(headers);
  const error = new AppError({
    code: "vendor-throttled",
    summary: `${of} asks to wait (HTTP 429).`,
    hint: "Give the deployment more tokens a minute, or add an endpoint to the models file.",
    retryable: true,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });
  return { error, next: "elsewhere" };
}

const HINTS: Record<number, string> = {
  401: "Check the key that keyFrom names.",
  403: "The key may not use this deployment, or the network rules keep this machine out.",
  404: "Check url, deployment and apiVersion in the models file.",
  410: "The deployment's model is retired: deploy its successor and name it in the models file.",
};

function rejected(of: string, status: number, code: string | undefined, { deployment }: ModelEndpoint): Failure {
  if (code === "content_filter") return end("vendor-rejected", `${of} did not take the prompt: its content filter.`);
  if (code === "context_length_exceeded") return end("vendor-rejected", `${of} did not take the prompt: too long.`);
  const said = code === undefined ? "" : `, ${code.slice(0, 60)}`;
  const summary = `${of}, deployment ${deployment}, answered HTTP ${status}${said}.`;
  const hint = HINTS[status] ?? "Compare the endpoint's entry in the models file with its deployment.";
  return { error: new AppError({ code: "vendor-rejected", summary, hint }), next: "elsewhere", broken: true };
}

/** The categories that were filtered, by Azure's names: hate, self_harm, sexual, violence. */
function filtersOf(results: Record<string, unknown> | null | undefined): string {
  const known = (results ?? {}) as Partial<ContentFilterResultsForChoiceOutput>;
  const hit = (["hate", "self_harm", "sexual", "violence"] as const).filter((one) => known[one]?.filtered === true);
  return hit.length === 0 ? "" : ` (${hit.join(", ")})`;
}
