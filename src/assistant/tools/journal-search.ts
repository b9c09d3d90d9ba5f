import { z } from "zod";
import { describeEvent } from "../../events/describe.ts";
import { type DomainEvent, eventSchemas } from "../../events.ts";
import { count } from "../../format.ts";
import { NOT_EVIDENCE } from "../task.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const PAGE = 1_000;
/** Further back than that a question is one for `dr journal`. */
const LOOK_BACK = 20_000;
const MOST_EVENTS = 40;
const MOST_MINUTES = 60 * 24 * 365;

const Input = z.strictObject({
  kinds: z.array(z.string()).describe('Kinds or their first words, such as "step.failed" or "approval"; empty for all'),
  text: z.string().nullable().describe("Words that must stand in the event's sentence, or null"),
  run: z.string().nullable().describe("Only events of this run, or null"),
  minutes: z
    .number()
    .nullable()
    .refine((value) => value === null || (value > 0 && value <= MOST_MINUTES), "must be more than 0")
    .describe("Only events of the last so many minutes, or null for all"),
  limit: z
    .number()
    .refine((value) => Number.isInteger(value) && value >= 1 && value <= MOST_EVENTS, `must be 1 to ${MOST_EVENTS}`)
    .describe(`How many of the latest, at most ${MOST_EVENTS}`),
});

/** The latest events that match, as they stand in the journal. */
export const journalSearch = defineTool({
  name: "journal_search",
  description:
    "Finds events of the journal, the latest ones that match: by kind, words, run and time. Everything that happened or was decided is an event.",
  input: Input,
  output: z.object({ events: z.array(z.custom<DomainEvent>()), searched: z.number() }),
  read: (input, context) => search(input, context),
  tell: ({ events, searched }) => ({
    summary: `${count(events.length, "event")} of ${searched} searched`,
    ...split(events),
  }),
});

async function search({ kinds, text, run, minutes, limit }: z.infer<typeof Input>, context: ToolContext) {
  const { core, state, at, signal } = context;
  const since = minutes === null ? "" : new Date(Date.parse(at) - minutes * 60_000).toISOString();
  const words = text?.toLowerCase().split(/\s+/u).filter(Boolean) ?? [];
  const matches = (event: DomainEvent) =>
    event.at >= since &&
    !event.kind.startsWith("ask.") &&
    (kinds.length === 0 || kinds.some((kind) => event.kind === kind || event.kind.startsWith(`${kind}.`))) &&
    (run === null || (event.data as { runId?: string }).runId === run) &&
    includesAll(describeEvent(event, state), words);
  let events: DomainEvent[] = [];
  let searched = 0;
  for (let after = Math.max(0, state.seq - LOOK_BACK); ; ) {
    signal.throwIfAborted();
    const page = await core.journal.query({ after, limit: PAGE });
    searched += page.length;
    events = [...events, ...page.filter(matches)].slice(-limit);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return { events, searched };
    after = last.seq;
  }
}

function includesAll(sentence: string, words: readonly string[]): boolean {
  const text = sentence.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Events that may be cited, and what people wrote, which is data and no evidence. */
export function split(events: readonly DomainEvent[]): { rows: []; events: DomainEvent[]; heard: string[] } {
  const known = events.filter(({ kind }) => Object.hasOwn(eventSchemas, kind));
  return {
    rows: [],
    events: known.filter(({ kind }) => !NOT_EVIDENCE.has(kind)),
    heard: known.filter(({ kind }) => NOT_EVIDENCE.has(kind)).map((event) => `${event.at} ${describeEvent(event)}`),
  };
}
