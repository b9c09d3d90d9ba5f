import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ModelMessage, ModelPort, ModelRequest, TurnRequest, Usage } from "../../src/assistant/model.ts";
import { type AppError, reportError } from "../../src/errors.ts";

/** How the model behind the port behaves, in words that hold for any vendor. */
export type Behaviour =
  | "writes"
  | "writes-without-usage"
  | "invalid-json"
  | "fenced-json"
  | "extra-keys"
  | "missing-keys"
  | "cut-off"
  | "refuses"
  | "filters-prompt"
  | "filters-output"
  | "throttles"
  | "throttles-1-s"
  | "throttles-120-s"
  | "fails-500"
  | "fails-503"
  | "fails-408"
  | "retired-410"
  | "unknown-404"
  | "hangs"
  | "stalls"
  | "breaks"
  | "chooses-nothing"
  | "shows-a-page"
  | "calls-one"
  | "calls-two"
  | "calls-no-json";

export interface ModelWorld {
  model: ModelPort;
  /** Endpoint 0 is the first of two; each request plays the next, and the last goes on. */
  behave(endpoint: 0 | 1, ...behaviours: Behaviour[]): void;
  /** Requests that each endpoint got. */
  requests(): [number, number];
  names: [string, string];
  regions: [string, string];
  dispose(): Promise<void>;
}

const Note = z.strictObject({ subject: z.string(), lines: z.array(z.strictObject({ text: z.string() })) });
/** What the behaviours that call tools ask for. */
export const CALLS = [
  { name: "look", input: { at: "the “disk”\n" } },
  { name: "look", input: { at: "the line" } },
];
const tools = [
  {
    name: "look",
    description: "Looks at something.",
    parameters: {
      type: "object",
      properties: { at: { type: "string" } },
      required: ["at"],
      additionalProperties: false,
    },
  },
];

export const NOTE: z.infer<typeof Note> = { subject: "A subject", lines: [{ text: 'A “line” with\n"marks".' }] };

const prompt = { name: "note@1", system: "Write a note.", user: 'About a “subject” with\n"marks".' };

/** The suite that every adapter of a language model passes, over the wire; the deadline is two seconds. */
export function modelContract(create: () => Promise<ModelWorld>): void {
  let world: ModelWorld;
  let spent: Usage[];
  const ask = (change: Partial<ModelRequest<z.infer<typeof Note>>> = {}) =>
    world.model.complete({
      prompt,
      schema: Note,
      signal: AbortSignal.timeout(10_000),
      spent: (usage) => spent.push(usage),
      ...change,
    });
  const failure = (change = {}) =>
    ask(change).then(
      () => expect.fail("it answered"),
      (error: AppError) => error,
    );

  beforeEach(async () => {
    world = await create();
    spent = [];
  });
  afterEach(() => world.dispose());

  describe("one endpoint that answers", () => {
    it("gives what was written, from where, and what it took", async () => {
      world.behave(0, "writes");
      expect(await ask()).toMatchObject({ output: NOTE, endpoint: world.names[0] });
      expect(spent).toEqual([{ inputTokens: 1_200, outputTokens: 300 }]);
      expect(world.requests()).toEqual([1, 0]);
    });

    it("does without usage", async () => {
      world.behave(0, "writes-without-usage");
      expect(await ask()).toMatchObject({ output: NOTE });
      expect(spent).toEqual([]);
    });
  });

  describe("an answer that another endpoint would give too", () => {
    it.each<[Behaviour, string, number]>([
      ["invalid-json", "bad-input", 1],
      ["fenced-json", "bad-input", 1],
      ["extra-keys", "bad-input", 1],
      ["missing-keys", "bad-input", 1],
      ["cut-off", "bad-input", 1],
      ["refuses", "vendor-rejected", 1],
      ["filters-prompt", "vendor-rejected", 0],
      ["filters-output", "vendor-rejected", 1],
    ])("ends it, and its tokens are counted: %s", async (behaviour, code, answers) => {
      world.behave(0, behaviour);
      world.behave(1, "writes");
      const error = await failure();
      expect(reportError(error)).toMatchObject({ code, retryable: false });
      expect(error.summary).toContain(world.names[0]);
      expect(error.hint).not.toBe("");
      expect(world.requests()).toEqual([1, 0]);
      expect(spent).toHaveLength(answers);
    });
  });

  describe("an endpoint in trouble", () => {
    it.each<Behaviour>([
      "throttles",
      "throttles-1-s",
      "throttles-120-s",
      "fails-500",
      "fails-503",
      "fails-408",
      "retired-410",
      "unknown-404",
      "hangs",
      "stalls",
      "breaks",
      "chooses-nothing",
      "shows-a-page",
    ])("gives way to the next: %s", async (behaviour) => {
      world.behave(0, behaviour);
      world.behave(1, "writes");
      expect(await ask()).toMatchObject({ output: NOTE, endpoint: world.names[1] });
      expect(world.requests()).toEqual([1, 1]);
    });

    it.each<[Behaviour, string, number | undefined]>([
      ["throttles-120-s", "vendor-throttled", 120_000],
      ["fails-500", "vendor-unavailable", undefined],
      ["hangs", "vendor-unavailable", undefined],
      ["shows-a-page", "vendor-unavailable", undefined],
      ["retired-410", "vendor-rejected", undefined],
      ["unknown-404", "vendor-rejected", undefined],
    ])("is said so when every other one is too: %s", async (behaviour, code, retryAfterMs) => {
      world.behave(0, behaviour);
      world.behave(1, behaviour);
      const error = await failure();
      expect(error).toMatchObject({ code, retryable: code !== "vendor-rejected", retryAfterMs });
      expect(error.hint).not.toBe("");
    });

    it("is asked again within the deadline when it asked to wait for no longer", async () => {
      world.behave(0, "throttles-1-s", "writes");
      world.behave(1, "retired-410");
      expect(await ask()).toMatchObject({ endpoint: world.names[0] });
      expect(world.requests()).toEqual([2, 1]);
    });

    it("that is gone for good is left alone at the next request", async () => {
      world.behave(0, "retired-410");
      world.behave(1, "writes");
      await ask();
      await ask();
      expect(world.requests()).toEqual([1, 2]);
    });

    it("is left alone after three failures in a row", async () => {
      world.behave(0, "fails-500");
      world.behave(1, "fails-500");
      await failure();
      await failure();
      const before = world.requests();
      await failure();
      expect(before[0]).toBeGreaterThanOrEqual(3);
      expect(world.requests()).toEqual(before);
    });
  });

  describe("a conversation with tools", () => {
    const first: ModelMessage = { from: "user", text: "What of the disk?" };
    const turn = (messages: ModelMessage[] = [first], change: Partial<TurnRequest> = {}) =>
      world.model.converse({
        system: "Find out.",
        messages,
        tools,
        signal: AbortSignal.timeout(10_000),
        spent: (usage) => spent.push(usage),
        ...change,
      });

    it("gives the calls that the model wants, each with an id of its own, and carries none out", async () => {
      world.behave(0, "calls-two");
      const { calls, endpoint } = await turn();
      expect(calls.map(({ name, input }) => ({ name, input }))).toEqual(CALLS);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
      expect(endpoint).toBe(world.names[0]);
      expect(spent).toEqual([{ inputTokens: 1_200, outputTokens: 300 }]);
    });

    it("goes on with what the tools answered, also where a call could not be read", async () => {
      world.behave(0, "calls-no-json", "calls-one");
      const { calls } = await turn();
      expect(calls.map(({ name, input }) => ({ name, input }))).toEqual([{ name: "look", input: undefined }]);
      const answers = calls.map(({ id }): ModelMessage => ({ from: "tool", callId: id, text: "It was no JSON." }));
      const second = await turn([first, { from: "model", calls }, ...answers]);
      expect(second.calls).toHaveLength(1);
      expect(world.requests()).toEqual([2, 0]);
    });

    it("has no calls when the model only talks", async () => {
      world.behave(0, "invalid-json");
      expect((await turn()).calls).toEqual([]);
    });

    it("goes on at another endpoint when one fails in the middle", async () => {
      world.behave(0, "calls-one", "fails-503");
      world.behave(1, "calls-one");
      const { calls } = await turn();
      const answers = calls.map(({ id }): ModelMessage => ({ from: "tool", callId: id, text: "Full." }));
      expect((await turn([first, { from: "model", calls }, ...answers])).endpoint).toBe(world.names[1]);
    });

    it.each<[Behaviour, string]>([
      ["cut-off", "bad-input"],
      ["refuses", "vendor-rejected"],
      ["filters-prompt", "vendor-rejected"],
      ["filters-output", "vendor-rejected"],
    ])("ends where the model does not go on: %s", async (behaviour, code) => {
      world.behave(0, behaviour);
      await expect(turn()).rejects.toMatchObject({ code });
      expect(world.requests()).toEqual([1, 0]);
    });

    it.each<[Behaviour, string]>([
      ["throttles-120-s", "vendor-throttled"],
      ["hangs", "vendor-unavailable"],
      ["chooses-nothing", "vendor-unavailable"],
      ["shows-a-page", "vendor-unavailable"],
    ])("is said to have failed when every endpoint does: %s", async (behaviour, code) => {
      world.behave(0, behaviour);
      world.behave(1, behaviour);
      await expect(turn()).rejects.toMatchObject({ code });
    });

    it("may be held to one tool", async () => {
      world.behave(0, "calls-one");
      expect((await turn([first], { only: "look" })).calls).toHaveLength(1);
      await expect(turn([first], { only: "write" })).rejects.toMatchObject({ code: "vendor-rejected" });
    });
  });

  it("asks the endpoint in a failing region last", async () => {
    world.behave(0, "writes");
    world.behave(1, "writes");
    expect(await ask({ avoid: [world.regions[0]] })).toMatchObject({ endpoint: world.names[1] });
    world.behave(1, "fails-503");
    expect(await ask({ avoid: [world.regions[0]] })).toMatchObject({ endpoint: world.names[0] });
  });

  it("waits no longer than its caller wants", async () => {
    world.behave(0, "hangs");
    world.behave(1, "hangs");
    const stop = new AbortController();
    const asked = failure({ signal: stop.signal });
    stop.abort();
    expect(await asked).toMatchObject({ code: "vendor-unavailable" });
  });
}
