import { z } from "zod";

/** The documents in which a model may write. */
export const DraftedDocument = z.enum(["status-report", "postmortem"]);
export type DraftedDocument = z.infer<typeof DraftedDocument>;

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
};

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
  }),
};
