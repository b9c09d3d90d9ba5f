import { comeBack, failback, failover, promoteWest, serveFromWest, wholeNight } from "./incident.ts";
import { drill, dying, longStory, neverWatched, notYetProbed, openedByPerson } from "./incident-oddities.ts";
import { createStory, EAST, type Story, WEST } from "./story.ts";
import { approve, ask, assessLoss, failStep, measured, propose, sample, step } from "./story-moves.ts";

/** Moments at which somebody asks for a report. Each is told anew, so that no test meets another's story. */
export const scenes = {
  wholeNight: () => wholeNight(),
  openedOnly,
  deciding,
  running,
  overdue,
  retrying,
  halted,
  paused,
  aborting,
  abortedInFlight,
  abortedBeforePromotion,
  abortedAfterPromotion,
  brokenGlass,
  denied,
  askedAgain,
  expired,
  awayFromHome,
  haltedOnTheWayHome,
  openedByPerson,
  neverWatched,
  notYetProbed,
  drill,
  reported,
  longStory,
} satisfies Record<string, () => Story>;

/** Documents were written when the incident was opened, and much has happened since. */
function reported(): Story {
  const story = dying();
  const documents = [{ name: "timeline.md", sha256: "0".repeat(64) }];
  const { seq, hash } = story.events().at(-1) ?? { seq: 0, hash: "" };
  story.emit("report.written", { incidentId: "inc-1", documents, asOf: { seq, hash }, version: 1 });
  failover(story);
  for (let index = 1; index <= 30; index += 1)
    story.emit("note.added", { noteId: `note-${index}`, incidentId: "inc-1", text: `Look ${index}` }, "observer");
  return story;
}

/** Detection was slow, nothing was proposed. */
function openedOnly(): Story {
  const story = dying(createStory(), 9_000);
  story.advance(2_000);
  return story;
}

/** A commander broke a guard for the failover, and others confirmed it. */
function brokenGlass(): Story {
  const story = dying();
  failover(story, { requester: "commander" });
  const guards = [{ guard: "target-quarantined", summary: "eu-central is in quarantine after run-0." }];
  story.emit(
    "guard.overridden",
    { runId: "run-1", incidentId: "inc-1", guards, reason: "nothing else is up" },
    "commander",
  );
  return story;
}

/** The loss is unknown, one of two has approved and accepted that. */
function deciding(): Story {
  const story = dying();
  const unknown = { kind: "unknown" as const, reason: "the target's copy does not answer", at: story.now() };
  sample(story, unknown);
  const mustAccept = [{ id: "loss:sessions", text: 'How much of "sessions" would be lost is unknown.' }];
  propose(story, {
    runId: "run-1",
    runbook: "failover",
    approvalId: "ap-1",
    loss: unknown,
    ceilingSeconds: null,
    mustAccept,
  });
  story.advance(5_000);
  approve(story, "ap-1", "run-1", "approver-1", ["loss:sessions"]);
  story.advance(4_000);
  return story;
}

/** The promotion was sent, with a loss that outgrew the ceiling, and is not verified. */
function running(): Story {
  const story = dying();
  failover(story);
  step(story, "run-1", "fence-source", { alreadySo: true });
  const at = { runId: "run-1", stepId: "promote-target", attempt: 1 };
  story.emit("step.started", at);
  assessLoss(story, "run-1", "promote-target", measured(story, 9_000, 6));
  story.emit("step.intended", { ...at, action: "redis.promote-replica", input: {} });
  story.advance(3_000);
  return story;
}

function overdue(): Story {
  const story = dying();
  failover(story, { expectedMs: 10_000 });
  story.advance(60_000);
  return story;
}

function retrying(): Story {
  const story = dying();
  failover(story);
  step(story, "run-1", "fence-source");
  failStep(story, "run-1", "promote-target", {
    again: true,
    summary: "READONLY You can't write against a read only replica.",
  });
  return story;
}

/** Promoted with an unknown loss that was accepted; traffic cannot be moved. */
function halted(): Story {
  const story = dying();
  const mustAccept = [{ id: "loss:sessions", text: 'How much of "sessions" would be lost is unknown.' }];
  failover(story, {
    loss: { kind: "unknown", reason: "the primary has not answered", at: story.now() },
    mustAccept,
    ceilingSeconds: null,
  });
  step(story, "run-1", "fence-source");
  promoteWest(story, { kind: "unknown", reason: "the primary has not answered", at: story.now() }, null);
  failStep(story, "run-1", "shift-traffic", { again: true });
  failStep(story, "run-1", "shift-traffic", { attempt: 2 });
  story.advance(30_000);
  return story;
}

/** People hold the run between two steps. */
function paused(): Story {
  const story = dying();
  failover(story);
  step(story, "run-1", "fence-source");
  story.emit("run.paused", { runId: "run-1", reason: "the region answers again now and then" }, "operator");
  story.advance(5_000);
  return story;
}

/** Aborted while traffic was being moved, and nobody knows yet where it went. */
function aborting(): Story {
  const story = dying();
  failover(story);
  story.emit("step.started", { runId: "run-1", stepId: "fence-source", attempt: 1 });
  story.emit("step.intended", {
    runId: "run-1",
    stepId: "fence-source",
    attempt: 1,
    action: "redis.fence-primary",
    input: {},
  });
  story.emit("run.aborting", { runId: "run-1", reason: "false alarm", inFlight: ["fence-source"] }, "commander");
  story.advance(2_000);
  return story;
}

/** The same, when it was known what became of the step. */
function abortedInFlight(): Story {
  const story = aborting();
  story.emit("step.stopped", {
    runId: "run-1",
    stepId: "fence-source",
    attempt: 1,
    sent: true,
    state: "unknown",
    reason: "what was sent may still take effect; its state was last seen as unknown, connect refused",
  });
  story.emit("run.aborted", { runId: "run-1", reason: "false alarm" }, "commander");
  story.advance(2_000);
  return story;
}

function abortedBeforePromotion(): Story {
  const story = dying();
  failover(story);
  failStep(story, "run-1", "fence-source");
  story.advance(5_000);
  story.emit("run.aborted", { runId: "run-1", reason: "the region came back" }, "commander");
  story.advance(3_000);
  return story;
}

function abortedAfterPromotion(): Story {
  const story = dying();
  failover(story);
  story.emit(
    "step.skipped",
    { runId: "run-1", stepId: "fence-source", reason: "the region has no power" },
    "commander",
  );
  promoteWest(story);
  failStep(story, "run-1", "shift-traffic");
  story.emit("run.aborted", { runId: "run-1", reason: "traffic is moved by hand" }, "commander");
  story.advance(3_000);
  return story;
}

function denied(): Story {
  const story = dying();
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1" });
  story.advance(4_000);
  const reason = "network maintenance, back in a minute";
  story.emit(
    "approval.decided",
    { approvalId: "ap-1", runId: "run-1", decision: "deny", reason, accepted: [] },
    "approver-1",
  );
  story.emit("run.cancelled", { runId: "run-1", reason: `approver-1 denied ap-1: ${reason}` });
  story.advance(3_000);
  return story;
}

/** The loss left the envelope while people were deciding. */
function askedAgain(): Story {
  const story = dying();
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1" });
  story.advance(4_000);
  approve(story, "ap-1", "run-1", "approver-1");
  const changes = [{ what: "loss of sessions", old: "at most 5 s", new: "7.5 s" }];
  story.emit("approval.voided", { approvalId: "ap-1", runId: "run-1", changes });
  ask(story, { runId: "run-1", runbook: "failover", approvalId: "ap-2", replaces: "ap-1", ceilingSeconds: 9 });
  story.advance(3_000);
  return story;
}

function expired(): Story {
  const story = dying();
  propose(story, { runId: "run-1", runbook: "failover", approvalId: "ap-1" });
  story.advance(1_800_000);
  story.emit("approval.expired", { approvalId: "ap-1", runId: "run-1" });
  story.emit("run.cancelled", { runId: "run-1", reason: "Nobody decided in time." });
  return story;
}

function awayFromHome(): Story {
  const story = dying();
  failover(story);
  step(story, "run-1", "fence-source");
  promoteWest(story);
  serveFromWest(story);
  comeBack(story);
  sample(story, measured(story, 0, 0), [WEST, EAST]);
  story.advance(3_000);
  return story;
}

/** The failback has promoted home and moved the traffic, and its last look finds errors. */
function haltedOnTheWayHome(): Story {
  const story = awayFromHome();
  failback(story, { upTo: "canary-100" });
  story.restart();
  story.advance(20_000);
  failStep(story, "run-3", "canary-100", { summary: "5.3 % of the requests failed." });
  story.advance(3_000);
  return story;
}
