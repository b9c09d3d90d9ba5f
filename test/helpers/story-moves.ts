import type { LossAssessment } from "../../src/detection/events.ts";
import type { Evidence } from "../../src/runs/events.ts";
import { EAST, STORE, type Story, WEST } from "./story.ts";

export const good = (probe: string) => ({
  probe,
  ok: true,
  detail: probe === "api" ? "HTTP 200, 8/8 ready" : "PONG",
  failures: 0,
});
const bad = (probe: string) => ({ probe, ok: false, detail: "connect refused", failures: 3 });

/** Both regions healthy, everything seen, traffic at home, a failover ready. */
export function calm(story: Story): void {
  for (const region of [EAST, WEST]) {
    story.emit(
      "verdict.changed",
      { region, from: "unknown", to: "healthy", since: story.now(), evidence: [good("api"), good("sessions")] },
      "system:detector",
    );
  }
  if (story.plan.detection.outside) {
    story.emit(
      "availability.changed",
      { service: "public", available: true, firstGoodAt: story.now(), precisionMs: 1_000 },
      "system:detector",
    );
  }
  story.emit("traffic.changed", { shares: { [EAST]: 1, [WEST]: 0 } }, "system:detector");
  sample(story, measured(story, 310, 0.2));
  const steps = story.plan.runbooks.failover?.steps.map(({ id }) => ({ stepId: id, state: "ready" as const })) ?? [];
  story.emit(
    "readiness.changed",
    { runbook: "failover", source: EAST, target: WEST, from: "not-assessed", to: "ready", steps },
    "system:readiness",
  );
  story.advance(60_000);
}

export function measured(story: Story, bytes: number, seconds: number): LossAssessment {
  return { kind: "measured", bytes, seconds, at: story.now() };
}

export function sample(story: Story, loss: LossAssessment, [source, target]: [string, string] = [EAST, WEST]): void {
  const withinBudget = loss.kind !== "unknown" && loss.seconds <= 5;
  story.emit("replication.sampled", { store: STORE, source, target, loss, withinBudget }, "system:sampler");
}

/** The active region stops answering; detection sees it after `detectMs` and opens the incident. */
export function regionDies(story: Story, detectMs = 2_400): void {
  const since = story.now();
  const lastGoodAt = new Date(Date.parse(since) - 900).toISOString();
  story.advance(detectMs);
  story.emit(
    "verdict.changed",
    { region: EAST, from: "healthy", to: "down", since, lastGoodAt, evidence: [bad("api"), bad("sessions")] },
    "system:detector",
  );
  story.emit(
    "incident.opened",
    {
      incidentId: "inc-1",
      title: "genai-api is down in us-east-1",
      region: EAST,
      severity: "sev1",
      openedBy: "signal",
      startedAt: since,
    },
    "system:detector",
  );
  if (story.plan.detection.outside) {
    story.emit(
      "availability.changed",
      { service: "public", available: false, lastGoodAt, precisionMs: 2_000 },
      "system:detector",
    );
  }
  sample(story, { kind: "bounded", bytes: 4_096, seconds: 1.2, headAt: lastGoodAt, at: story.now() });
}

export interface Proposal {
  runId: string;
  runbook: string;
  source?: string;
  target?: string;
  requester?: string;
  reason?: string;
  rehearsal?: boolean;
  loss?: LossAssessment;
  expectedMs?: number;
  approvalId?: string;
  mustAccept?: { id: string; text: string }[];
  ceilingSeconds?: number | null;
}

export function propose(story: Story, proposal: Proposal): void {
  const { runId, runbook, source = EAST, target = WEST, approvalId, loss } = proposal;
  const evidence: Evidence = {
    at: story.now(),
    verdicts: { [EAST]: "down", [WEST]: "healthy" },
    losses: loss
      ? [{ store: STORE, loss, budgetSeconds: 5, withinBudget: loss.kind !== "unknown" && loss.seconds <= 5 }]
      : [],
    readiness: [],
    expected: { ms: proposal.expectedMs ?? 90_000, basis: "sum of what the actions usually take on the slowest path" },
    warnings:
      loss?.kind === "bounded"
        ? ['The bound for "sessions" assumes that the old primary took no writes after it was first seen failing.']
        : [],
  };
  story.emit(
    "run.proposed",
    {
      runId,
      runbook,
      source,
      target,
      incidentId: "inc-1",
      reason: proposal.reason ?? "us-east-1 is down",
      rehearsal: proposal.rehearsal ?? false,
      plan: story.plan,
      evidence,
      ...(approvalId && { approvalId }),
    },
    proposal.requester ?? "system:executor",
  );
  if (approvalId) ask(story, { ...proposal, approvalId });
}

export function ask(story: Story, proposal: Proposal & { approvalId: string; replaces?: string }): void {
  const { runId, runbook, source = EAST, target = WEST, approvalId, ceilingSeconds, replaces } = proposal;
  story.emit("approval.requested", {
    approvalId,
    runId,
    roles: ["approver", "commander"],
    quorum: 2,
    excludeRequester: true,
    expiresAt: new Date(Date.parse(story.now()) + 1_800_000).toISOString(),
    envelope: {
      planDigest: story.plan.digest,
      runbook,
      source,
      target,
      verdicts: { [EAST]: "down", [WEST]: "up" },
      readiness: "ready",
      lossCeilingSeconds: { [STORE]: ceilingSeconds === undefined ? 5 : ceilingSeconds },
    },
    mustAccept: proposal.mustAccept ?? [],
    ...(replaces && { replaces }),
  });
}

export function approve(
  story: Story,
  approvalId: string,
  runId: string,
  principal: string,
  accepted: string[] = [],
): void {
  story.emit("approval.decided", { approvalId, runId, decision: "approve", accepted }, principal);
}

export interface StepOptions {
  ms?: number;
  attempt?: number;
  alreadySo?: boolean;
  input?: unknown;
  /** For a promotion: what was seen when it was looked at again. */
  loss?: LossAssessment;
  ceilingSeconds?: number | null | undefined;
}

/** One attempt at a step, from its start to its verification. */
export function step(story: Story, runId: string, stepId: string, options: StepOptions = {}): void {
  const { ms = 4_000, attempt = 1, alreadySo = false, input = {}, loss, ceilingSeconds } = options;
  const at = { runId, stepId, attempt };
  story.emit("step.started", at);
  if (loss) assessLoss(story, runId, stepId, loss, ceilingSeconds);
  if (!alreadySo) {
    story.emit("step.intended", { ...at, action: "some.action", input });
    story.emit("step.applied", { ...at, handle: `change-${stepId}` });
  }
  story.advance(ms);
  story.emit("step.verified", { ...at, seen: {}, alreadySo });
}

export function failStep(
  story: Story,
  runId: string,
  stepId: string,
  { attempt = 1, again = false, summary = "Route 53 does not answer" } = {},
): void {
  story.emit("step.started", { runId, stepId, attempt });
  story.advance(1_000);
  const retryAt = new Date(Date.parse(story.now()) + 5_000).toISOString();
  const error = { code: "vendor-unavailable", summary, hint: "Wait, or change the record by hand.", retryable: again };
  story.emit("step.failed", { runId, stepId, attempt, error, ...(again && { retryAt }) });
  if (again) story.advance(5_000);
}

export function assessLoss(
  story: Story,
  runId: string,
  stepId: string,
  loss: LossAssessment,
  ceilingSeconds: number | null = 5,
): void {
  const within = ceilingSeconds === null || (loss.kind !== "unknown" && loss.seconds <= ceilingSeconds);
  story.emit("loss.assessed", { runId, stepId, store: STORE, loss, ceilingSeconds, within });
}
