import { z } from "zod";

const Tokens = z.object({ input: z.number().int(), output: z.number().int() });
const AskId = z.string();

/** A question to the assistant, what was looked at for it, and what became of it. The actor is who asked. */
export const askEvents = {
  "ask.asked": z.object({ askId: AskId, question: z.string() }),
  "ask.tool-called": z.object({
    askId: AskId,
    /** From 1; results are called by it: `t3`. */
    call: z.number().int(),
    tool: z.string(),
    /** As JSON; cut where it is long. */
    input: z.string(),
    outcome: z.enum(["answered", "refused", "failed"]),
    /** Of what came back, by code; of what did not, why. */
    summary: z.string(),
    /** The journal's sequence that the answer stands for. */
    asOf: z.number().int(),
    durationMs: z.number(),
    /** Spent so far in all of this question. */
    tokens: Tokens,
  }),
  "ask.answered": z.object({
    askId: AskId,
    outcome: z.enum(["proved", "unproved"]),
    /** Why nothing that was written could be shown. */
    because: z.string().exactOptional(),
    claims: z.array(
      z.object({
        kind: z.enum(["fact", "hypothesis"]),
        text: z.string(),
        /** Events of the journal. */
        refs: z.array(z.number().int()),
        /** Rows of results: `t3r1`. */
        results: z.array(z.string()),
      }),
    ),
    /** Claims that were not shown, by what they had against them. */
    dropped: z.array(z.array(z.string())),
    /** What was put before the person as a button; nothing was run. */
    proposed: z.object({ command: z.string(), input: z.record(z.string(), z.unknown()) }).exactOptional(),
    prompt: z.string(),
    model: z.string(),
    endpoint: z.string(),
    calls: z.number().int(),
    requests: z.number().int(),
    tokens: Tokens,
    durationMs: z.number(),
  }),
  /** Not answered at all: over a bound, or no model that answers. */
  "ask.refused": z.object({
    askId: AskId.exactOptional(),
    code: z.string(),
    summary: z.string(),
    requests: z.number().int(),
    tokens: Tokens,
  }),
};
