import { actorName, clause, list } from "../format.ts";
import { isDone } from "../runs/views.ts";
import type { ApprovalState, RunState, StepState } from "../state.ts";
import { elapsedMs, ofKind, type ReportContext, refsOf } from "./input.ts";
import type { ApprovalFacts, RunFacts, StepFacts } from "./schema-runs.ts";

export function runFactsOf(context: ReportContext): RunFacts[] {
  return context.runs.map((run) => runFacts(context, run));
}

function runFacts(context: ReportContext, run: RunState): RunFacts {
  const { own, state, generatedAt } = context;
  const approvals = Object.values(state.approvals).filter(({ runId }) => runId === run.runId);
  const active = run.steps.filter(({ phase }) => phase === "running" || phase === "retrying" || phase === "failed");
  const milestones = own.filter((event) => event.kind.startsWith("run.") && runIdOf(event) === run.runId);
  const timeToDecideMs = decisionMs(approvals, run);
  return {
    id: run.runId,
    runbook: run.runbook,
    drill: run.rehearsal,
    source: run.source,
    target: run.target,
    reason: run.reason,
    requester: actorName(run.requester),
    phase: run.phase,
    proposedAt: run.proposedAt,
    ...(run.startedAt && { startedAt: run.startedAt }),
    ...(run.endedAt && { endedAt: run.endedAt }),
    ...(run.endReason && { endReason: run.endReason }),
    ...(run.overridden && { overridden: overriddenFacts(context, run.runId, run.overridden, approvals) }),
    ...(run.paused && { paused: { ...run.paused, by: actorName(run.paused.by) } }),
    ...(run.startedAt && { tookMs: elapsedMs(run.startedAt, run.endedAt ?? generatedAt) }),
    expectedMs: run.evidence.expected.ms,
    expectedBasis: run.evidence.expected.basis,
    stepsDone: run.steps.filter(isDone).length,
    stepsTotal: run.steps.length,
    ...(active.length > 0 && { activeStepsText: list(active.map(({ stepId }) => stepId)) }),
    warnings: run.evidence.warnings,
    ...(timeToDecideMs !== undefined && { timeToDecideMs }),
    approvals: approvals.map((approval) => approvalFacts(context, approval)),
    steps: run.steps.map((step) => stepFacts(context, run, step)),
    refs: refsOf(...milestones),
  };
}

function overriddenFacts(
  { own }: ReportContext,
  runId: string,
  { guards, reason, by, at }: NonNullable<RunState["overridden"]>,
  approvals: readonly ApprovalState[],
): NonNullable<RunFacts["overridden"]> {
  const said = ofKind(own, "guard.overridden").find(({ data }) => data.runId === runId);
  const granted = approvals.filter(({ phase }) => phase === "granted").flatMap(({ decisions }) => decisions);
  return {
    at,
    by: actorName(by),
    reason,
    guardsText: guards.map(({ guard, summary }) => `${guard}: ${clause(summary)}`).join("; "),
    confirmedText: list([...new Set(granted.map(({ principal }) => principal))]) || "nobody so far",
    refs: refsOf(said),
  };
}

/** From the first time that people were asked to the decision that made the quorum for the start. */
function decisionMs(approvals: readonly ApprovalState[], { startedAt }: RunState): number | undefined {
  const first = approvals[0];
  const before = approvals.findLast(({ requestedAt }) => startedAt !== undefined && requestedAt <= startedAt);
  const yes = before?.decisions.filter(({ decision }) => decision === "approve") ?? [];
  const last = before && yes[before.quorum - 1];
  return first && last ? elapsedMs(first.requestedAt, last.at) : undefined;
}

function approvalFacts({ own }: ReportContext, approval: ApprovalState): ApprovalFacts {
  const asked = ofKind(own, "approval.requested").find(({ data }) => data.approvalId === approval.approvalId);
  const decided = ofKind(own, "approval.decided").filter(({ data }) => data.approvalId === approval.approvalId);
  const ended = own.find(
    (event) =>
      (event.kind === "approval.voided" || event.kind === "approval.expired") &&
      event.data.approvalId === approval.approvalId,
  );
  return {
    id: approval.approvalId,
    phase: approval.phase,
    quorum: approval.quorum,
    rolesText: list(approval.roles, "or"),
    requesterExcluded: approval.excludeRequester,
    requestedAt: approval.requestedAt,
    expiresAt: approval.expiresAt,
    ...(approval.endedAt && { endedAt: approval.endedAt }),
    ...(approval.changes && {
      changesText: approval.changes.map(({ what, old, new: now }) => `${what} ${old} → ${now}`).join("; "),
    }),
    decisions: decided.map((event) => ({
      by: event.actor,
      decision: event.data.decision,
      at: event.at,
      afterMs: elapsedMs(approval.requestedAt, event.at),
      ...(event.data.reason && { reason: event.data.reason }),
      ...(event.data.accepted.length > 0 && { acceptedText: list(event.data.accepted) }),
      refs: refsOf(event),
    })),
    refs: refsOf(asked, ended),
  };
}

function stepFacts({ own, generatedAt }: ReportContext, run: RunState, step: StepState): StepFacts {
  const mine = own.filter((event) => runIdOf(event) === run.runId && stepIdOf(event) === step.stepId);
  const failures = ofKind(mine, "step.failed");
  const concluded = mine.filter(
    ({ kind }) =>
      kind === "step.verified" || kind === "step.accepted" || kind === "step.skipped" || kind === "step.stopped",
  );
  const ended = isDone(step) || step.phase === "failed" || step.phase === "stopped" ? step.endedAt : undefined;
  const until = ended ?? run.endedAt ?? generatedAt;
  const lastError = failures.at(-1)?.data.error.summary;
  const remark =
    step.phase === "skipped" || step.phase === "accepted" || step.phase === "stopped" ? step.reason : lastError;
  return {
    id: step.stepId,
    name: step.name,
    phase: step.phase,
    alreadySo: step.alreadySo ?? false,
    attempts: step.attempt,
    ...(ended && { endedAt: ended }),
    ...(step.firstStartedAt && { tookMs: elapsedMs(step.firstStartedAt, until) }),
    ...(remark && { remark }),
    refs: refsOf(...failures, ...concluded),
  };
}

function runIdOf(event: { data: unknown }): string | undefined {
  return (event.data as { runId?: string }).runId;
}

function stepIdOf(event: { data: unknown }): string | undefined {
  return (event.data as { stepId?: string }).stepId;
}
