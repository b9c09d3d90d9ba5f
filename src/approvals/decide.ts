import type { NewDomainEvent } from "../events.ts";
import type { RecoveryAction } from "../ports.ts";
import { refreshEvidence } from "../runs/evidence.ts";
import { overallReadiness, stepReadinessOf } from "../runs/readiness-views.ts";
import { runbookOf } from "../runs/views.ts";
import type { ApprovalState, AppState, RunState } from "../state.ts";
import { ceilingsFor, decidersOf, isAboutData, subjectAhead } from "./ceilings.ts";
import { divergenceAcceptances } from "./divergence.ts";
import { acceptancesOf, classChanges, envelopeOf, lossChanges } from "./envelope.ts";
import type { EnvelopeChange } from "./events.ts";
import type { Subject } from "./subject.ts";

type Actions = ReadonlyMap<string, RecoveryAction>;

function subjectOf(run: RunState): Subject {
  return { plan: run.plan, runbook: runbookOf(run), source: run.source, target: run.target };
}

/** The approval in force for a run: the latest that was asked for. */
export function approvalOf(state: AppState, run: RunState): ApprovalState | undefined {
  return run.approvalId === undefined ? undefined : state.approvals[run.approvalId];
}

export interface Changes {
  /** Verdicts and readiness: the approval was given on another situation and is void. */
  ofClass: EnvelopeChange[];
  /** Losses beyond their ceilings: what was approved still holds, and is not enough. */
  ofLoss: EnvelopeChange[];
}

/**
 * In what the present leaves what the run may do: the envelope of this approval or, with none, the plan's budgets.
 * Readiness counts until the run starts.
 */
export function changesFor(
  state: AppState,
  run: RunState,
  actions: Actions,
  approval: ApprovalState | undefined = approvalOf(state, run),
): Changes {
  const readiness = run.startedAt === undefined ? overallReadiness(stepReadinessOf(state, run)) : undefined;
  return {
    ofClass: approval ? classChanges(approval.envelope, state, readiness) : [],
    ofLoss: lossChanges(run, ceilingsFor(run, approval, state, actions), state),
  };
}

export function isInside({ ofClass, ofLoss }: Changes): boolean {
  return ofClass.length === 0 && ofLoss.length === 0;
}

/** The question to people, bound to the envelope as it is now. Ids count up, so that they can be typed at night. */
export function requestApproval(
  state: AppState,
  about: Subject & { runId: string; requester: string; breaksGlass?: boolean },
  readiness: { status: "ready" | "unknown" | "blocked"; steps: Parameters<typeof acceptancesOf>[2] },
  now: number,
  actions: Actions,
  replaces?: string,
): Extract<NewDomainEvent, { kind: "approval.requested" }> {
  const approvalId = `ap-${state.counts.approvals + 1}`;
  const { policy } = about.runbook;
  const mustAccept = acceptancesOf(state, about, readiness.steps, actions);
  return {
    key: `approval/${approvalId}/requested`,
    kind: "approval.requested",
    actor: "system:executor",
    data: {
      approvalId,
      runId: about.runId,
      roles: policy.roles,
      ...decidersOf(policy, about.requester, mustAccept),
      // Nobody breaks the glass alone, whatever the policy says.
      ...(about.breaksGlass && { excludeRequester: true }),
      expiresAt: new Date(now + policy.expiryMs).toISOString(),
      envelope: envelopeOf(state, about, readiness.status, actions),
      mustAccept,
      ...(replaces !== undefined && { replaces }),
    },
  };
}

/** May an automatic policy proceed by itself? Only inside every budget, and never past what nobody knows. */
export function needsPeople(
  state: AppState,
  about: Subject,
  steps: Parameters<typeof acceptancesOf>[2],
  actions: Actions,
): boolean {
  return about.runbook.policy.approval === "required" || acceptancesOf(state, about, steps, actions).some(isAboutData);
}

/**
 * Asks people with what is true now. A change of class voids the approval in force, granted or not. A loss beyond
 * what was granted leaves that standing, so that the run can go on under it when the copies have caught up.
 */
export function askAgain(
  state: AppState,
  run: RunState,
  { ofClass, ofLoss }: Changes,
  now: number,
  actions: Actions,
): NewDomainEvent[] {
  const old = approvalOf(state, run);
  const about = {
    // A fence that already stands, or was accepted, is not asked about a second time, nor what is lost already.
    ...subjectAhead(run),
    runId: run.runId,
    requester: run.requester,
    breaksGlass: run.overridden !== undefined,
  };
  const steps = stepReadinessOf(state, run);
  const status = overallReadiness(steps);
  const changes = [...ofClass, ...ofLoss];
  const standing = ofClass.length === 0 ? standingUnder(state, run, actions) : undefined;
  const besides = old !== undefined && old.approvalId === standing?.approvalId;
  const question = requestApproval(
    state,
    about,
    { status, steps },
    now,
    actions,
    besides ? undefined : old?.approvalId,
  );
  const evidence = refreshEvidence(run.evidence, state, about, steps, actions, now);
  const asked = {
    ...question,
    data: {
      ...question.data,
      evidence,
      ...(standing && { beside: standing.approvalId }),
      ...(besides || !old ? { changes } : old.changes && changes.length === 0 ? { changes: old.changes } : {}),
    },
  };
  if (!old || besides || changes.length === 0) return [asked];
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

/** The granted approval of a started run that only a loss keeps from going on: it, or the one it was asked beside. */
function standingUnder(state: AppState, run: RunState, actions: Actions): ApprovalState | undefined {
  if (run.startedAt === undefined) return undefined;
  const current = approvalOf(state, run);
  const standing = current?.beside === undefined ? current : state.approvals[current.beside];
  if (standing?.phase !== "granted") return undefined;
  return changesFor(state, run, actions, standing).ofClass.length === 0 ? standing : undefined;
}

/**
 * A question that needs no answer any more: the facts are back inside what was granted before or, where the policy
 * is automatic, inside the budgets. The run goes on by itself.
 */
export function withdraw(state: AppState, run: RunState, approval: ApprovalState, actions: Actions): NewDomainEvent[] {
  const base = approval.beside === undefined ? undefined : state.approvals[approval.beside];
  if (base ? !isInside(changesFor(state, run, actions, base)) : !isAutomaticAgain(state, run, actions)) return [];
  const reason = base
    ? `What would be lost is back inside what ${base.approvalId} allows.`
    : "What would be lost is inside the budget, where the policy lets the run go on by itself.";
  return [
    {
      key: `approval/${approval.approvalId}/withdrawn`,
      kind: "approval.withdrawn",
      actor: "system:executor",
      data: { approvalId: approval.approvalId, runId: run.runId, reason, ...(base && { restores: base.approvalId }) },
    },
  ];
}

function isAutomaticAgain(state: AppState, run: RunState, actions: Actions): boolean {
  // Broken glass asks a second person for more than the loss.
  if (run.overridden || runbookOf(run).policy.approval !== "automatic") return false;
  const beyond = lossChanges(run, ceilingsFor(run, undefined, state, actions), state);
  return beyond.length === 0 && divergenceAcceptances(state, subjectOf(run), actions).length === 0;
}
