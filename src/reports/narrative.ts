import type { EventOf } from "../events/describe.ts";
import type { DomainEvent } from "../events.ts";
import { count, list } from "../format.ts";
import type { DraftedDocument } from "./events.ts";
import { createContext, ofKind, type ReportInput } from "./input.ts";
import type { Statement } from "./schema.ts";

/** What a model wrote of a document, by section; an empty section is the template's alone. */
export interface Narrative {
  summary: Statement[];
  rootCause: Statement[];
  wentWell: Statement[];
  wentWrong: Statement[];
  /** Next steps, or action items. */
  actions: Statement[];
  provenance: string;
}

/**
 * Pure: the latest draft of a document, while nothing has happened since that it would have to tell. A draft that was
 * asked for later and came to nothing ends it too: the documents are then by their templates alone.
 */
export function narrativeOf(input: ReportInput, document: DraftedDocument): Narrative | undefined {
  const { own } = createContext(input);
  const drafted = ofKind(own, "report.drafted").findLast(({ data }) => data.document === document);
  if (!drafted || own.some((event) => isNewer(event, drafted))) return undefined;
  const { statements } = drafted.data;
  const of = (...sections: string[]) =>
    statements.filter(({ section }) => sections.includes(section)).map(({ text, refs }) => ({ text, refs }));
  return {
    summary: of("summary"),
    rootCause: of("root-cause"),
    wentWell: of("went-well"),
    wentWrong: of("went-wrong"),
    actions: of("next-steps", "action-items"),
    provenance: provenanceOf(drafted),
  };
}

/** Of the story's turns, each of which a summary has to tell. */
const TURNS = new Set<DomainEvent["kind"]>([
  "run.proposed",
  "run.started",
  "run.completed",
  "run.aborted",
  "run.cancelled",
  "incident.resolved",
]);

function isNewer(event: DomainEvent, { seq, data }: EventOf<"report.drafted">): boolean {
  if (event.kind === "report.rejected") return event.seq > seq && event.data.document === data.document;
  return event.seq > data.asOf.seq && TURNS.has(event.kind);
}

function provenanceOf({ seq, data }: EventOf<"report.drafted">): string {
  const { model, endpoint, prompt, requests, tokens, statements, dropped, asOf } = data;
  const by = (who: string) => statements.filter((one) => one.by === who).length;
  const kept = by("model") + by("repair");
  const faults = [...new Set(dropped.flatMap((one) => one.faults))].toSorted();
  return [
    `Model ${model} at ${endpoint}, prompt ${prompt}, over the journal as of #${asOf.seq} (event #${seq}):`,
    `${count(requests, "request")}, ${tokens.input} tokens in and ${tokens.output} out.`,
    `${count(kept, "claim")} kept, ${by("repair")} of them repaired;`,
    `${dropped.length} dropped${faults.length === 0 ? "" : ` (${list(faults)})`};`,
    `${count(by("code"), "milestone")} that the model had left out added by code.`,
  ].join(" ");
}
