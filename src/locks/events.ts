import { z } from "zod";

export const lockEvents = {
  /** A change freeze: no new run until it is lifted. */
  "lock.set": z.object({
    lockId: z.string(),
    reason: z.string(),
    /** When it ends by itself. */
    until: z.iso.datetime().exactOptional(),
  }),
  "lock.lifted": z.object({ lockId: z.string(), reason: z.string().exactOptional() }),
  "lock.expired": z.object({ lockId: z.string() }),
  /** A commander had a run proposed in spite of the freeze, which stands for all others. */
  "lock.overridden": z.object({
    lockId: z.string(),
    runId: z.string(),
    /** Why it was set, and by whom. */
    lockReason: z.string(),
    lockedBy: z.string(),
    reason: z.string(),
  }),
};
