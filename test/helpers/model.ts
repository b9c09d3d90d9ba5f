import { openModel } from "../../adapters/model/index.ts";
import { type ModelServer, startModelServer } from "../../lab/model/server.ts";
import { askPrompt, prompts, statusWording } from "../../prompts/index.ts";
import { limitsOf, ModelsFile } from "../../src/assistant/endpoints.ts";
import { systemClock } from "../../src/clock.ts";
import type { CoreOptions } from "../../src/create-core.ts";

export interface TestModel {
  server: ModelServer;
  models: ModelsFile;
  assistant: NonNullable<CoreOptions["assistant"]>;
}

/** The real client against the lab's scripted deployment. */
export async function startModel({ deadlineSeconds = 2, wordingSeconds = 2 } = {}): Promise<TestModel> {
  const of = { deployment: "gpt", model: "gpt-5.1", apiVersion: "2024-10-21" };
  const server = await startModelServer({ ...of, key: "the-key", reasoning: true });
  const models = ModelsFile.parse({
    deadlineSeconds,
    wordingSeconds,
    endpoints: [{ ...of, name: "east", region: "us-east-1", url: server.url, keyFrom: "models" }],
  });
  const model = openModel({ models, secret: () => "the-key", clock: systemClock });
  const questions = { prompt: askPrompt, limits: models.questions };
  return {
    server,
    models,
    assistant: {
      model,
      prompts,
      ...limitsOf(models),
      wording: statusWording,
      questions,
    },
  };
}
