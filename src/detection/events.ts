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

export const detectionEvents = {
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
  }),
  "traffic.changed": z.object({ shares: z.record(z.string(), z.number()) }),
};
