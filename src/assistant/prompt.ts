import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import Handlebars from "handlebars";
import type { z } from "zod";
import { redact } from "../journal/redact.ts";
import type { RenderedPrompt } from "./model.ts";

/** A prompt travels with what goes into it and what must come out. */
export interface Prompt<Input, Output> {
  id: string;
  /** Grows with every change of the text or the schemas; a test holds the hash of each version. */
  version: number;
  /** `status-report@1`. */
  name: string;
  output: z.ZodType<Output>;
  /** Of the text as it stands in the file. */
  sha256: string;
  /** Throws when the input does not fit; `nonce` marks where data begins and ends, and is new for every request. */
  render(input: Input, nonce: string): RenderedPrompt;
}

export interface PromptDefinition<Input, Output> {
  id: string;
  version: number;
  input: z.ZodType<Input>;
  output: z.ZodType<Output>;
  /** The template: the rules, a line `=== task ===`, and the task. */
  source: URL;
}

const PARTING = /^=== task ===$/m;

export function definePrompt<Input, Output>(definition: PromptDefinition<Input, Output>): Prompt<Input, Output> {
  const { id, version, input, output, source } = definition;
  const text = readFileSync(source, "utf8");
  const [system, user] = text.split(PARTING).map(compile);
  if (!system || !user) throw new Error(`the prompt ${id} has no line that parts its rules from its task`);
  const name = `${id}@${version}`;
  return {
    id,
    version,
    name,
    output,
    sha256: createHash("sha256").update(text).digest("hex"),
    render(given, nonce) {
      // What goes to a model is as public as a report: secrets never leave, and nobody's text can close the fence.
      const values = { ...(fenced(redact(input.parse(given)), nonce) as object), nonce };
      return { name, system: system(values).trim(), user: user(values).trim() };
    },
  };
}

function compile(text: string): (values: unknown) => string {
  return Handlebars.create().compile(text, { strict: true, noEscape: true });
}

/** Every text on one line, without the marks that a fence is made of. */
export function fenced(value: unknown, nonce: string): unknown {
  if (typeof value === "string") return value.replaceAll(nonce, "").replace(/\s+/g, " ").replace(/[<>`]/g, "'").trim();
  if (Array.isArray(value)) return value.map((item) => fenced(item, nonce));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fenced(inner, nonce)]));
}
