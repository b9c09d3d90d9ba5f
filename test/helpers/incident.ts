import type { Divergence, LossAssessment } from "../../src/detection/events.ts";
import { createStory, EAST, type Story, WEST } from "./story.ts";
import {
  approve,
  calm,
  failStep,
  good,
  measured,
  type Proposal,
  propose,
  regionDies,
  sample,
  step,
} from "./story-moves.ts";

/** The active region died, two approved the failover, and it has begun: none of its steps has. */
export function begunRun(): Story {
  const story = createStory();
  calm(story);
  regionDies(story);
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1" });
  for (const who of ["approver-1", "approver-2"]) approve(story, "ap-1", "run-1", who);
  story.emit("run.started", { runId: "run-1" });
  return story;
}

/** Proposed by detection, approved by two, carried out. */
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
  compare(story, "run-2");
  step(story, "run-2", "follow-primary");
  story.emit("run.completed", { runId: "run-2" });
  sample(story, measured(story, 0, 0), [WEST, EAST]);
  story.advance(20_000);
  story.emit("quarantine.lifted", {
    region: EAST,
    reason: "Its stores follow eu-central and its probes have been good for long enough.",
  });
}

/** What the returned copy alone holds, some of it listed. */
function compare(story: Story, runId: string, change: Partial<Divergence> = {}): void {
  const found: Divergence = {
    onlyOld: 3,
    onlyNew: 120,
    differing: 1,
    compared: 2_000,
    bytesOnlyOld: 310,
    bytesOnlyNew: 7_162,
    shown: "hashes",
    examples: [
      { what: "only-old", record: "0123456789abcdef" },
      { what: "differing", record: "fedcba9876543210" },
    ],
    ...change,
  };
  const data = { runId, stepId: "compare-divergent", store: "sessions", region: EAST, against: WEST, found };
  story.emit("divergence.compared", data);
}

export function failback(story: Story, { upTo }: { upTo?: "canary-100" } = {}): void {
  propose(story, {
    runId: "run-3",
    runbook: "failback",
    source: WEST,
    target: EAST,
    requester: "operator",
    reason: "home is well again",
    approvalId: "ap-2",
    loss: measured(story, 0, 0),
  });
  story.advance(10_000);
  approve(story, "ap-2", "run-3", "approver-1");
  approve(story, "ap-2", "run-3", "approver-2");
  story.emit("run.started", { runId: "run-3" });
  step(story, "run-3", "canary-10");
  story.emit("traffic.changed", { shares: { [EAST]: 0.1, [WEST]: 0.9 } }, "system:detector");
  step(story, "run-3", "promote-home", { loss: measured(story, 0, 0) });
  story.emit("traffic.changed", { shares: { [EAST]: 1, [WEST]: 0 } }, "system:detector");
  if (upTo === "canary-100") return;
  step(story, "run-3", "canary-100");
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
  const scribe = { incidentId: "inc-1", role: "scribe" as const };
  story.emit("role.taken", { ...scribe, principal: "observer" }, "operator");
  const lead = { incidentId: "inc-1", role: "incident-commander" as const };
  story.emit("role.taken", { ...lead, principal: "operator" }, "operator");
  story.emit("step.started", { runId: "run-1", stepId: "fence-source", attempt: 1 });
  story.advance(1_000);
  story.emit("role.taken", { ...lead, principal: "commander", from: "operator" }, "commander");
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
