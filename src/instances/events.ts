import { z } from "zod";

const Head = z.object({ seq: z.number().int(), hash: z.string() });

/** What is gone of the history that was acknowledged, and where the new one goes on. */
const LostEvents = z.object({
  known: Head,
  head: Head,
  lost: z.object({ from: z.number().int(), to: z.number().int(), keys: z.array(z.string()) }),
});

/** Something that would go down together with what is protected, or of which nobody knows whether it would. */
export const PlacementFinding = z.object({ code: z.string(), level: z.enum(["warning", "unknown"]), text: z.string() });
export type PlacementFinding = z.infer<typeof PlacementFinding>;

export const instanceEvents = {
  /** Where Muster and its store are, as far as that is a risk; no findings is what is hoped for. */
  "placement.changed": z.object({ findings: z.array(PlacementFinding) }),
  /** A person goes on with a store that lost events: the first event of the new history that knows of the old one. */
  "store.head-accepted": LostEvents.extend({ foundBy: z.string(), reason: z.string() }),
};
