import { z } from "zod";
import type { Finding } from "../plans/problem.ts";
import { namesTwice, settingsFile } from "../plans/settings-file.ts";
import { SignIn } from "./sign-in.ts";

/** The models file: which deployments of a language model there are, in the order in which they are asked. */

const Name = z.string().regex(/^[a-z][a-z0-9.-]{0,62}$/, { error: "must be lower-case letters, digits, dots, dashes" });
const Word = z.string().regex(/^[\w.-]{1,100}$/, { error: "must be letters, digits, dots, dashes or underscores" });

export const ModelEndpoint = z.strictObject({
  name: Name.describe("What reports call it."),
  region: Name.describe("The region that it runs in: asked last while that one is failing."),
  url: z.url({ protocol: /^https?$/, error: "must be an http or https address" }).describe("Of the Azure resource."),
  deployment: Word.describe("The name of the deployment."),
  model: Word.describe("The model family that is deployed, such as gpt-5.1."),
  apiVersion: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/, { error: "must be a date, as in 2024-10-21" })
    .describe("The version of the API."),
  keyFrom: Word.optional().describe("The secret with its key: models-east is MUSTER_SECRET_MODELS_EAST."),
  signIn: SignIn.optional().describe("In place of a key: how Muster signs in to Entra ID."),
  tokenParameter: z
    .enum(["max_completion_tokens", "max_tokens"])
    .default("max_completion_tokens")
    .describe("What the model calls its limit; older families say max_tokens."),
  maxTokens: z.number().int().min(256).max(64_000).default(6_000).describe("The most that one answer may take."),
  reasoningEffort: z.enum(["minimal", "low", "medium", "high"]).optional().describe("For reasoning models only."),
});
export type ModelEndpoint = z.infer<typeof ModelEndpoint>;

/** What questions may take; counted over the last hour by the journal, so that every instance knows. */
export const AskLimits = z.strictObject({
  questionsPerHour: z.number().int().min(1).max(1_000).default(30).describe("Questions of one person in an hour."),
  tokensPerQuestion: z
    .number()
    .int()
    .min(1_000)
    .max(10_000_000)
    .default(100_000)
    .describe("Above it a question gets no more looks, and is answered with what was found."),
  tokensPerHour: z
    .number()
    .int()
    .min(1_000)
    .max(100_000_000)
    .default(500_000)
    .describe("Tokens of everybody's questions in an hour: above it, none is taken any more."),
});
export type AskLimits = z.infer<typeof AskLimits>;

export const ModelsFile = z.strictObject({
  deadlineSeconds: z.number().min(1).max(120).default(20).describe("How long a report waits for a draft at most."),
  wordingSeconds: z
    .number()
    .min(1)
    .max(30)
    .default(5)
    .describe("How long a status update that is posted by itself waits for its words at most (`wording: model`)."),
  questions: AskLimits.prefault({}).describe("The bounds of `dr ask`."),
  tokensPerReport: z
    .number()
    .int()
    .min(1_000)
    .max(10_000_000)
    .default(60_000)
    .describe("The most that the requests for one draft may take; the template alone writes beyond it."),
  tokensPerIncident: z
    .number()
    .int()
    .min(1_000)
    .max(100_000_000)
    .default(400_000)
    .describe("The most that all drafts of one incident may take."),
  endpoints: z.array(ModelEndpoint).min(1).max(8).describe("In the order in which they are asked."),
});
export type ModelsFile = z.infer<typeof ModelsFile>;

/** How long is waited for a model, and what it may take, as those want it who ask one. */
export function limitsOf(models: ModelsFile) {
  const { deadlineSeconds, wordingSeconds } = models;
  return { deadlineMs: deadlineSeconds * 1_000, wordingWithinMs: wordingSeconds * 1_000, budget: models };
}

export const modelsFile = settingsFile({
  what: "models file",
  schema: ModelsFile,
  findings: (models) => {
    const endpoints = models?.endpoints ?? [];
    return [...namesTwice(endpoints, ["endpoints"]), ...endpoints.flatMap(waysIn)];
  },
  hint: "Set MUSTER_MODELS to the path of a models file, or unset it to write reports without a model.",
});

/** An endpoint has a key or a way to sign in, never both or none. */
function waysIn({ name, keyFrom, signIn }: ModelEndpoint, index: number): Finding[] {
  if ((keyFrom === undefined) !== (signIn === undefined)) return [];
  const message = `the endpoint ${name} has ${keyFrom === undefined ? "neither keyFrom nor" : "both keyFrom and"} signIn`;
  return [{ path: ["endpoints", index], message, hint: "Give it one of them." }];
}
