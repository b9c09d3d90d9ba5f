import { z } from "zod";

export const Severity = z.enum(["sev1", "sev2", "sev3"]);
export type Severity = z.infer<typeof Severity>;

export const incidentEvents = {
  "incident.opened": z.object({
    incidentId: z.string(),
    title: z.string(),
    region: z.string(),
    severity: Severity,
    /** `signal`: detection saw it; `person`: somebody said so. */
    openedBy: z.enum(["signal", "person"]),
    /** The first failing probe answer; the T0 of communication. Equal to the opening when a person opened it. */
    startedAt: z.iso.datetime(),
  }),
  "incident.resolved": z.object({ incidentId: z.string(), reason: z.string() }),
  /** Detection asks for this run, and what stands in the way is not the world's to satisfy: a person must look. */
  "proposal.refused": z.object({
    runbook: z.string(),
    source: z.string(),
    target: z.string(),
    incidentId: z.string().exactOptional(),
    code: z.string(),
    summary: z.string(),
    hint: z.string(),
  }),
  "note.added": z.object({ noteId: z.string(), incidentId: z.string().exactOptional(), text: z.string() }),
};
