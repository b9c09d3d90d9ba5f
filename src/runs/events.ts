import { z } from "zod";
import { LossAssessment, Verdict } from "../detection/events.ts";
import { Plan } from "../plans/plan.ts";

/** How one step stands before anything was written. */
export const StepReadiness = z.object({
  stepId: z.string(),
  state: z.enum(["ready", "already-so", "blocked", "unknown"]),
  reason: z.string().exactOptional(),
  seen: z.unknown().exactOptional(),
});
export type StepReadiness = z.infer<typeof StepReadiness>;

/** The live facts that people are shown when they decide. */
export const Evidence = z.object({
  at: z.iso.datetime(),
  verdicts: z.record(z.string(), Verdict),
  losses: z.array(
    z.object({ store: z.string(), loss: LossAssessment, budgetSeconds: z.number(), withinBudget: z.boolean() }),
  ),
  readiness: z.array(StepReadiness),
  /** Expected milliseconds from the start of the run to its end, with the basis in words. */
  expected: z.object({
    ms: z.number(),
    basis: z.string(),
    /** What each step usually takes. */
    steps: z.record(z.string(), z.number()).exactOptional(),
  }),
  /** Whatever a person should know that fits nowhere else, one sentence each. */
  warnings: z.array(z.string()),
  /** Steps that guard data: only a commander may leave one of them out. */
  guarding: z.array(z.string()).exactOptional(),
});
export type Evidence = z.infer<typeof Evidence>;

const ErrorReport = z.object({
  code: z.string(),
  summary: z.string(),
  hint: z.string(),
  retryable: z.boolean(),
});

/** Why a guard keeps a step from going on, and what would satisfy it, as clauses of a sentence. */
export const HeldGuard = z.object({ guard: z.string(), summary: z.string(), until: z.string() });
export type HeldGuard = z.infer<typeof HeldGuard>;

/** A guard that people chose to go against, with what it had said. */
export const OverriddenGuard = z.object({ guard: z.string(), summary: z.string() });
export type OverriddenGuard = z.infer<typeof OverriddenGuard>;

const step = { runId: z.string(), stepId: z.string(), attempt: z.number().int().min(1) };

export const runEvents = {
  "run.proposed": z.object({
    runId: z.string(),
    runbook: z.string(),
    source: z.string(),
    target: z.string(),
    incidentId: z.string().exactOptional(),
    reason: z.string(),
    /** A drill: labelled everywhere, never pages or publishes. */
    rehearsal: z.boolean(),
    /** The whole resolved plan, so that a run never changes under the people who approved it. */
    plan: Plan,
    evidence: Evidence,
    /** Absent when the policy is automatic. */
    approvalId: z.string().exactOptional(),
    /** The run that this one undoes. */
    rollbackOf: z.string().exactOptional(),
  }),
  "run.started": z.object({ runId: z.string() }),
  "run.completed": z.object({ runId: z.string() }),
  /** People hold it: no attempt starts and nothing is applied until it is resumed. The actor is who. */
  "run.paused": z.object({ runId: z.string(), reason: z.string() }),
  "run.resumed": z.object({ runId: z.string() }),
  /** Nothing is applied from here on; it ends when it is known what became of the steps in flight. */
  "run.aborting": z.object({ runId: z.string(), reason: z.string(), inFlight: z.array(z.string()) }),
  "run.aborted": z.object({ runId: z.string(), reason: z.string() }),
  /** Ended before it started: denied, expired, or withdrawn. */
  "run.cancelled": z.object({ runId: z.string(), reason: z.string() }),

  /** An attempt begins; nothing was written yet. */
  "step.started": z.object(step),
  "step.assessed": z.object({
    ...step,
    state: z.enum(["reached", "moving", "away", "unknown"]),
    seen: z.unknown().exactOptional(),
    reason: z.string().exactOptional(),
  }),
  /** The intent: stands before `apply` is called. `before` is what was seen, for undo. */
  "step.intended": z.object({ ...step, action: z.string(), input: z.unknown(), before: z.unknown().exactOptional() }),
  /** `apply` answered. */
  "step.applied": z.object({ ...step, handle: z.string().exactOptional(), note: z.string().optional() }),
  /** Assessed as reached. `alreadySo`: it was so before this run wrote anything. */
  "step.verified": z.object({ ...step, seen: z.unknown(), alreadySo: z.boolean() }),
  /** Not verified, and people accepted that by name before the run. */
  "step.accepted": z.object({ ...step, reason: z.string(), acceptance: z.string() }),
  /** Stopped before anything was sent: more would be lost than the run may lose without asking. */
  "step.held": z.object({ ...step, reason: z.string() }),
  "step.failed": z.object({
    ...step,
    error: ErrorReport,
    /** Another attempt follows by itself at this moment. */ retryAt: z.iso.datetime().exactOptional(),
  }),
  /** Its run was aborted while it was under way; `state` is what was last seen, `sent` whether an intent stood. */
  "step.stopped": z.object({
    ...step,
    sent: z.boolean(),
    state: z.enum(["moving", "away", "unknown"]),
    seen: z.unknown().exactOptional(),
    reason: z.string(),
  }),
  /** A person asked for another attempt. */
  "step.retried": z.object({ runId: z.string(), stepId: z.string() }),
  "step.skipped": z.object({ runId: z.string(), stepId: z.string(), reason: z.string() }),
  /** The unreplicated amount, looked at again at the moment of promotion. */
  "loss.assessed": z.object({
    runId: z.string(),
    stepId: z.string(),
    store: z.string(),
    loss: LossAssessment,
    ceilingSeconds: z.number().nullable(),
    within: z.boolean(),
  }),

  /** A step that is due does not start, or goes no further than looking, while these guards hold it. */
  "guard.held": z.object({ runId: z.string(), stepId: z.string(), guards: z.array(HeldGuard) }),
  "guard.released": z.object({ runId: z.string(), stepId: z.string(), guards: z.array(z.string()) }),
  /**
   * Break-glass: a commander asked for this run against these guards, which stay overridden for it alone. Whoever
   * pages people pages them with this.
   */
  "guard.overridden": z.object({
    runId: z.string(),
    incidentId: z.string().exactOptional(),
    guards: z.array(OverriddenGuard).min(1),
    reason: z.string(),
  }),

  "readiness.changed": z.object({
    runbook: z.string(),
    source: z.string(),
    target: z.string(),
    from: z.enum(["ready", "unknown", "blocked", "not-assessed"]),
    to: z.enum(["ready", "unknown", "blocked"]),
    steps: z.array(StepReadiness),
  }),
};
