import type { z } from "zod";
import { AppError } from "../errors.ts";
import type { EventData } from "../events.ts";
import { clip } from "../format.ts";
import type { Clock } from "../ports.ts";
import { evidenceOf, resultText } from "./evidence.ts";
import type { Fact } from "./facts.ts";
import type { ToolCall } from "./model.ts";
import { outward } from "./outward.ts";
import type { Told, Tool, ToolContext } from "./tools/tool.ts";

/** One call of a tool, as people are shown it. */
export interface Look {
  id: string;
  tool: string;
  input: string;
  outcome: EventData<"ask.tool-called">["outcome"];
  summary: string;
  /** The journal's sequence that it stands for. */
  asOf: number;
  durationMs: number;
  /** What was found, in code's words. */
  lines: string[];
  /** The event by which it stands in the journal. */
  event: number;
}

export interface LookerOptions {
  tools: readonly Tool[];
  most: number;
  /** For one look, whatever it waits for. */
  toolMs: number;
  clock: Clock;
  signal: AbortSignal;
  /** Marks where data begins and ends. */
  nonce: string;
  people: readonly string[];
  /** What a tool may look at, as of this moment. */
  context(): Promise<Omit<ToolContext, "signal">>;
  /** Journals a call before its result is used, and answers with the event's sequence. */
  called(look: Omit<Look, "event">): Promise<number>;
}

export interface Looker {
  looks: readonly Look[];
  /** Everything that was found and may be cited. */
  facts: ReadonlyMap<string, Fact>;
  left(): number;
  /**
   * Carries out one call, and answers with what the model is told of it. An unknown tool, an input that does not fit,
   * and a tool that throws or hangs are told, and count. Throws only what `called` and `context` throw.
   */
  perform(call: ToolCall): Promise<string>;
}

const MOST_LINES = 12;

/** The hands of the assistant: it can look, a bounded number of times, and nothing else. */
export function createLooker(options: LookerOptions): Looker {
  const { most, clock, nonce, people, called } = options;
  const looks: Look[] = [];
  const facts = new Map<string, Fact>();

  return {
    looks,
    facts,
    left: () => most - looks.length,
    async perform(call) {
      const number = looks.length + 1;
      const started = clock.monotonic();
      const context = await options.context();
      const asOf = context.state.seq;
      const input = clip(JSON.stringify(call.input) ?? "no JSON", 300);
      const result = await attempt(options, looks, call, input, context);
      const found = "told" in result ? evidenceOf(number, result.told, context.state, context.at) : [];
      const look = {
        id: `t${number}`,
        tool: clip(outward(call.name), 60),
        input,
        outcome: result.outcome,
        summary: clip(outward("told" in result ? result.told.summary : result.why), 400),
        asOf,
        durationMs: Math.round(clock.monotonic() - started),
        lines: found.slice(0, MOST_LINES).map(({ sentence }) => clip(outward(sentence), 300)),
      };
      looks.push({ ...look, event: await called(look) });
      if (!("told" in result)) return `${nonce} FAULT of ${look.id}: ${look.summary} Calls left: ${most - number}.`;
      for (const fact of found) facts.set(fact.id, fact);
      return resultText({ number, tool: call.name, asOf }, result.told, found, { nonce, people });
    },
  };
}

type Attempt = { outcome: "answered"; told: Told } | { outcome: "refused" | "failed"; why: string };

async function attempt(
  { tools, toolMs, clock, signal }: LookerOptions,
  looks: readonly Look[],
  { name, input }: ToolCall,
  shown: string,
  context: Omit<ToolContext, "signal">,
): Promise<Attempt> {
  const refused = (why: string): Attempt => ({ outcome: "refused", why });
  const tool = tools.find((one) => one.name === name);
  if (!tool) return refused(`There is no such tool; there are ${tools.map((one) => one.name).join(", ")}.`);
  if (input === undefined) return refused("The input was no JSON.");
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) return refused(`The input does not fit: ${issuesOf(parsed.error)}.`);
  const before = looks.find((one) => one.tool === name && one.input === shown && one.outcome === "answered");
  if (before) return refused(`${before.id} is the answer to just that already.`);
  const limit = AbortSignal.any([signal, clock.timeout(toolMs)]);
  try {
    return {
      outcome: "answered",
      told: await Promise.race([tool.look(parsed.data, { ...context, signal: limit }), until(limit)]),
    };
  } catch (error) {
    if (limit.aborted) return { outcome: "failed", why: "It did not answer in time." };
    // What went wrong inside is nobody's business outside.
    return { outcome: "failed", why: error instanceof AppError ? error.summary : "It failed." };
  }
}

function issuesOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join(".") || "it"}: ${message}`)
    .join("; ");
}

/** Rejects when the signal is aborted: a tool that does not listen to it must not hold anybody up. */
function until(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
