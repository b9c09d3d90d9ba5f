import { describeEvent, type EventOf } from "../events/describe.ts";
import type { DomainEvent } from "../events.ts";
import { count, list, sentence } from "../format.ts";
import type { DraftedDocument } from "./events.ts";
import { createContext, ofKind, type ReportContext, type ReportInput } from "./input.ts";
import type { Statement } from "./schema-items.ts";

type Drafted = EventOf<"report.drafted">;
type Said = Drafted["data"]["statements"][number];

/** An event that speaks for or against a hypothesis. */
export interface Evidence {
  seq: number;
  text: string;
}
export type Hypothesis = Statement & { evidence: Evidence[]; against: Evidence[] };
/** Its type and priority stand in post-mortems. */
export type Action = Statement & Pick<Said, "type" | "priority">;

/** What a model wrote of a document, by section; an empty section is the template's alone. */
export interface Narrative {
  summary: Statement[];
  rootCause: Hypothesis[];
  contributing: Hypothesis[];
  wentWell: Statement[];
  wentWrong: Statement[];
  lucky: Statement[];
  /** Next steps, or action items. */
  actions: Action[];
  provenance: string;
}

/**
 * Pure: the latest draft of a document, while nothing has happened since that it would have to tell. A draft that was
 * asked for later and came to nothing ends it too: the documents are then by their templates alone.
 */
export function narrativeOf(input: ReportInput, document: DraftedDocument): Narrative | undefined {
  const context = createContext(input);
  const drafted = draftOf(context, document);
  if (!drafted) return undefined;
  const { statements } = drafted.data;
  const of = (...sections: string[]) => statements.filter(({ section }) => sections.includes(section));
  const bare = (said: Said[]): Statement[] => said.map(({ text, refs }) => ({ text, refs }));
  return {
    summary: bare(of("summary")),
    rootCause: of("root-cause").map((said) => weighed(said, context)),
    contributing: of("contributing-factors").map((said) => weighed(said, context)),
    wentWell: bare(of("went-well")),
    wentWrong: bare(of("went-wrong")),
    lucky: bare(of("lucky")),
    actions: of("next-steps", "action-items").map(({ text, refs, type, priority }) => {
      return { text, refs, ...(type && { type }), ...(priority && { priority }) };
    }),
    provenance: provenanceOf(drafted),
  };
}

/** Pure: why a document is by its template alone although a model was asked; undefined where none was. */
export function rejectionOf(input: ReportInput, document: DraftedDocument): string | undefined {
  const { own } = createContext(input);
  if (draftOf({ own }, document)) return undefined;
  const rejected = ofKind(own, "report.rejected").findLast(({ data }) => data.document === document && !data.redraft);
  return rejected && `${sentence(rejected.data.summary)} (event #${rejected.seq})`;
}

/** Pure: the draft that a document tells, if there is one. */
export function draftOf({ own }: Pick<ReportContext, "own">, document: DraftedDocument): Drafted | undefined {
  const drafted = ofKind(own, "report.drafted").findLast(({ data }) => data.document === document);
  if (!drafted || own.some((event) => isNewer(event, drafted))) return undefined;
  return drafted;
}

/** Pure: the latest answer of a model is a draft, and the story has taken a turn since. */
export function isOutrun({ own }: Pick<ReportContext, "own">, document: DraftedDocument): boolean {
  const answers = own.filter(({ kind }) => kind === "report.drafted" || kind === "report.rejected");
  const last = answers.findLast(({ data }) => (data as { document?: string }).document === document);
  return last?.kind === "report.drafted" && draftOf({ own }, document) === undefined;
}

/** With what speaks for it and against it, in the events' own words. */
function weighed({ text, refs, against = [] }: Said, { events, state }: ReportContext): Hypothesis {
  const evidence = (seqs: readonly number[]) =>
    events
      .filter(({ seq }) => seqs.includes(seq))
      .map((event) => ({ seq: event.seq, text: describeEvent(event, state) }));
  return { text, refs, evidence: evidence(refs), against: evidence(against) };
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

function isNewer(event: DomainEvent, { seq, data }: Drafted): boolean {
  if (event.kind === "report.rejected")
    return event.seq > seq && event.data.document === data.document && event.data.redraft === undefined;
  return event.seq > data.asOf.seq && TURNS.has(event.kind);
}

function provenanceOf({ seq, data }: Drafted): string {
  const { model, endpoint, prompt, requests, tokens, statements, dropped, asOf, redraft, estimated } = data;
  const by = (who: string) => statements.filter((one) => one.by === who).length;
  const kept = by("model") + by("repair");
  const faults = [...new Set(dropped.flatMap((one) => one.faults))].toSorted();
  return [
    `Model ${model} at ${endpoint}, prompt ${prompt}, over the journal as of #${asOf.seq} (event #${seq}):`,
    `${count(requests, "request")}, ${estimated ? "about " : ""}${tokens.input} tokens in and ${tokens.output} out.`,
    ...(redraft ? [`Section ${redraft.section} was drafted anew on a person's request, the others before.`] : []),
    `${count(kept, "claim")} kept, ${by("repair")} of them repaired;`,
    `${dropped.length} dropped${faults.length === 0 ? "" : ` (${list(faults)})`};`,
    `${count(by("code"), "milestone")} that the model had left out added by code.`,
  ].join(" ");
}
