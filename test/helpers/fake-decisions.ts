import type { Caller, DryRun } from "../../src/core.ts";
import { AppError, type ErrorCode } from "../../src/errors.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { Evidence } from "../../src/runs/events.ts";
import { isInFlight } from "../../src/runs/views.ts";
import type { AppState, RunState } from "../../src/state.ts";
import type { Keeper } from "./fake-deciders.ts";

/** What the fake core refuses and proposes: as much of deciding as those who talk to a core can see. */

export const refused = (code: ErrorCode, summary: string) =>
  new AppError({ code, summary, hint: "Ask `status` what can be done." });

export function refuse(state: AppState, runbook: string, target = state.home): AppError | undefined {
  const region = state.regions[target];
  const known = Object.keys(state.regions).join(", ");
  if (!region)
    return new AppError({
      code: "unknown-region",
      summary: `There is no region "${target}".`,
      hint: `Regions: ${known}.`,
    });
  if (state.lock) return refused("locked", `The application is locked by ${state.lock.by}.`);
  if (runbook === "failback" && state.active === state.home)
    return refused("nothing-to-fail-back", `${state.home} is active already.`);
  if (target === state.active) return refused("already-active", `${target} is the active region.`);
  if (region.quarantine) return refused("target-quarantined", `${target} is quarantined.`);
  if (region.verdict !== "healthy") return refused("target-unhealthy", `${target} is ${region.verdict}.`);
  const busy = Object.values(state.runs).find(({ phase }) => ["proposed", "running", "halted"].includes(phase));
  return busy && refused("run-in-progress", `${busy.runId} is ${busy.phase}.`);
}

export function proposeIn(
  core: Keeper,
  state: AppState,
  runbook: string,
  { target = state.home, reason = "no reason given" }: { target?: string | undefined; reason?: string | undefined },
  caller: Caller,
  iso: (ms?: number) => string,
) {
  const runId = `run-${state.counts.runs + 1}`;
  const approvalId = `approval-${state.counts.approvals + 1}`;
  const { policy } = core.plan.runbooks[runbook]!;
  const { active: source, openIncidentId } = state;
  const evidence = { ...core.evidence, at: iso() };
  const incident = openIncidentId ? { incidentId: openIncidentId } : {};
  const proposal = {
    runId,
    runbook,
    source,
    target,
    ...incident,
    reason,
    rehearsal: false,
    plan: core.plan,
    evidence,
    approvalId,
  };
  core.emit("run.proposed", proposal, caller.principal);
  const up = { [source]: "down" as const, [target]: "up" as const };
  core.emit("approval.requested", {
    approvalId,
    runId,
    roles: policy.roles,
    quorum: policy.quorum,
    excludeRequester: policy.excludeRequester,
    expiresAt: iso(core.now() + policy.expiryMs),
    envelope: {
      planDigest: core.plan.digest,
      runbook,
      source,
      target,
      verdicts: up,
      readiness: "ready",
      lossCeilingSeconds: { sessions: 5 },
    },
    mustAccept: core.mustAccept,
  });
  return { runId, approvalId };
}

export function dryRun(core: Keeper, state: AppState, runbook: string, target = state.home): DryRun {
  const refusal = refuse(state, runbook, target);
  if (refusal?.code === "unknown-region") throw refusal;
  const steps = core.plan.runbooks[runbook]!.steps.map(({ id, name, uses, needs, with: input }) => ({
    stepId: id,
    name,
    uses,
    needs,
    input,
    readiness: core.evidence.readiness.find(({ stepId }) => stepId === id) ?? { stepId: id, state: "ready" as const },
  }));
  const refusals = refusal
    ? [{ code: refusal.code, summary: refusal.summary, hint: refusal.hint, retryable: false }]
    : [];
  return { dryRun: true, runbook, source: state.active, target, evidence: core.evidence, steps, refusals };
}

export function findRun(state: AppState, runId: string): RunState {
  const run = state.runs[runId];
  if (!run) throw refused("unknown-run", `There is no run "${runId}".`);
  return run;
}

export function inFlight(state: AppState, runId: string): RunState {
  const run = findRun(state, runId);
  if (!isInFlight(run)) throw refused("wrong-state", `${runId} is ${run.phase}.`);
  return run;
}

export function halted(state: AppState, runId: string, stepId: string): void {
  const step = findRun(state, runId).steps.find((one) => one.stepId === stepId);
  if (!step) throw refused("unknown-step", `${runId} has no step "${stepId}".`);
  if (step.phase !== "failed") throw refused("wrong-state", `${stepId} is ${step.phase}.`);
}

export function deciding(state: AppState, approvalId: string, caller: Caller) {
  const approval = state.approvals[approvalId];
  if (!approval) throw refused("unknown-approval", `There is no approval "${approvalId}".`);
  if (approval.phase !== "pending") throw refused("approval-closed", `${approvalId} is ${approval.phase}.`);
  if (state.runs[approval.runId]!.requester === caller.principal)
    throw refused("requester-excluded", "You asked for it.");
  if (approval.decisions.some(({ principal }) => principal === caller.principal))
    throw refused("already-decided", "You have decided.");
  return approval;
}

export function fakeEvidence(plan: Plan, at: string): Evidence {
  return {
    at,
    verdicts: { "us-east-1": "down", "eu-central": "healthy" },
    losses: [
      {
        store: "sessions",
        loss: { kind: "bounded", bytes: 12_400, seconds: 1.2, headAt: at, at },
        budgetSeconds: 5,
        withinBudget: true,
      },
    ],
    readiness: plan.runbooks.failover!.steps.map(({ id }) => ({
      stepId: id,
      state: id === "check-public" ? "unknown" : "ready",
      ...(id === "check-public" && { reason: "the public name still points at us-east-1" }),
    })),
    expected: { ms: 41_000, basis: "usual times of the steps on the longest path" },
    warnings: ["us-east-1 could not be asked to stop taking writes."],
  };
}
