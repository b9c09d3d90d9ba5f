import type { LossAssessment } from "../../src/detection/events.ts";
import { type DomainEvent, type EventData, type EventKind, eventSchemas } from "../../src/events.ts";
import { fold, initialState } from "../../src/fold.ts";
import { sealEvent } from "../../src/journal/chain.ts";
import { GENESIS_HASH } from "../../src/journal/store.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { ReportInput } from "../../src/reports/input.ts";
import type { Evidence } from "../../src/runs/events.ts";
import type { AppState } from "../../src/state.ts";
import { makePlan, makeStep } from "./plan.ts";

/** A journal in memory that tells a story: every event is parsed, sealed and folded as the real one does it. */
export interface Story {
  plan: Plan;
  emit<K extends EventKind>(kind: K, data: EventData<K>, actor?: string): DomainEvent;
  advance(ms: number): string;
  now(): string;
  state(): AppState;
  events(): DomainEvent[];
  /** What documents about the incident (the latest, unless named) are made from, at this moment. */
  input(incidentId?: string): ReportInput;
}

export const EAST = "us-east-1";
export const WEST = "eu-central";
const STORE = "sessions";
const START = Date.parse("2026-03-07T02:14:00.000Z");

export function createStory(plan: Plan = storyPlan()): Story {
  const events: DomainEvent[] = [];
  let state = initialState(plan);
  let clock = START;
  const now = () => new Date(clock).toISOString();
  return {
    plan,
    emit(kind, data, actor = "system:executor") {
      const seq = events.length + 1;
      const sealed = sealEvent({
        seq,
        stream: `app/${plan.application}`,
        version: seq,
        at: now(),
        instance: "instance-1",
        previousHash: events.at(-1)?.hash ?? GENESIS_HASH,
        event: { key: `story/${seq}`, kind, actor, data: eventSchemas[kind].parse(data) },
      });
      const event = sealed as DomainEvent;
      events.push(event);
      state = fold(state, event);
      return event;
    },
    advance(ms) {
      clock += ms;
      return now();
    },
    now,
    state: () => state,
    events: () => [...events],
    input(incidentId = Object.keys(state.incidents).at(-1) ?? "") {
      const incident = state.incidents[incidentId];
      if (!incident) throw new Error("the story has no incident yet");
      const last = events.at(-1);
      const asOf = { seq: last?.seq ?? 0, hash: last?.hash ?? GENESIS_HASH };
      return { plan, state, incident, events: [...events], asOf, generatedAt: now() };
    },
  };
}

export function storyPlan(change: Partial<Plan> = {}): Plan {
  const region = (code: string, name: string) => ({ code, name, jurisdiction: "eu", settings: {} });
  return makePlan(
    {
      failover: {
        kind: "failover",
        trigger: "region-down",
        steps: [
          makeStep("scale-target", {
            name: "Scale the API in the target region",
            uses: "kubernetes.scale-deployment",
            prepare: true,
          }),
          makeStep("fence-source", { name: "The old primary takes no more writes", uses: "redis.fence-primary" }),
          makeStep("promote-target", {
            name: "Promote the session store in the target region",
            uses: "redis.promote-replica",
            with: { store: STORE },
            pointOfNoReturn: true,
          }),
          makeStep("shift-traffic", {
            name: "Send all traffic to the target region",
            uses: "aws.route53-shift-weights",
            retries: 3,
          }),
        ],
      },
      rejoin: {
        kind: "rejoin",
        trigger: "region-returned",
        policy: { approval: "automatic", quorum: 1, roles: [], excludeRequester: false, expiryMs: 0 },
        steps: [
          makeStep("fence-returned", { name: "The returned primary takes no writes", uses: "redis.fence-primary" }),
          makeStep("save-divergent", { name: "Save what only the returned store holds", uses: "redis.snapshot" }),
          makeStep("follow-primary", { name: "The returned store follows the active region", uses: "redis.follow" }),
        ],
      },
      failback: {
        kind: "failback",
        steps: [
          makeStep("canary-10", { name: "10 % of the traffic home", uses: "aws.route53-shift-weights" }),
          makeStep("promote-home", {
            name: "Promote the session store at home",
            uses: "redis.promote-replica",
            with: { store: STORE },
          }),
          makeStep("canary-100", { name: "All traffic home", uses: "aws.route53-shift-weights" }),
        ],
      },
    },
    {
      application: "genai-api",
      home: EAST,
      regions: { [EAST]: region(EAST, "US East (N. Virginia)"), [WEST]: region(WEST, "EU Central (Frankfurt)") },
      stores: { [STORE]: { kind: "redis", service: "api", lossBudgetSeconds: 5, copies: { [EAST]: {}, [WEST]: {} } } },
      detection: {
        intervalMs: 1_000,
        timeoutMs: 1_000,
        downAfter: 3,
        healthyAfter: 3,
        probes: { [EAST]: [], [WEST]: [] },
        outside: { id: "public", uses: "http.health", with: {} },
      },
      ...change,
    },
  );
}

const good = (probe: string) => ({
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

export function sample(story: Story, loss: LossAssessment, [source, target] = [EAST, WEST]): void {
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

/** Proposed by detection, approved by two, carried out; `upTo` stops the story early. */
export function failover(story: Story, options: Partial<Proposal> & { decideMs?: number } = {}): void {
  const { decideMs = 20_000, ...proposal } = options;
  const loss: LossAssessment = proposal.loss ?? {
    kind: "bounded",
    bytes: 4_096,
    seconds: 1.2,
    headAt: story.now(),
    at: story.now(),
  };
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1", ...proposal, loss });
  step(story, "run-1", "scale-target");
  story.advance(decideMs);
  const accepted = proposal.mustAccept?.map(({ id }) => id) ?? [];
  approve(story, "ap-1", "run-1", "approver-1", accepted);
  story.advance(5_000);
  approve(story, "ap-1", "run-1", "approver-2", accepted);
  story.emit("run.started", { runId: "run-1" });
}

export function promoteWest(story: Story, loss?: LossAssessment, ceilingSeconds?: number | null): void {
  const seen = loss ?? { kind: "bounded" as const, bytes: 4_096, seconds: 1.2, headAt: story.now(), at: story.now() };
  step(story, "run-1", "promote-target", { ms: 1_000, loss: seen, ceilingSeconds });
  story.emit("quarantine.started", {
    region: EAST,
    runId: "run-1",
    reason: "Failed away from: no traffic and no promotion.",
  });
}

export function serveFromWest(story: Story): void {
  step(story, "run-1", "shift-traffic", {
    ms: 8_000,
    attempt: (story.state().runs["run-1"]?.steps.at(-1)?.attempt ?? 0) + 1,
  });
  story.emit("traffic.changed", { shares: { [EAST]: 0, [WEST]: 1 } }, "system:detector");
  if (story.plan.detection.outside) {
    story.emit(
      "availability.changed",
      { service: "public", available: true, firstGoodAt: story.now(), precisionMs: 1_000 },
      "system:detector",
    );
  }
  story.emit("run.completed", { runId: "run-1" });
}

export function comeBack(story: Story): void {
  story.advance(60_000);
  story.emit(
    "verdict.changed",
    { region: EAST, from: "down", to: "healthy", since: story.now(), evidence: [good("api"), good("sessions")] },
    "system:detector",
  );
  propose(story, { runId: "run-2", runbook: "rejoin", source: WEST, target: EAST, reason: "us-east-1 answers again" });
  story.emit("run.started", { runId: "run-2" });
  step(story, "run-2", "fence-returned");
  step(story, "run-2", "save-divergent", { input: { name: "diverged-run-2", region: EAST } });
  step(story, "run-2", "follow-primary");
  story.emit("run.completed", { runId: "run-2" });
  sample(story, measured(story, 0, 0), [WEST, EAST]);
  story.advance(20_000);
  story.emit("quarantine.lifted", {
    region: EAST,
    reason: "Its stores follow eu-central and its probes have been good for long enough.",
  });
}

export function failback(story: Story): void {
  const loss = measured(story, 0, 0);
  propose(story, {
    runId: "run-3",
    runbook: "failback",
    source: WEST,
    target: EAST,
    requester: "operator",
    reason: "home is well again",
    approvalId: "ap-2",
    loss,
  });
  story.advance(10_000);
  approve(story, "ap-2", "run-3", "approver-1");
  approve(story, "ap-2", "run-3", "approver-2");
  story.emit("run.started", { runId: "run-3" });
  step(story, "run-3", "canary-10");
  story.emit("traffic.changed", { shares: { [EAST]: 0.1, [WEST]: 0.9 } }, "system:detector");
  step(story, "run-3", "promote-home", { loss: measured(story, 0, 0) });
  step(story, "run-3", "canary-100");
  story.emit("traffic.changed", { shares: { [EAST]: 1, [WEST]: 0 } }, "system:detector");
  story.emit("run.completed", { runId: "run-3" });
}

/** The whole night, with a retry, a note, a refused command and an accepted risk, so that every fact has a value. */
export function wholeNight(story: Story = createStory()): Story {
  calm(story);
  regionDies(story);
  const mustAccept = [
    { id: "fence:fence-source", text: "The fence cannot be verified in us-east-1: connect refused." },
  ];
  failover(story, { mustAccept });
  story.emit(
    "note.added",
    { noteId: "note-1", incidentId: "inc-1", text: "The provider's page shows nothing yet." },
    "observer",
  );
  story.emit(
    "command.refused",
    { command: "failover", code: "not-allowed", summary: "An observer may not propose a failover." },
    "observer",
  );
  story.emit("step.started", { runId: "run-1", stepId: "fence-source", attempt: 1 });
  story.advance(1_000);
  story.emit("step.accepted", {
    runId: "run-1",
    stepId: "fence-source",
    attempt: 1,
    reason: "connect refused",
    acceptance: "fence:fence-source",
  });
  promoteWest(story);
  failStep(story, "run-1", "shift-traffic", { again: true });
  serveFromWest(story);
  comeBack(story);
  failback(story);
  story.advance(15_000);
  story.emit(
    "incident.resolved",
    { incidentId: "inc-1", reason: "The service is home and every region is healthy." },
    "system:detector",
  );
  story.advance(1_000);
  return story;
}
