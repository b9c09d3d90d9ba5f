import type { DomainEvent, EventData } from "../../../src/events.ts";
import type { Plan, Runbook, Step } from "../../../src/plans/plan.ts";

/**
 * What the events say, read a second time and by other code than production's folds: whatever is wrong there must
 * not be wrong here too.
 */
export interface Recorded {
  seq: number;
  regions: Map<string, { verdict: string; quarantined: boolean }>;
  /** Key: `<store>/<target>`. */
  losses: Map<string, { source: string; kind: string; seconds: number }>;
  runs: Map<string, RunRecord>;
  approvals: Map<string, ApprovalRecord>;
}

export interface RunRecord {
  runId: string;
  plan: Plan;
  runbook: Runbook;
  source: string;
  target: string;
  requester: string;
  steps: Map<string, StepRecord>;
  /** Of the latest question to people. */
  approvalId: string | undefined;
  started: boolean;
  /** People hold it, or have ended it while something was in flight. */
  held?: "paused" | "aborting";
  ended?: { seq: number; kind: string; atMs: number };
}

export interface StepRecord {
  planned: Step;
  phase: "pending" | "running" | "retrying" | "failed" | "verified" | "accepted" | "skipped" | "stopped";
  attempt: number;
  startedAtMs: number;
  intents: { attempt: number; seq: number; atMs: number }[];
  /** How often a person asked for another attempt. */
  retried: number;
  skippedBy?: string;
}

export interface ApprovalRecord {
  asked: EventData<"approval.requested">;
  yes: { principal: string; accepted: string[]; at: string }[];
  no: boolean;
  over: boolean;
}

export function emptyRecord(): Recorded {
  return { seq: 0, regions: new Map(), losses: new Map(), runs: new Map(), approvals: new Map() };
}

export function stepOf(record: Recorded, at: { runId: string; stepId: string }): StepRecord | undefined {
  return record.runs.get(at.runId)?.steps.get(at.stepId);
}

export function isDone({ phase }: StepRecord): boolean {
  return phase === "verified" || phase === "accepted" || phase === "skipped";
}

/** Takes one more event in. `atMs` is the world's time at which it was written. */
export function takeIn(record: Recorded, event: DomainEvent, atMs: number): void {
  record.seq = event.seq;
  switch (event.kind) {
    case "plan.adopted":
      for (const code of Object.keys(event.data.plan.regions)) regionOf(record, code);
      return;
    case "verdict.changed":
      regionOf(record, event.data.region).verdict = event.data.to;
      return;
    case "quarantine.started":
    case "quarantine.lifted":
      regionOf(record, event.data.region).quarantined = event.kind === "quarantine.started";
      return;
    case "replication.sampled": {
      const { store, source, target, loss } = event.data;
      const seconds = loss.kind === "unknown" ? Number.POSITIVE_INFINITY : loss.seconds;
      record.losses.set(`${store}/${target}`, { source, kind: loss.kind, seconds });
      return;
    }
    default:
      if (event.kind.startsWith("approval.")) takeInApproval(record, event);
      else takeInRun(record, event, atMs);
  }
}

function regionOf(record: Recorded, code: string) {
  const known = record.regions.get(code) ?? { verdict: "unknown", quarantined: false };
  record.regions.set(code, known);
  return known;
}

function takeInApproval(record: Recorded, event: DomainEvent): void {
  if (event.kind === "approval.requested") {
    record.approvals.set(event.data.approvalId, { asked: event.data, yes: [], no: false, over: false });
    const run = record.runs.get(event.data.runId);
    if (run) run.approvalId = event.data.approvalId;
    return;
  }
  if (event.kind === "approval.withdrawn") {
    const run = record.runs.get(event.data.runId);
    const withdrawn = record.approvals.get(event.data.approvalId);
    if (withdrawn) withdrawn.over = true;
    if (run) run.approvalId = event.data.restores;
    return;
  }
  if (event.kind !== "approval.decided" && event.kind !== "approval.voided" && event.kind !== "approval.expired")
    return;
  const approval = record.approvals.get(event.data.approvalId);
  if (!approval) return;
  if (event.kind !== "approval.decided") approval.over = true;
  else if (event.data.decision === "deny") approval.no = true;
  else approval.yes.push({ principal: event.actor, accepted: event.data.accepted, at: event.at });
}

function takeInRun(record: Recorded, event: DomainEvent, atMs: number): void {
  if (event.kind === "run.proposed") {
    const { runId, plan, source, target } = event.data;
    const runbook = plan.runbooks[event.data.runbook];
    if (!runbook) return;
    const steps = runbook.steps.map((planned): [string, StepRecord] => [
      planned.id,
      { planned, phase: "pending", attempt: 0, startedAtMs: 0, intents: [], retried: 0 },
    ]);
    const run = { runId, plan, runbook, source, target, requester: event.actor, steps: new Map(steps) };
    record.runs.set(runId, { ...run, approvalId: event.data.approvalId, started: false });
    return;
  }
  const { runId = "", stepId = "" } = event.data as { runId?: string; stepId?: string };
  const run = record.runs.get(runId);
  if (!run) return;
  if (event.kind === "run.started") run.started = true;
  if (event.kind === "run.paused") run.held = "paused";
  if (event.kind === "run.aborting") run.held = "aborting";
  if (event.kind === "run.resumed") delete run.held;
  if (event.kind === "run.completed" || event.kind === "run.aborted" || event.kind === "run.cancelled")
    run.ended = { seq: event.seq, kind: event.kind, atMs };
  const step = run.steps.get(stepId);
  if (step) takeInStep(step, event, atMs);
}

function takeInStep(step: StepRecord, event: DomainEvent, atMs: number): void {
  switch (event.kind) {
    case "step.started":
      step.phase = "running";
      step.attempt = event.data.attempt;
      step.startedAtMs = atMs;
      return;
    case "step.intended":
      step.intents.push({ attempt: event.data.attempt, seq: event.seq, atMs });
      return;
    case "step.verified":
      step.phase = "verified";
      return;
    case "step.accepted":
      step.phase = "accepted";
      return;
    case "step.held":
      step.phase = "pending";
      return;
    case "step.failed":
      step.phase = event.data.retryAt === undefined ? "failed" : "retrying";
      return;
    case "step.stopped":
      step.phase = "stopped";
      return;
    case "step.retried":
      step.phase = "retrying";
      step.retried++;
      return;
    case "step.skipped":
      step.phase = "skipped";
      step.skippedBy = event.actor;
  }
}
