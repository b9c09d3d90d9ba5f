import type { z } from "zod";
import type { Core } from "../../core.ts";
import type { DomainEvent } from "../../events.ts";
import type { AppState } from "../../state.ts";
import type { Status } from "../lexicon.ts";
import type { MonitorPort } from "../monitor.ts";
import type { OnCallPort } from "../on-call.ts";

/** What a tool may look at. Nothing in here can change anything: no tool is given a way to write. */
export interface ToolContext {
  core: ReadableCore;
  /** Of this moment. */
  state: AppState;
  /** ISO 8601. */
  at: string;
  signal: AbortSignal;
  onCall?: OnCallPort;
  monitor?: MonitorPort;
}

export interface ReadableCore {
  plan: Core["plan"];
  runs: Pick<Core["runs"], "why" | "dryRun">;
  journal: Pick<Core["journal"], "query">;
}

/** One thing that a claim may cite, with the values that it may refer to. Code writes all of it. */
export interface Row {
  /** `verdict.now`: what it is about, in the words of event kinds. */
  kind: string;
  sentence: string;
  values: Record<string, string>;
  /** What may be said to be so on its strength. */
  says?: Status[];
}

export interface Told {
  /** One line for the journal and for whoever asks what was looked at. */
  summary: string;
  rows: Row[];
  /** Events of the journal that may be cited themselves. */
  events?: DomainEvent[];
  /** What people and vendors wrote: never evidence of anything but that they wrote it. */
  heard?: string[];
}

export interface Tool {
  name: string;
  description: string;
  /** Its JSON Schema must be what Azure takes in strict mode; bounds stand in refinements. */
  input: z.ZodType;
  /** Reads, and tells what was read. `input` has passed the schema. Throws AppError, or whatever the world throws. */
  look(input: unknown, context: ToolContext): Promise<Told>;
}

export interface ToolDefinition<Input, Output> {
  name: string;
  description: string;
  input: z.ZodType<Input>;
  output: z.ZodType<Output>;
  read(input: Input, context: ToolContext): Promise<Output> | Output;
  /** Pure. */
  tell(output: Output, context: ToolContext): Told;
}

/** A tool whose answer is checked against its schema before anything is made of it. */
export function defineTool<Input, Output>(definition: ToolDefinition<Input, Output>): Tool {
  const { name, description, input, output, read, tell } = definition;
  return {
    name,
    description,
    input,
    async look(given, context) {
      return tell(output.parse(await read(given as Input, context)), context);
    },
  };
}
