import type { Journal } from "../journal/journal.ts";
import type { Roster } from "../people/roster.ts";
import type { Clock } from "../ports.ts";
import type { Worker } from "../workers/worker.ts";
import type { AskOptions, Assistant } from "./ask.ts";
import { notConnected } from "./decide-ask.ts";
import type { ReadableCore } from "./tools/tool.ts";
import type { WriterOptions } from "./writer.ts";

/** What a configured model is there for. */
export interface AssistantOptions extends Pick<WriterOptions, "model" | "prompts" | "deadlineMs" | "budget"> {
  /** How long a status update that is posted by itself waits for its words at most. */
  wordingWithinMs: number;
  questions: Pick<AskOptions, "prompt" | "limits" | "onCall" | "monitor" | "bounds" | "tools">;
}

interface Around {
  core: ReadableCore;
  journal: Journal;
  clock: Clock;
  roster: Roster;
  /** Who says who is on call. */
  onCall?: NonNullable<AskOptions["onCall"]>;
}

/** The assistant, and what ends its questions when Muster ends; one that says so where no model is configured. */
export function connectAssistant(
  options: AssistantOptions | undefined,
  { roster, ...around }: Around,
): Pick<Assistant, "ask"> & { worker: Worker } {
  const people = () => roster.people().flatMap(({ id, name }) => [id, name]);
  let opened: Promise<Assistant> | undefined;
  // Loaded at the first question: tools and schemas are of no use to a server that nobody asks.
  const open = async ({ questions, model }: AssistantOptions) => {
    const { createAssistant } = await import("./ask.ts");
    return createAssistant({ ...around, ...questions, model, people });
  };
  return {
    ask: async (...asked) => {
      if (!options) throw notConnected();
      opened ??= open(options);
      return await (await opened).ask(...asked);
    },
    worker: { name: "assistant", start() {}, stop: async () => await (await opened)?.stop() },
  };
}
