import { pino } from "pino";
import { type Fact, factsOf } from "../../src/assistant/facts.ts";
import { untold } from "../../src/assistant/milestones.ts";
import type { ModelPort } from "../../src/assistant/model.ts";
import { taskOf } from "../../src/assistant/task.ts";
import { createWriter, type WriterOptions } from "../../src/assistant/writer.ts";
import { systemClock } from "../../src/clock.ts";
import { duration } from "../../src/format.ts";
import { DraftedDocument } from "../../src/reports/events.ts";
import { incidents } from "../eval/incidents.ts";
import type { Story } from "./story.ts";

/** What came of one draft. */
export interface DraftFigures {
  incident: string;
  document: DraftedDocument;
  model: string;
  /** Nothing of it could be kept: the template wrote. */
  fellBack: boolean;
  kept: number;
  dropped: number;
  /** Kept, and of those whose every event exists and whose every value is one of these events'. */
  cited: number;
  /** Milestones that a summary may not leave out, and those that the model told itself. */
  milestones: number;
  told: number;
  requests: number;
  tokens: number;
  /** All but the waiting for the model: the prompt, the check, the writing out. */
  ownMs: number;
  texts: string[];
}

type Assistant = Pick<WriterOptions, "model" | "prompts" | "deadlineMs" | "budget">;

/** Every incident, both documents. */
export async function draftAll(assistant: Assistant, now: () => number): Promise<DraftFigures[]> {
  const figures: DraftFigures[] = [];
  for (const [incident, tell] of Object.entries(incidents))
    for (const document of DraftedDocument.options)
      figures.push(await draftOne(assistant, incident, tell(), document, now));
  return figures;
}

async function draftOne(
  assistant: Assistant,
  incident: string,
  story: Story,
  document: DraftedDocument,
  now: () => number,
): Promise<DraftFigures> {
  let waitedMs = 0;
  const model: ModelPort = {
    ...assistant.model,
    async complete(request) {
      const from = now();
      try {
        return await assistant.model.complete(request);
      } finally {
        waitedMs += now() - from;
      }
    },
  };
  const writer = createWriter({ ...assistant, model, clock: systemClock, logger: pino({ level: "silent" }) });
  const input = story.input();
  const milestones = untold(taskOf(input).facts, []).length;
  const began = now();
  const { kind, data } = await writer.draft(document, input);
  const ownMs = now() - began - waitedMs;
  const statements = kind === "report.drafted" ? data.statements : [];
  const kept = statements.filter(({ by }) => by !== "code");
  const facts = factsOf(story.events(), story.state());
  const added = statements.length - kept.length;
  return {
    incident,
    document,
    model: kind === "report.drafted" ? data.model : "",
    fellBack: kind === "report.rejected",
    kept: kept.length,
    dropped: kind === "report.drafted" ? data.dropped.length : 0,
    cited: kept.filter((one) => isGrounded(one, facts)).length,
    milestones,
    told: kind === "report.drafted" ? milestones - added : 0,
    requests: data.requests,
    tokens: data.tokens.input + data.tokens.output,
    ownMs,
    texts: kept.map(({ text }) => text),
  };
}

/** Told by other means than the checker's: whatever has a digit must be a value of the cited events. */
function isGrounded({ text, refs }: { text: string; refs: number[] }, facts: readonly Fact[]): boolean {
  const cited = facts.filter(({ seq }) => refs.includes(seq));
  if (cited.length !== refs.length || refs.length === 0) return false;
  const spans = cited.flatMap((one) =>
    cited.map((other) => duration(Math.abs(Date.parse(other.at) - Date.parse(one.at)))),
  );
  const values = [...cited.flatMap(({ values: own }) => Object.values(own)), ...spans];
  const left = values.toSorted((one, other) => other.length - one.length).reduce(without, text);
  return !/\d/.test(left);
}

function without(text: string, value: string): string {
  // Times of day stand without their day where the whole story is of one.
  return text.replaceAll(value, "").replaceAll(value.replace(/^\d{4}-\d\d-\d\d /, ""), "");
}
