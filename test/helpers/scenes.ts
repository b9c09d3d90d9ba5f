import { createFakeCore, type FakeCore, person } from "./core.ts";

/** The story in pictures: each scene is the core at one moment of a night. */
export const scenes = { calm, detected, pending, running, halted, completed, voided };

const SOURCE = "us-east-1";
const TARGET = "eu-central";

async function calm(): Promise<FakeCore> {
  const core = createFakeCore();
  for (const region of [SOURCE, TARGET]) {
    const at = new Date(core.now()).toISOString();
    const evidence = ["api", "sessions"].map((probe) => ({
      probe,
      ok: true,
      detail: probe === "api" ? "HTTP 200, 8/8 ready" : "PONG in 1 ms",
      failures: 0,
    }));
    core.emit("verdict.changed", { region, from: "unknown", to: "healthy", since: at, evidence });
  }
  core.emit("traffic.changed", { shares: { [SOURCE]: 1, [TARGET]: 0 } });
  core.emit("availability.changed", { service: "api", available: true, precisionMs: 1000 });
  sample(core, { kind: "measured", bytes: 310, seconds: 0.2, at: now(core) });
  core.emit("readiness.changed", {
    runbook: "failover",
    source: SOURCE,
    target: TARGET,
    from: "not-assessed",
    to: "ready",
    steps: core.evidence.readiness.map((one) => ({ stepId: one.stepId, state: "ready" as const })),
  });
  core.advance(25_000);
  return core;
}

async function detected(): Promise<FakeCore> {
  const core = await calm();
  const since = now(core);
  core.advance(2_000);
  core.emit("verdict.changed", {
    region: SOURCE,
    from: "healthy",
    to: "down",
    since,
    lastGoodAt: since,
    evidence: [
      { probe: "api", ok: false, detail: "connect refused", failures: 3 },
      { probe: "sessions", ok: false, detail: "connect refused", failures: 3 },
    ],
  });
  core.emit("availability.changed", { service: "api", available: false, lastGoodAt: since, precisionMs: 1000 });
  core.emit("incident.opened", {
    incidentId: "incident-1",
    title: "us-east-1 is down",
    region: SOURCE,
    severity: "sev1",
    openedBy: "signal",
    startedAt: since,
  });
  sample(core, { kind: "bounded", bytes: 12_400, seconds: 1.2, headAt: since, at: now(core) });
  return core;
}

async function pending(): Promise<FakeCore> {
  const core = await detected();
  core.mustAccept = [
    {
      id: "fence:fence-source",
      text: "us-east-1 cannot be reached, so nobody can verify that its Redis takes no more writes",
    },
  ];
  await core.runs.propose(
    "failover",
    { target: TARGET, reason: "us-east-1 is down: connect refused on all probes" },
    person("operator"),
  );
  startStep(core, "scale-target");
  core.emit("step.intended", {
    ...step("scale-target"),
    action: "kubernetes.scale-deployment",
    input: { replicas: 10 },
    before: { replicas: 2, ready: 2 },
  });
  core.emit("step.applied", { ...step("scale-target"), note: "2 → 10 replicas" });
  core.advance(4_000);
  await core.incidents.note(
    "I see connection refused from my own machine too, not only from the probes.",
    person("operator"),
  );
  await core.approvals.approve("approval-1", ["fence:fence-source"], person("approver-1"));
  core.advance(2_000);
  return core;
}

async function running(): Promise<FakeCore> {
  const core = await pending();
  verifyStep(core, "scale-target", { replicas: 10, ready: 8 });
  startStep(core, "check-target");
  core.advance(1_500);
  verifyStep(core, "check-target", { consecutive: 3, status: 200 });
  await core.approvals.approve("approval-1", ["fence:fence-source"], person("approver-2"));
  startStep(core, "fence-source");
  core.advance(3_200);
  return core;
}

async function halted(): Promise<FakeCore> {
  const core = await running();
  core.emit("step.accepted", {
    ...step("fence-source"),
    reason: "us-east-1 does not answer",
    acceptance: "fence:fence-source",
  });
  startStep(core, "promote-target");
  core.emit("loss.assessed", {
    ...step("promote-target"),
    store: "sessions",
    loss: { kind: "bounded", bytes: 12_400, seconds: 1.2, headAt: now(core), at: now(core) },
    ceilingSeconds: 5,
    within: true,
  });
  core.advance(60_000);
  const error = {
    code: "step-timeout",
    summary: "Redis in eu-central did not answer within 1 m.",
    hint: "Look at its process, then retry.",
    retryable: true,
  };
  core.emit("step.failed", { ...step("promote-target"), error });
  core.advance(8_000);
  return core;
}

async function completed(): Promise<FakeCore> {
  const core = await running();
  core.emit("step.accepted", {
    ...step("fence-source"),
    reason: "us-east-1 does not answer",
    acceptance: "fence:fence-source",
  });
  for (const stepId of ["promote-target", "shift-traffic", "check-public"]) {
    startStep(core, stepId);
    core.advance(2_400);
    if (stepId === "shift-traffic") core.emit("traffic.changed", { shares: { [SOURCE]: 0, [TARGET]: 1 } });
    verifyStep(core, stepId, { ok: true });
  }
  core.emit("availability.changed", { service: "api", available: true, firstGoodAt: now(core), precisionMs: 1000 });
  core.emit("run.completed", { runId: "run-1" });
  core.emit("quarantine.started", { region: SOURCE, runId: "run-1", reason: "failed away from" });
  core.advance(30_000);
  return core;
}

async function voided(): Promise<FakeCore> {
  const core = await pending();
  const { envelope, roles, quorum, excludeRequester, mustAccept, expiresAt } = core.current().approvals["approval-1"]!;
  core.emit("approval.voided", {
    approvalId: "approval-1",
    runId: "run-1",
    changes: [{ what: "loss in sessions", old: "at most 5 s", new: "at most 12 s" }],
  });
  core.emit("approval.requested", {
    approvalId: "approval-2",
    runId: "run-1",
    roles,
    quorum,
    excludeRequester,
    mustAccept,
    expiresAt,
    envelope: { ...envelope, lossCeilingSeconds: { sessions: 12 } },
    replaces: "approval-1",
  });
  core.advance(3_000);
  return core;
}

const now = (core: FakeCore) => new Date(core.now()).toISOString();
const step = (stepId: string) => ({ runId: "run-1", stepId, attempt: 1 });

function startStep(core: FakeCore, stepId: string): void {
  core.emit("step.started", step(stepId));
}

function verifyStep(core: FakeCore, stepId: string, seen: unknown): void {
  core.emit("step.verified", { ...step(stepId), seen, alreadySo: false });
}

function sample(core: FakeCore, loss: Parameters<typeof core.emit<"replication.sampled">>[1]["loss"]): void {
  core.emit("replication.sampled", { store: "sessions", source: SOURCE, target: TARGET, loss, withinBudget: true });
}
