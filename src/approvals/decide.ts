import type { NewDomainEvent } from "../events.ts";
import type { RecoveryAction } from "../ports.ts";
import { refreshEvidence } from "../runs/evidence.ts";
import { stepReadinessOf } from "../runs/readiness-views.ts";
import { isDone, runbookOf } from "../runs/views.ts";
import type { ApprovalState, AppState, RunState } from "../state.ts";
import { acceptancesOf, envelopeChanges, envelopeOf, type Subject } from "./envelope.ts";
import type { EnvelopeChange } from "./events.ts";

type Actions = ReadonlyMap<string, RecoveryAction>;

export function subjectOf(run: RunState): Subject {
  return { plan: run.plan, runbook: runbookOf(run), source: run.source, target: run.target };
}

/** The approval in force for a run: the latest that was asked for. */
export function approvalOf(state: AppState, run: RunState): ApprovalState | undefined {
  return run.approvalId === undefined ? undefined : state.approvals[run.approvalId];
}

/** In what the present leaves the envelope of the run's approval. Readiness counts until the run starts. */
export function changesFor(state: AppState, run: RunState): EnvelopeChange[] {
  const approval = approvalOf(state, run);
  if (!approval) return [];
  const readiness = run.startedAt === undefined ? stepReadinessOf(state, run).status : undefined;
  return envelopeChanges(approval.envelope, state, readiness);
}

/** The question to people, bound to the envelope as it is now. Ids count up, so that they can be typed at night. */
export function requestApproval(
  state: AppState,
  about: Subject & { runId: string },
  readiness: { status: "ready" | "unknown" | "blocked"; steps: Parameters<typeof acceptancesOf>[2] },
  now: number,
  actions: Actions,
  replaces?: string,
): Extract<NewDomainEvent, { kind: "approval.requested" }> {
  const approvalId = `ap-${state.counts.approvals + 1}`;
  const { policy } = about.runbook;
  return {
    key: `approval/${approvalId}/requested`,
    kind: "approval.requested",
    actor: "system:executor",
    data: {
      approvalId,
      runId: about.runId,
      roles: policy.roles,
      quorum: policy.quorum,
      excludeRequester: policy.excludeRequester,
      expiresAt: new Date(now + policy.expiryMs).toISOString(),
      envelope: envelopeOf(state, about, readiness.status, actions),
      mustAccept: acceptancesOf(state, about, readiness.steps, actions),
      ...(replaces !== undefined && { replaces }),
    },
  };
}

/** Voids the approval in force, granted or not, and asks again with what is true now. */
export function askAgain(
  state: AppState,
  run: RunState,
  changes: EnvelopeChange[],
  now: number,
  actions: Actions,
): NewDomainEvent[] {
  const old = approvalOf(state, run);
  if (!old) return [];
  const about = { ...subjectOf(run), runId: run.runId };
  const { status, steps } = stepReadinessOf(state, run);
  // A fence that already stands, or was accepted, is not asked about a second time.
  const open = steps.filter(({ stepId }) => !run.steps.some((step) => step.stepId === stepId && isDone(step)));
  const question = requestApproval(state, about, { status, steps: open }, now, actions, old.approvalId);
  const evidence = refreshEvidence(run.evidence, state, about, steps, actions, now);
  const asked = { ...question, data: { ...question.data, evidence } };
  if (changes.length === 0) return [asked];
  return [
    {
      key: `approval/${old.approvalId}/voided`,
      kind: "approval.voided",
      actor: "system:executor",
      data: { approvalId: old.approvalId, runId: run.runId, changes },
    },
    asked,
  ];
}
