import { z } from "zod";

const message = {
  destination: z.string(),
  messageId: z.string(),
  /** For people. */
  what: z.string(),
  /** The event that it tells of. */
  eventSeq: z.number().int().min(1),
  incidentId: z.string().exactOptional(),
  runId: z.string().exactOptional(),
};

export const deliveryEvents = {
  "delivery.sent": z.object({
    ...message,
    /** When what it tells happened. */
    happenedAt: z.iso.datetime(),
    late: z.literal(true).exactOptional(),
    ref: z.string().exactOptional(),
    /** The messages that were told as this one. */
    covers: z.array(z.string()).exactOptional(),
  }),
  "delivery.failed": z.object({
    ...message,
    code: z.string(),
    summary: z.string(),
    hint: z.string(),
    /** It goes on being tried; else a person must say so. */
    retrying: z.boolean(),
  }),
  /** It was of no use any more when it could have been told. */
  "delivery.skipped": z.object({ ...message, reason: z.string() }),
  /** A person has what was given up tried again. */
  "delivery.retried": z.object({ destination: z.string(), messageId: z.string(), what: z.string() }),
};
