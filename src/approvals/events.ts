import { z } from "zod";
import { Evidence } from "../runs/events.ts";

/**
 * What an approval binds. Leaving it voids a pending approval and, after the start, halts the next
 * irreversible step until people have approved the new one. Numbers that move inside it do not.
 */
export const Envelope = z.object({
  planDigest: z.string(),
  runbook: z.string(),
  source: z.string(),
  target: z.string(),
  /** Per region. A region that wobbles between healthy and degraded stays in its class. */
  verdicts: z.record(z.string(), z.enum(["up", "down", "unknown"])),
  /** Is every step of the runbook on the target ready, already so, or to be accepted below? */
  readiness: z.enum(["ready", "unknown", "blocked"]),
  /** Per store: the loss that may at most be taken, in seconds; null where it is unknown and was accepted so. */
  lossCeilingSeconds: z.record(z.string(), z.number().nullable()),
  /** Per store of a failback: the comparison of what home alone holds that was shown; null where there was none. */
  divergence: z.record(z.string(), z.number().int().nullable()).exactOptional(),
});
export type Envelope = z.infer<typeof Envelope>;

/** Something that an approver must accept by name, because it cannot be verified or is over budget. */
export const Acceptance = z.object({
  /** `fence:<step>`, `loss:<store>` or `divergence:<store>`. */
  id: z.string(),
  /** What is accepted, for people. */
  text: z.string(),
});
export type Acceptance = z.infer<typeof Acceptance>;

export const EnvelopeChange = z.object({ what: z.string(), old: z.string(), new: z.string() });
export type EnvelopeChange = z.infer<typeof EnvelopeChange>;

export const approvalEvents = {
  "approval.requested": z.object({
    approvalId: z.string(),
    runId: z.string(),
    roles: z.array(z.string()),
    quorum: z.number().int().min(1),
    excludeRequester: z.boolean(),
    expiresAt: z.iso.datetime(),
    envelope: Envelope,
    mustAccept: z.array(Acceptance),
    /** The approval that this one replaces, after its envelope was left. */
    replaces: z.string().exactOptional(),
    /**
     * The granted approval that this one asks to go beyond, and that still holds: when the facts are back inside it,
     * the run goes on under that one, and this question is withdrawn.
     */
    beside: z.string().exactOptional(),
    /** In what the facts go beyond what the run may do without asking; what `approval.voided` says of a replaced one. */
    changes: z.array(EnvelopeChange).exactOptional(),
    /** With `replaces`: what is true now. The first question shows the proposal's evidence. */
    evidence: Evidence.exactOptional(),
  }),
  "approval.decided": z.object({
    approvalId: z.string(),
    runId: z.string(),
    decision: z.enum(["approve", "deny"]),
    reason: z.string().exactOptional(),
    /** Ids of the acceptances this person gave. */
    accepted: z.array(z.string()),
  }),
  "approval.voided": z.object({ approvalId: z.string(), runId: z.string(), changes: z.array(EnvelopeChange) }),
  /** Half of the time is over and people are still asked; whoever tells people tells them again. */
  "approval.reminded": z.object({ approvalId: z.string(), runId: z.string(), expiresAt: z.iso.datetime() }),
  /** Three quarters are over: time to ask somebody else too. */
  "approval.escalated": z.object({ approvalId: z.string(), runId: z.string(), expiresAt: z.iso.datetime() }),
  /** Not needed any more: the facts are back inside `restores`, or inside the budget of an automatic policy. */
  "approval.withdrawn": z.object({
    approvalId: z.string(),
    runId: z.string(),
    reason: z.string(),
    restores: z.string().exactOptional(),
  }),
  "approval.expired": z.object({ approvalId: z.string(), runId: z.string() }),
};
