import { z } from "zod";

const Head = z.object({ seq: z.number().int(), hash: z.string() });

export const offlineEvents = {
  /** The first event of a journal that a person keeps on one machine while no store can be reached. */
  "offline.began": z.object({
    /** What the person typed about other instances. */
    confirmed: z.string(),
    reason: z.string(),
  }),
  /** What was done with a local journal while the store was away, now part of this one. */
  "offline.imported": z.object({
    offlineId: z.string(),
    /** Who ran it, as the local journal names them. */
    by: z.string(),
    confirmed: z.string(),
    reason: z.string(),
    beganAt: z.iso.datetime(),
    runbook: z.string(),
    kind: z.enum(["failover", "failback", "rejoin", "rollback", "custom"]),
    source: z.string(),
    target: z.string(),
    phase: z.string(),
    /** The local run promoted the target, whatever it came to after that, and left the source under quarantine. */
    quarantined: z.boolean().exactOptional(),
    endedAt: z.iso.datetime(),
    steps: z.array(z.object({ stepId: z.string(), name: z.string(), uses: z.string(), phase: z.string() })),
    /** Where the local chain ended; its events stand in the stream `offline/<application>/<offlineId>`. */
    head: Head,
    incidentId: z.string().exactOptional(),
  }),
  /** One event of a local journal, to the letter; in that stream only. */
  "offline.event": z.object({ previousHash: z.string(), hash: z.string(), text: z.string() }),
};
