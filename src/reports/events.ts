import { z } from "zod";

/** The documents in which a model may write. */
export const DraftedDocument = z.enum(["status-report", "postmortem"]);
export type DraftedDocument = z.infer<typeof DraftedDocument>;

/** What an item would change: that it happens, that it is seen, what is done then, or what it left behind. */
export const ActionType = z.enum(["prevent", "detect", "respond", "repair"]);
export type ActionType = z.infer<typeof ActionType>;
export const Priority = z.enum(["P1", "P2", "P3"]);
export type Priority = z.infer<typeof Priority>;

const Head = z.object({ seq: z.number().int(), hash: z.string() });
const Asked = {
  incidentId: z.string(),
  document: DraftedDocument,
  /** The journal's head that the facts were taken from. */
  asOf: Head,
  /** `status-report@1`. */
  prompt: z.string(),
  requests: z.number().int(),
  tokens: z.object({ input: z.number().int(), output: z.number().int() }),
  /** No endpoint said what was used: the tokens are counted from the texts. */
  estimated: z.literal(true).exactOptional(),
  /** Of one section alone, as a person asked with a hint; the statements of the others are those of before. */
  redraft: z.object({ section: z.string(), hint: z.string(), by: z.string() }).exactOptional(),
};

/** A version of an incident's documents, as the state keeps it. */
export interface WrittenReport {
  seq: number;
  at: string;
  asOfSeq: number;
  generatedAt: string;
  documents: { name: string; sha256: string }[];
}

export const reportEvents = {
  /** Statements that a model wrote and code checked, or that code added because the model had left them out. */
  "report.drafted": z.object({
    ...Asked,
    model: z.string(),
    endpoint: z.string(),
    statements: z.array(
      z.object({
        section: z.string(),
        kind: z.enum(["fact", "hypothesis", "action"]),
        text: z.string(),
        refs: z.array(z.number().int()),
        by: z.enum(["model", "repair", "code"]),
        /** Events that speak against a hypothesis. */
        against: z.array(z.number().int()).exactOptional(),
        /** Of an action item. */
        type: ActionType.exactOptional(),
        priority: Priority.exactOptional(),
      }),
    ),
    /** Claims that were not posted, by what they had against them. */
    dropped: z.array(z.object({ section: z.string(), faults: z.array(z.string()) })),
  }),
  /** Asked for, and nothing came that could be posted: the documents are written by their templates. */
  "report.rejected": z.object({ ...Asked, code: z.string(), summary: z.string() }),
  "report.written": z.object({
    incidentId: z.string(),
    documents: z.array(z.object({ name: z.string(), sha256: z.string() })),
    /** The journal's head that the documents were made from: truncation after this shows outside. */
    asOf: Head,
    /** The moment that they call now: with it the journal gives each version again, word for word. */
    generatedAt: z.iso.datetime().exactOptional(),
    version: z.number().int().exactOptional(),
    /** Files that a person had changed: they were left, and the new text was written beside them. */
    kept: z.array(z.string()).exactOptional(),
  }),
};
