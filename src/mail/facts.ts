import { z } from "zod";

/** How much a list is told: this update alone, or every service and what happened before as well. */
export const mailTemplates = ["update", "summary"] as const;
export type MailTemplate = (typeof mailTemplates)[number];

/** All that a mail may be made of: what the public may read, and nothing from inside. */
export const MailFacts = z.object({
  heading: z.string(),
  title: z.string(),
  stage: z.string(),
  text: z.string(),
  /** When it was decided on: a mail may arrive later. */
  at: z.string(),
  /** It could not be sent in time. */
  late: z.boolean(),
  state: z.string(),
  components: z.array(z.object({ name: z.string(), state: z.string() })),
  /** What happened before, newest first. */
  before: z.array(z.object({ stage: z.string(), at: z.string(), text: z.string() })),
  page: z.string().nullable(),
});
export type MailFacts = z.infer<typeof MailFacts>;
