import { z } from "zod";
import { deadline, type Limits, limitsOf, look } from "../../../adapters/looking.ts";
import { AppError } from "../../../src/errors.ts";
import { defineAction, type RecoveryAction } from "../../../src/ports.ts";

const Input = z.strictObject({
  url: z.url().describe("Address of the flag"),
  value: z
    .string()
    .regex(/^[\w-]{1,100}$/)
    .describe("What it shall say"),
});
type Input = z.infer<typeof Input>;

interface Seen {
  value: string;
  version: string;
}

export function createSetFlag(): RecoveryAction {
  return defineAction<Input, Seen>({
    id: "flags.set-flag",
    summary: "The flag says what is wanted",
    input: Input,
    effect: "none",
    // The version that was seen goes with the request: a second one is refused when the first has arrived.
    repeat: "conditional",
    onUnknown: "wait",
    onAbort: "finish",
    dependsOn: () => ["flags"],
    expectedMs: () => 1_000,
    manual: ({ url, value }) => ({
      run: [`curl --fail --request PUT --data ${value} ${url}`],
      check: [`curl --fail ${url}`],
      expect: value,
    }),
    assess: ({ url, value }, context) =>
      look(context, async (limits) => {
        const seen = await send(url, limits);
        return { state: seen.value === value ? "reached" : "away", seen };
      }),
    apply: async ({ url, value }, { version }, context) => {
      await send(url, limitsOf(context), { method: "PUT", body: value, headers: { "if-match": version } });
      return {};
    },
  });
}

/** The one place that knows how this vendor fails: once here, and never again further up. */
async function send(url: string, limits: Limits, request: RequestInit = {}): Promise<Seen> {
  try {
    const response = await fetch(url, { ...request, signal: deadline(limits) });
    if (!response.ok) throw refused(url, response.status);
    return { value: await response.text(), version: response.headers.get("etag") ?? "" };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const summary = `The flag at ${url} does not answer.`;
    const hint = "Look whether the service of the flags is up, then try again.";
    throw new AppError({ code: "vendor-unavailable", summary, hint, retryable: true, cause });
  }
}

function refused(url: string, status: number): AppError {
  if (status === 412) {
    const summary = `Somebody else has changed the flag at ${url} meanwhile.`;
    return new AppError({ code: "vendor-conflict", summary, hint: "It is looked at anew.", retryable: true });
  }
  const summary = `The flag at ${url} was refused (HTTP ${status}).`;
  return new AppError({ code: "vendor-rejected", summary, hint: "Look at its address, and at what we may do there." });
}
