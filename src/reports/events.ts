import { z } from "zod";

export const reportEvents = {
  "report.written": z.object({
    incidentId: z.string(),
    documents: z.array(z.object({ name: z.string(), sha256: z.string() })),
    /** The journal's head that the documents were made from: truncation after this shows outside. */
    asOf: z.object({ seq: z.number().int(), hash: z.string() }),
  }),
};
