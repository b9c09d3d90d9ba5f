import { z } from "zod";

/** What the prompt of a question is filled with. */
export const AskInput = z.strictObject({
  application: z.string(),
  question: z.string(),
  now: z.string(),
  active: z.string(),
  regions: z.string(),
  runbooks: z.string(),
  calls: z.string(),
});
export type AskInput = z.infer<typeof AskInput>;
