import type { z } from "zod";

/** What is sent to a model: the rules, and the task with its data. */
export interface RenderedPrompt {
  /** `status-report@1`: what the journal calls it. */
  name: string;
  system: string;
  user: string;
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
}

export interface ModelRequest<Output> {
  prompt: RenderedPrompt;
  /** What the output must fit; sent along as JSON Schema, and checked when it comes back. */
  schema: z.ZodType<Output>;
  /** Ends the waiting, whatever is under way. */
  signal: AbortSignal;
  /** Regions whose endpoints are asked last: those that are failing. */
  avoid?: readonly string[];
  /** Told of the tokens of every answer, also of those that were of no use. */
  spent?(usage: Usage): void;
}

export interface ModelAnswer<Output> {
  output: Output;
  /** The endpoint that answered, by its name in the models file. */
  endpoint: string;
  model: string;
}

/** A tool as a model is told of it. */
export interface ToolOffer {
  name: string;
  description: string;
  /** JSON Schema of its input, in the part that Azure takes in strict mode. */
  parameters: Record<string, unknown>;
}

/** A model's wish that a tool be called; `input` is undefined where what it wrote was no JSON. */
export interface ToolCall {
  id: string;
  name: string;
  input?: unknown;
}

export type ModelMessage =
  | { from: "user"; text: string }
  | { from: "model"; calls: ToolCall[] }
  | { from: "tool"; callId: string; text: string };

export interface TurnRequest {
  system: string;
  /** Oldest first; every call of the model is answered by a message of its tool. */
  messages: readonly ModelMessage[];
  tools: readonly ToolOffer[];
  /** The one tool that it may call now. */
  only?: string;
  signal: AbortSignal;
  avoid?: readonly string[];
  spent?(usage: Usage): void;
}

export interface ModelTurn {
  /** Empty when it wrote text instead, which is of no use here. */
  calls: ToolCall[];
  endpoint: string;
  model: string;
}

export interface ModelPort {
  /**
   * Asks once, at whichever endpoint answers within the deadline. Has no side effects, so that it may be repeated.
   * Throws AppError: `vendor-throttled` with `retryAfterMs` where it was said, `vendor-unavailable`,
   * `vendor-rejected` (a refusal, a content filter, a deployment or a key that is no more), and `bad-input` for
   * output that does not fit the schema or was cut off.
   */
  complete<Output>(request: ModelRequest<Output>): Promise<ModelAnswer<Output>>;

  /** One turn of a conversation with tools, none of which it carries out. Everything else as `complete`. */
  converse(request: TurnRequest): Promise<ModelTurn>;
}
