import { z } from "zod";
import type { ModelsFile } from "../assistant/endpoints.ts";
import type { ModelPort } from "../assistant/model.ts";
import type { Check, Finding } from "./check.ts";

/** Short, and in the form of a draft: what works here works for a report. */
const Hello = z.strictObject({ ready: z.boolean() });
const prompt = {
  name: "doctor@1",
  system: "You answer a question of a monitoring check.",
  user: "Are you ready? Answer true.",
};

/** Asks each deployment of a language model one short question, over the way that reports take. */
export function modelChecks(configured?: { models: ModelsFile; open(models: ModelsFile): ModelPort }): Check[] {
  if (!configured) {
    const said = "No model is configured: reports are written by their templates.";
    return [{ area: "model", name: "none", run: async () => ({ state: "off", said }) }];
  }
  const { models, open } = configured;
  return models.endpoints.map((endpoint) => ({
    area: "model",
    name: endpoint.name,
    run: (signal) => modelFinding({ ...models, endpoints: [endpoint] }, open, signal),
  }));
}

async function modelFinding(
  models: ModelsFile,
  open: (models: ModelsFile) => ModelPort,
  signal: AbortSignal,
): Promise<Finding> {
  let tokens = 0;
  const spent = (used: { inputTokens: number; outputTokens: number }) => {
    tokens += used.inputTokens + used.outputTokens;
  };
  const { model } = await open(models).complete({ prompt, schema: Hello, signal, spent });
  return { state: "ok", said: `${model} answers in the form of a draft (${tokens} tokens).` };
}
