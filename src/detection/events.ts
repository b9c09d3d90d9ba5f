import { z } from "zod";

export const Verdict = z.enum(["healthy", "degraded", "down", "unknown"]);
export type Verdict = z.infer<typeof Verdict>;

const Instant = z.iso.datetime();

/** What one probe last said, as evidence of a verdict. */
export const ProbeEvidence = z.object({
  probe: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  /** Failures in a row, up to now. */
  failures: z.number().int(),
});
export type ProbeEvidence = z.infer<typeof ProbeEvidence>;

/**
 * How much of a store has not reached the target's copy, in the words of promise 4. Seconds are a ceiling:
 * "at most this much of the last acknowledged writes".
 */
export const LossAssessment = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("measured"),
    bytes: z.number(),
    seconds: z.number(),
    at: Instant,
  }),
  z.object({
    kind: z.literal("bounded"),
    /** Backlog when the primary was last seen; more may have been written after. */
    bytes: z.number(),
    /** From the moment up to which the replica has everything to the first moment the primary was seen failing. */
    seconds: z.number(),
    /** When the primary last answered. */
    headAt: Instant,
    at: Instant,
  }),
  z.object({
    kind: z.literal("unknown"),
    reason: z.string(),
    /** Where the two copies share a history: the backlog when both last answered. How old it is, is what is unknown. */
    bytes: z.number().exactOptional(),
    at: Instant,
  }),
]);
export type LossAssessment = z.infer<typeof LossAssessment>;

/**
 * What two copies of a store hold that the other does not: the one that was failed away from, and the one that took
 * over. Records are counted in the store's own unit; counts of a comparison that was cut are at least so many.
 */
export const Divergence = z.object({
  /** Only in the copy that was left: never replicated, or deleted since in the other. Lost when it follows. */
  onlyOld: z.number().int(),
  /** Only in the copy that took over: written there since. */
  onlyNew: z.number().int(),
  /** In both, and not the same. */
  differing: z.number().int(),
  compared: z.number().int(),
  /** Bytes of replication that each has beyond the history that both share, where they share one. */
  bytesOnlyOld: z.number().exactOptional(),
  bytesOnlyNew: z.number().exactOptional(),
  /** Why the comparison does not cover everything; absent when it does. */
  cut: z.string().exactOptional(),
  /** `names`: as they are; `hashes`: records may be about people, so only a fingerprint of each. */
  shown: z.enum(["names", "hashes"]),
  /** The first of those that only the old copy has, and of those that differ. */
  examples: z.array(z.object({ what: z.enum(["only-old", "differing"]), record: z.string() })),
});
export type Divergence = z.infer<typeof Divergence>;

export const detectionEvents = {
  "divergence.compared": z.object({
    runId: z.string(),
    stepId: z.string(),
    store: z.string(),
    /** Of the copy that was left. */
    region: z.string(),
    /** Of the copy that took over. */
    against: z.string(),
    found: Divergence,
  }),
  "verdict.changed": z.object({
    region: z.string(),
    from: Verdict,
    to: Verdict,
    /** The first probe answer of the row that led here: for `down`, the first failing one. */
    since: Instant,
    /** The last good answer before `since`, when there was one. */
    lastGoodAt: Instant.exactOptional(),
    evidence: z.array(ProbeEvidence),
  }),
  /** Whoever looks has been late for so long that a region could have died unseen: failures do not count meanwhile. */
  "observer.late": z.object({
    /** By how much it was late during the latest look; with a `fault`, for how long it could not look. */
    lateMs: z.number(),
    /** Why it could not look, where it was not by being late: "too many open files here". */
    fault: z.string().exactOptional(),
    /** The end of the first look that did not count. */
    since: Instant,
  }),
  /** Every probe is seen in time again, by the same instance or by another one. */
  "observer.punctual": z.object({
    /** Of the doubt that is over. */
    since: Instant,
  }),
  /** The service as clients see it, through its public name. */
  "availability.changed": z.object({
    service: z.string(),
    available: z.boolean(),
    /** Last good answer before the outage. */
    lastGoodAt: Instant.exactOptional(),
    /** First good answer after it (only when `available`). */
    firstGoodAt: Instant.exactOptional(),
    /** Both ends are known to within this many milliseconds. */
    precisionMs: z.number(),
  }),
  "quarantine.started": z.object({ region: z.string(), runId: z.string(), reason: z.string() }),
  "quarantine.lifted": z.object({ region: z.string(), reason: z.string() }),
  "replication.sampled": z.object({
    store: z.string(),
    source: z.string(),
    target: z.string(),
    loss: LossAssessment,
    withinBudget: z.boolean(),
    /** The primary's last known position and when it was seen; lets a restarted instance go on measuring. */
    head: z.object({ position: z.number(), history: z.string(), at: Instant }).exactOptional(),
    /** Until when the replica is known to hold everything. */
    coveredUntil: Instant.exactOptional(),
    /** Where the primary stood then. A replica that falls behind that, by a full sync or a restart, holds less. */
    coveredPosition: z.number().exactOptional(),
  }),
  "traffic.changed": z.object({ shares: z.record(z.string(), z.number()) }),
};
