import { wholeNight } from "./incident.ts";
import { EAST, type Story, WEST } from "./story.ts";

/** One event at least of every kind. */
export function everyKind(): Story {
  const story = wholeNight();
  story.emit("step.assessed", {
    runId: "run-1",
    stepId: "scale-target",
    attempt: 1,
    state: "unknown",
    reason: "no route",
  });
  story.emit("step.retried", { runId: "run-1", stepId: "shift-traffic" }, "operator");
  story.emit("step.skipped", { runId: "run-1", stepId: "shift-traffic", reason: "moved by hand" }, "commander");
  story.emit("run.paused", { runId: "run-1", reason: "somebody moves it by hand" }, "operator");
  story.emit("run.resumed", { runId: "run-1" }, "operator");
  story.emit("run.aborting", { runId: "run-1", reason: "moved by hand", inFlight: ["shift-traffic"] }, "commander");
  story.emit("step.stopped", {
    runId: "run-1",
    stepId: "shift-traffic",
    attempt: 3,
    sent: true,
    state: "moving",
    seen: {},
    reason: "what was sent may still take effect; its state was last seen as moving",
  });
  story.emit("run.aborted", { runId: "run-1", reason: "moved by hand" }, "commander");
  story.emit(
    "proposal.refused",
    {
      runbook: "failover",
      source: EAST,
      target: WEST,
      incidentId: "inc-1",
      code: "readiness-blocked",
      summary: "A step of the runbook is blocked on this target.",
      hint: 'See "readiness" for the step and its reason.',
    },
    "system:detector",
  );
  story.emit("run.cancelled", { runId: "run-1", reason: "not needed" }, "operator");
  story.emit("approval.voided", {
    approvalId: "ap-1",
    runId: "run-1",
    changes: [{ what: "loss of sessions", old: "5 s", new: "9 s" }],
  });
  const reminder = { approvalId: "ap-1", runId: "run-1", expiresAt: "2026-03-07T02:45:00.000Z" };
  story.emit("approval.reminded", reminder);
  story.emit("approval.escalated", reminder);
  story.emit("step.held", {
    runId: "run-1",
    stepId: "promote-target",
    attempt: 1,
    reason: "loss of sessions is 9 s, 4,096 bytes, allowed was at most 5 s",
  });
  story.emit("approval.withdrawn", {
    approvalId: "ap-1",
    runId: "run-1",
    reason: "What would be lost is back inside what ap-0 allows.",
    restores: "ap-0",
  });
  story.emit("approval.expired", { approvalId: "ap-1", runId: "run-1" });
  const held = { guard: "target-unhealthy", summary: "eu-central is unknown", until: "eu-central is seen healthy" };
  story.emit("guard.held", { runId: "run-1", stepId: "shift-traffic", guards: [held] });
  story.emit("guard.released", { runId: "run-1", stepId: "shift-traffic", guards: ["target-unhealthy"] });
  const broken = [{ guard: "readiness-blocked", summary: "A step of the runbook is blocked on this target." }];
  story.emit("guard.overridden", { runId: "run-1", guards: broken, reason: "it is that or nothing" }, "commander");
  story.emit("lock.set", { lockId: "lock-1", reason: "a migration", until: story.now() }, "operator");
  story.emit(
    "lock.overridden",
    { lockId: "lock-1", runId: "run-1", lockReason: "a migration", lockedBy: "operator", reason: "clients wait" },
    "commander",
  );
  story.emit("lock.lifted", { lockId: "lock-1", reason: "it is through" }, "operator");
  story.emit("lock.set", { lockId: "lock-2", reason: "another" }, "operator");
  story.emit("lock.expired", { lockId: "lock-2" });
  story.emit("plan.adopted", { plan: story.plan }, "system:server");
  people(story);
  const documents = [{ name: "timeline.md", sha256: "0".repeat(64) }];
  story.emit("report.written", { incidentId: "inc-1", documents, asOf: { seq: 3, hash: "0".repeat(64) } });
  const asked = {
    incidentId: "inc-1",
    document: "status-report" as const,
    asOf: { seq: 3, hash: "0".repeat(64) },
    prompt: "status-report@1",
    requests: 1,
    tokens: { input: 1_200, output: 300 },
  };
  const said = {
    section: "summary",
    kind: "fact" as const,
    text: "The run completed.",
    refs: [3],
    by: "model" as const,
  };
  const dropped = [{ section: "summary", faults: ["status"] }];
  story.emit("report.drafted", { ...asked, model: "gpt-5.1", endpoint: "east", statements: [said], dropped });
  story.emit("report.rejected", { ...asked, code: "vendor-unavailable", summary: "No endpoint answers" });
  asks(story);
  story.emit("offline.began", { confirmed: "no leader lives", reason: "The store is gone." }, "commander");
  story.emit("offline.event", { previousHash: "0".repeat(64), hash: "1".repeat(64), text: "{}" }, "commander");
  story.emit(
    "offline.imported",
    {
      offlineId: "0123456789ab",
      by: "commander",
      confirmed: "no leader lives",
      reason: "The store is gone.",
      beganAt: story.now(),
      runbook: "failover",
      kind: "failover",
      source: EAST,
      target: WEST,
      phase: "completed",
      endedAt: story.now(),
      steps: [{ stepId: "a", name: "A", uses: "some.action", phase: "verified" }],
      head: { seq: 40, hash: "1".repeat(64) },
    },
    "commander",
  );
  const lost = { code: "vendor-unavailable", summary: "Slack does not answer", hint: "Use the control room." };
  story.emit("chat.lost", { chat: "slack", ...lost }, "system:slack");
  story.emit("chat.restored", { chat: "slack", since: story.now() }, "system:slack");
  const pin = { incidentId: "inc-1", chat: "slack", messageId: "C1/1.0" };
  const written = { author: "An engineer", writtenAt: story.now(), text: "The disk is full." };
  story.emit("timeline.pinned", { ...pin, ...written }, "operator");
  story.emit("timeline.edited", { ...pin, text: "The disk was full." }, "operator");
  story.emit("timeline.unpinned", pin, "operator");
  comms(story);
  deliveries(story);
  warRoom(story);
  const page = { pager: "pagerduty", key: "muster/genai-api/inc-1", incidentId: "inc-1", happenedAt: story.now() };
  story.emit("page.acknowledged", { ...page, eventId: "e-1" }, "operator");
  story.emit("page.resolved", { ...page, eventId: "e-2" }, "system:pagerduty");
  const events = { from: 98, to: 120, keys: ["note/note-1"] };
  const heads = { known: { seq: 120, hash: "a".repeat(64) }, head: { seq: 97, hash: "b".repeat(64) } };
  const text = "The journal is an SQLite file: it does not survive this machine.";
  const findings = [{ code: "store-embedded", level: "warning" as const, text }];
  story.emit("placement.changed", { findings }, "system:placement");
  const since = story.now();
  story.emit("observer.late", { lateMs: 2_300, since }, "system:detector");
  story.emit("observer.punctual", { since }, "system:detector");
  const reason = "the old primary cannot be brought back";
  story.emit("store.head-accepted", { ...heads, lost: events, foundBy: "muster-1", reason }, "commander");
  return story;
}

function asks(story: Story): void {
  const tokens = { input: 2_400, output: 300 };
  const looked = { call: 1, tool: "status", input: "{}", outcome: "answered" as const, summary: "2 regions" };
  const answered = { prompt: "ask@1", model: "gpt-5.1", endpoint: "east", calls: 1, requests: 2, tokens };
  const claim = { kind: "fact" as const, text: "The region eu-central is healthy.", refs: [], results: ["t1r1"] };
  story.emit("ask.asked", { askId: "ask-40", question: "Is eu-central well?" }, "operator");
  story.emit("ask.tool-called", { askId: "ask-40", ...looked, asOf: 40, durationMs: 2, tokens }, "operator");
  story.emit(
    "ask.answered",
    { askId: "ask-40", outcome: "proved", claims: [claim], dropped: [], ...answered, durationMs: 900 },
    "operator",
  );
  story.emit(
    "ask.refused",
    { code: "rate-limited", summary: "Too many questions.", requests: 0, tokens: { input: 0, output: 0 } },
    "operator",
  );
}

/** Somebody leads, hands over, and says how it goes. */
function warRoom(story: Story): void {
  const role = { incidentId: "inc-1", role: "incident-commander" as const };
  const briefing = {
    status: ["Served from us-east-1, its home; us-east-1 down and eu-central healthy.", "No run is under way."],
    eta: { at: story.now(), basis: "the slowest path of the plan" },
    roadblocks: [{ what: "ap-1 for run-1: 1 of 2 approvals", since: story.now(), on: "approver or commander" }],
    next: ["run-1: people decide."],
  };
  story.emit("role.taken", { ...role, principal: "operator" }, "operator");
  const checkIn = { incidentId: "inc-1", checkInId: "inc-1/checkin-1" };
  story.emit("checkin.due", { ...checkIn, because: "time", briefing, digest: "a" }, "system:war-room");
  story.emit("checkin.answered", { ...checkIn, text: "The provider has answered." }, "operator");
  const offer = { incidentId: "inc-1", handoverId: "inc-1/handover-1" };
  story.emit("handover.offered", { ...offer, to: "approver-1", note: "I must sleep.", briefing }, "operator");
  story.emit("handover.declined", offer, "approver-1");
  story.emit("role.released", { ...role, principal: "operator" }, "operator");
}

function comms(story: Story): void {
  const which = { incidentId: "inc-1", updateId: "inc-1/identified" };
  const update = { ...which, stage: "identified" as const, round: 1 };
  const words = { title: "Disruption of the API", text: "We have found what is wrong.", services: ["api"] };
  const due = { ...update, ...words, publish: "ask" as const, because: "time" as const };
  story.emit("comms.due", due, "system:comms");
  story.emit("comms.held", { incidentId: "inc-1", stage: "identified", round: 1 }, "operator");
  const asked2 = { prompt: "status-wording@1", requests: 1, tokens: { input: 900, output: 60 } };
  story.emit("comms.suggested", { ...which, ...asked2, text: "We have found it.", model: "gpt-5.1", endpoint: "east" });
  story.emit("comms.edited", { ...which, text: "We know what is wrong." }, "operator");
  story.emit("comms.approved", which, "operator");
  const why = { code: "vendor-rejected", summary: "The page does not take it.", hint: "Shorten it." };
  story.emit("comms.failed", { ...which, destination: "page", ...why, retrying: false });
  for (const kind of ["comms.posting", "comms.unposted", "comms.posting"] as const)
    story.emit(kind, { ...which, destination: "page" }, "system:page");
  story.emit("comms.sent", { ...which, destination: "page" });
  story.emit("comms.abandoned", { ...which, destination: "webhook", mayStand: true }, "system:comms");
  const wrong = { what: "component" as const, name: "The API", says: "operational", seen: "major_outage" };
  const where = { incidentId: "inc-1", destination: "page" };
  story.emit("comms.contradicted", { ...where, problems: [wrong] }, "system:page");
  story.emit("comms.agreed", { ...where, since: story.now() }, "system:page");
  story.emit(
    "comms.skipped",
    { incidentId: "inc-1", updateId: "inc-1/degraded", reason: "It was no longer true." },
    "system:comms",
  );
}

function deliveries(story: Story): void {
  const message = { destination: "pagerduty", messageId: "incident/1", what: "page of inc-1: it is down" };
  const which = { ...message, eventSeq: 1, incidentId: "inc-1" };
  const why = { code: "vendor-unavailable", summary: "The pager cannot be reached.", hint: "It goes on being tried." };
  story.emit("delivery.failed", { ...which, ...why, retrying: false }, "system:pagerduty");
  story.emit("delivery.retried", message, "operator");
  story.emit("delivery.sent", { ...which, happenedAt: story.now(), late: true }, "system:pagerduty");
  story.emit("delivery.skipped", { ...which, reason: "It was over before." }, "system:pagerduty");
}

function people(story: Story): void {
  const expiresAt = "2026-06-05T02:14:00.000Z";
  story.emit("people.changed", {
    digest: "0".repeat(64),
    added: [{ id: "operator", roles: ["operator"] }],
    removed: [{ id: "observer", roles: ["observer"] }],
    changed: [{ id: "approver-2", from: ["observer"], to: ["approver"] }],
    others: ["approver-1"],
  });
  story.emit("people.file-refused", {
    summary: "people.yaml has 1 problem.",
    problems: ["people.yaml:3:5 roles is missing."],
  });
  story.emit("token.created", { tokenId: "tk-1", principal: "operator", name: "laptop", expiresAt }, "operator");
  story.emit("token.revoked", { tokenId: "tk-1", principal: "operator" }, "commander");
  story.emit("token.refused", { tokenId: "tk-1", principal: "operator", reason: "revoked" });
  story.emit("link.offered", { codeId: "1", expiresAt }, "operator");
  const account = { system: "slack", account: "U012AB3CD", principal: "operator" };
  story.emit("identity.linked", { ...account, codeId: "1" }, "operator");
  story.emit("identity.unlinked", account, "commander");
  story.emit("door.refused", {
    source: "192.0.2.7",
    counts: { "not-authenticated": 812 },
    since: "2026-03-07T02:14:00.000Z",
    until: "2026-03-07T02:15:00.000Z",
  });
}
