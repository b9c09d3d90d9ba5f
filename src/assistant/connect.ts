import { createWordingWorker } from "../comms/wording-worker.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Roster } from "../people/roster.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import type { Worker } from "../workers/worker.ts";
import { type AskOptions, type Assistant, createAssistant, notConnected } from "./ask.ts";
import type { ReadableCore } from "./tools/tool.ts";
import type { WordingOptions } from "./wording.ts";
import type { WriterOptions } from "./writer.ts";

/** What a configured model is there for. */
export interface AssistantOptions extends Pick<WriterOptions, "model" | "prompts" | "deadlineMs" | "budget"> {
  wording: WordingOptions["prompt"];
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
  const assistant = options && createAssistant({ ...around, ...options.questions, model: options.model, people });
  return {
    ask: async (...asked) => {
      if (!assistant) throw notConnected();
      return await assistant.ask(...asked);
    },
    worker: { name: "assistant", start() {}, stop: async () => await assistant?.stop() },
  };
}

interface AroundWording extends Pick<WordingOptions, "clock" | "logger"> {
  plan: Plan;
  journal: Journal;
  store: JournalStore;
  roster: Roster;
}

/** Who suggests other words for what the public is told. */
export function connectWording(
  { model, wording: prompt, deadlineMs, budget }: AssistantOptions,
  { plan, journal, store, clock, logger, roster }: AroundWording,
) {
  const people = () => roster.people().flatMap(({ id, name }) => [id, name]);
  const wording = { model, prompt, clock, logger, deadlineMs, budget };
  return createWordingWorker({ plan, journal, store, people, wording });
}
