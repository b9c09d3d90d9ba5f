import { z } from "zod";
import { Instant, Ms, Refs } from "./schema-values.ts";

const DecisionFacts = z.object({
  by: z.string(),
  decision: z.enum(["approve", "deny"]),
  at: Instant,
  afterMs: Ms,
  reason: z.string().exactOptional(),
  acceptedText: z.string().exactOptional(),
  refs: Refs,
});

export const ApprovalFacts = z.object({
  id: z.string(),
  phase: z.enum(["pending", "granted", "denied", "voided", "expired", "closed"]),
  quorum: z.number().int(),
  rolesText: z.string(),
  requesterExcluded: z.boolean(),
  requestedAt: Instant,
  expiresAt: Instant,
  endedAt: Instant.exactOptional(),
  /** What changed, when that voided it. */
  changesText: z.string().exactOptional(),
  decisions: z.array(DecisionFacts),
  refs: Refs,
});

export const StepFacts = z.object({
  id: z.string(),
  name: z.string(),
  phase: z.enum(["pending", "running", "retrying", "failed", "verified", "accepted", "skipped", "stopped"]),
  alreadySo: z.boolean(),
  attempts: z.number().int(),
  endedAt: Instant.exactOptional(),
  /** From the first attempt to the end, or to now while it goes on. */
  tookMs: Ms.exactOptional(),
  /** The reason of a skip or an acceptance, or the last error. */
  remark: z.string().exactOptional(),
  refs: Refs,
});

export const RunFacts = z.object({
  id: z.string(),
  runbook: z.string(),
  drill: z.boolean(),
  source: z.string(),
  target: z.string(),
  reason: z.string(),
  requester: z.string(),
  phase: z.enum(["proposed", "running", "halted", "aborting", "completed", "aborted", "cancelled"]),
  proposedAt: Instant,
  startedAt: Instant.exactOptional(),
  endedAt: Instant.exactOptional(),
  endReason: z.string().exactOptional(),
  /** Guards that a commander broke for it, and who confirmed that. */
  overridden: z
    .object({
      at: Instant,
      by: z.string(),
      reason: z.string(),
      guardsText: z.string(),
      confirmedText: z.string(),
      refs: Refs,
    })
    .exactOptional(),
  paused: z.object({ at: Instant, by: z.string(), reason: z.string() }).exactOptional(),
  tookMs: Ms.exactOptional(),
  expectedMs: Ms,
  expectedBasis: z.string(),
  stepsDone: z.number().int(),
  stepsTotal: z.number().int(),
  activeStepsText: z.string().exactOptional(),
  warnings: z.array(z.string()),
  /** From the first time people were asked to the decision that let it start. */
  timeToDecideMs: Ms.exactOptional(),
  approvals: z.array(ApprovalFacts),
  steps: z.array(StepFacts),
  refs: Refs,
});

export type ApprovalFacts = z.infer<typeof ApprovalFacts>;
export type StepFacts = z.infer<typeof StepFacts>;
export type RunFacts = z.infer<typeof RunFacts>;
