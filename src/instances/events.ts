import { z } from "zod";

const Head = z.object({ seq: z.number().int(), hash: z.string() });

/** What is gone of the history that was acknowledged, and where the new one goes on. */
export const LostEvents = z.object({
  known: Head,
  head: Head,
  lost: z.object({ from: z.number().int(), to: z.number().int(), keys: z.array(z.string()) }),
});

export const instanceEvents = {
  /** A person goes on with a store that lost events: the first event of the new history that knows of the old one. */
  "store.head-accepted": LostEvents.extend({ foundBy: z.string(), reason: z.string() }),
};
