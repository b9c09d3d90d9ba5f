import { AzureChatOpenAI } from "@langchain/openai";
import { HumanMessage, SystemMessage } from "langchain";
import type { ModelEndpoint } from "../../src/assistant/endpoints.ts";
import type { ModelAnswer, ModelRequest } from "../../src/assistant/model.ts";
import type { Access } from "./access.ts";
import { type Failure, failureOf, usageOf } from "./errors.ts";
import { createRecorder } from "./exchange.ts";

/** One request to one deployment: what it wrote, or why there is nothing. Never throws. */
export async function askAzure<Output>(
  endpoint: ModelEndpoint,
  access: Access,
  { prompt, schema, signal, spent }: ModelRequest<Output>,
): Promise<ModelAnswer<Output> | Failure> {
  const recorder = createRecorder((body) => limited(endpoint, body));
  try {
    const model = clientOf(endpoint, access, recorder.fetch).withStructuredOutput<Record<string, unknown>>(
      schema as never,
      { name: "draft", method: "jsonSchema", strict: true },
    );
    const messages = [new SystemMessage(prompt.system), new HumanMessage(prompt.user)];
    const answer: unknown = await model.invoke(messages, { signal });
    // The client gives what it could read, without a word where that was nothing.
    const parsed = schema.safeParse(answer);
    if (!parsed.success) return failureOf(endpoint, recorder.last(), parsed.error);
    return { output: parsed.data, endpoint: endpoint.name, model: endpoint.model };
  } catch (error) {
    return failureOf(endpoint, recorder.last(), error);
  } finally {
    const usage = usageOf(recorder.last());
    if (usage) spent?.(usage);
  }
}

/**
 * An empty key keeps the client from taking one from the environment. Without `model` it falls back to calling functions, and without a base path of its own it would read one
 * from the environment. A temperature is never sent: reasoning models refuse it.
 */
export function clientOf(endpoint: ModelEndpoint, access: Access, fetcher: typeof fetch): AzureChatOpenAI {
  const { url, deployment, model, apiVersion, reasoningEffort } = endpoint;
  return new AzureChatOpenAI({
    model,
    ...("token" in access
      ? { azureOpenAIApiKey: "", azureADTokenProvider: async () => access.token }
      : { azureOpenAIApiKey: access.key }),
    azureOpenAIApiDeploymentName: deployment,
    azureOpenAIApiVersion: apiVersion,
    azureOpenAIBasePath: `${url.replace(/\/+$/, "")}/openai/deployments`,
    useResponsesApi: false,
    maxRetries: 0,
    modelKwargs: reasoningEffort ? { reasoning_effort: reasoningEffort } : {},
    configuration: { fetch: fetcher },
  });
}

/** The client picks the name of the limit by the model's name, which says nothing of what is deployed under it. */
export function limited({ tokenParameter, maxTokens }: ModelEndpoint, body: Record<string, unknown>) {
  const { max_tokens: _, max_completion_tokens: __, ...rest } = body;
  return { ...rest, [tokenParameter]: maxTokens };
}
