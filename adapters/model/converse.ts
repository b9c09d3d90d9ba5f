import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from "langchain";
import type { ModelEndpoint } from "../../src/assistant/endpoints.ts";
import type { ModelMessage, ModelTurn, ToolCall, TurnRequest } from "../../src/assistant/model.ts";
import type { Access } from "./access.ts";
import { clientOf, limited } from "./azure.ts";
import { type Failure, failureOf, usageOf } from "./errors.ts";
import { createRecorder } from "./exchange.ts";

/** One turn with tools at one deployment: what it wants called, or why there is nothing. Never throws. */
export async function converseAzure(
  endpoint: ModelEndpoint,
  access: Access,
  { system, messages, tools, only, signal, spent }: TurnRequest,
): Promise<ModelTurn | Failure> {
  const recorder = createRecorder((body) => limited(endpoint, body));
  try {
    const offered = tools.map(({ name, description, parameters }) => ({
      type: "function" as const,
      function: { name, description, parameters, strict: true },
    }));
    // `parallel_tool_calls` is not sent: reasoning models refuse it, and whatever comes is checked and done in turn.
    const choice = { strict: true, tool_choice: only ?? "required" };
    const model = clientOf(endpoint, access, recorder.fetch).bindTools(offered, choice);
    const answer = await model.invoke([new SystemMessage(system), ...messages.map(toWire)], { signal });
    const calls = callsOf(answer);
    if (calls.length === 0 && isNoTurn(recorder.last()?.body)) return failureOf(endpoint, recorder.last(), undefined);
    return { calls, endpoint: endpoint.name, model: endpoint.model };
  } catch (error) {
    return failureOf(endpoint, recorder.last(), error);
  } finally {
    const usage = usageOf(recorder.last());
    if (usage) spent?.(usage);
  }
}

function toWire(message: ModelMessage) {
  if (message.from === "user") return new HumanMessage(message.text);
  if (message.from === "tool") return new ToolMessage({ content: message.text, tool_call_id: message.callId });
  // What was no JSON cannot be sent back as it was: every call that is answered must be there, and readable.
  const calls = message.calls.map(({ id, name, input }) => ({ id, name, args: objectOf(input) }));
  return new AIMessage({ content: "", tool_calls: calls });
}

function objectOf(input: unknown): Record<string, unknown> {
  return typeof input === "object" && input !== null && !Array.isArray(input) ? { ...input } : {};
}

/** In the order in which they were asked for, as far as the client keeps it: those that it could read come first. */
function callsOf({ tool_calls = [], invalid_tool_calls = [] }: AIMessage): ToolCall[] {
  return [
    ...tool_calls.map(({ id, name, args }) => ({ id: id ?? name, name, input: args as unknown })),
    ...invalid_tool_calls.map(({ id, name }) => ({ id: id ?? "", name: name ?? "" })),
  ];
}

/** Cut off, filtered, refused or no answer at all: that it called nothing has a reason which is not its choice. */
function isNoTurn(body: unknown): boolean {
  const [choice] = (body as { choices?: { finish_reason?: string; message?: { refusal?: string } }[] })?.choices ?? [];
  return (
    !choice ||
    choice.finish_reason === "content_filter" ||
    choice.finish_reason === "length" ||
    Boolean(choice.message?.refusal)
  );
}
