import { describe, expect, it } from "vitest";
import { why } from "../../commands/why.ts";
import { approvalCard } from "../../src/cards/approval.ts";
import { incidentCard } from "../../src/cards/incident.ts";
import { lossInWords } from "../../src/cards/loss.ts";
import { errorCard } from "../../src/cards/plain.ts";
import { runCard } from "../../src/cards/run.ts";
import { overall, statusCard } from "../../src/cards/status.ts";
import { statusView } from "../../src/cards/status-view.ts";
import { toneOf } from "../../src/cards/tone.ts";
import { approvalView, nowIso } from "../../src/commands/run-view.ts";
import { type DomainEvent, type EventData, eventSchemas } from "../../src/events.ts";
import type { FakeCore } from "../helpers/core.ts";
import { known, person } from "../helpers/core.ts";
import { everyKind } from "../helpers/every-kind.ts";
import { scenes } from "../helpers/scenes.ts";

const AT = "2026-05-04T02:14:07.000Z";

describe("loss in plain words", () => {
  it("is measured, bounded or unknown, against the budget, with the moment of the look", () => {
    expect(lossInWords({ kind: "measured", bytes: 0, seconds: 0, at: AT }, 5, true, AT)).toBe(
      "nothing (measured), within the budget of 5 s; seen at 02:14:07 UTC (0 s ago)",
    );
    expect(lossInWords({ kind: "bounded", bytes: 12_400, seconds: 7, headAt: AT, at: AT }, 5, false, AT)).toBe(
      "at most 7 s of writes (bounded; 12 kB were outstanding when the primary last answered at 02:14:07 UTC, and more may have followed), OVER the budget of 5 s; seen at 02:14:07 UTC (0 s ago)",
    );
    expect(lossInWords({ kind: "unknown", reason: "the primary was never seen.", at: AT }, 5, false, AT)).toBe(
      "an unknown amount (the primary was never seen), OVER the budget of 5 s; seen at 02:14:07 UTC (0 s ago)",
    );
  });
});

describe("the approval card", () => {
  const cardFor = async (core: FakeCore, principal?: string) => {
    const state = core.current();
    const view = approvalView(state, Object.values(state.approvals)[0]!, nowIso(core))!;
    return approvalCard(view, principal === undefined ? undefined : person(principal));
  };

  it("says on the button what is accepted by pressing it, and sends it by name", async () => {
    const [approve, deny] = (await cardFor(await scenes.pending(), "approver-2")).buttons ?? [];
    expect(approve).toMatchObject({
      label: "Approve and accept fence:fence-source",
      style: "danger",
      input: { id: "approval-1", accept: ["fence:fence-source"] },
    });
    expect(approve?.confirm).toContain("eu-central takes over from us-east-1");
    expect(approve?.confirm).toContain("sessions may lose at most 1.2 s of writes");
    expect(approve?.confirm).toContain("nobody can verify");
    expect(deny?.ask?.field).toBe("reason");
  });

  it("gives no buttons to who asked, who has decided, who has no say, and to nobody once it is closed", async () => {
    const core = await scenes.pending();
    for (const [principal, words] of [
      ["operator", /others must decide/],
      ["approver-1", /You have decided/],
      ["observer", /needs the role/],
    ] as const) {
      const card = await cardFor(core, principal);
      expect(card.buttons, principal).toEqual([]);
      expect(card.text?.join(" ")).toMatch(words);
    }
    expect((await cardFor(await scenes.running(), "commander")).buttons).toEqual([]);
  });

  it("shows all buttons where everybody looks at the same card", async () => {
    expect((await cardFor(await scenes.pending())).buttons).toHaveLength(2);
  });

  it("calls an unbounded loss what it is", async () => {
    const core = await scenes.detected();
    core.evidence.losses[0] = {
      store: "sessions",
      loss: { kind: "unknown", reason: "never seen", at: AT },
      budgetSeconds: 5,
      withinBudget: false,
    };
    await core.runs.propose("failover", { target: "eu-central" }, person("operator"));
    const card = await cardFor(core, "approver-1");
    expect(JSON.stringify(card.facts)).toContain("OVER the budget");
    expect(card.buttons?.[0]?.confirm).toContain("sessions may lose an unknown amount of writes");
  });
});

describe("the run card", () => {
  it("offers retry, skip and abort when halted, each to whom it belongs", async () => {
    const core = await scenes.halted();
    const view = { run: core.current().runs["run-1"]!, waiting: [], at: nowIso(core) };
    const verbs = (principal: string) => runCard(view, person(principal)).buttons?.map(({ command }) => command);
    expect(verbs("commander")).toEqual(["retry", "skip", "pause", "abort"]);
    expect(verbs("operator")).toEqual(["retry", "pause", "abort"]);
    expect(verbs("observer")).toEqual([]);
    const skip = runCard(view, person("commander")).buttons?.[1];
    expect(skip).toMatchObject({ input: { run: "run-1", step: "promote-target" }, ask: { field: "reason" } });
  });

  it("of a paused run says who holds it and why, and offers to let it go on", async () => {
    const core = await scenes.running();
    await core.runs.pause("run-1", "the region answers again", person("operator"));
    const view = { run: core.current().runs["run-1"]!, waiting: [], at: nowIso(core) };
    const card = runCard(view, person("operator"));
    expect(card.title).toContain("is PAUSED");
    expect(card.text?.join(" ")).toMatch(/Paused by operator at .*: the region answers again\..*"resume run-1"/);
    expect(card.buttons?.map(({ command }) => command)).toEqual(["resume", "abort"]);
    const status = statusCard(statusView(known(core.current()), core.plan, nowIso(core)));
    expect(JSON.stringify(status)).toContain("running, paused");
    const incident = core.current().incidents["incident-1"]!;
    const head = incidentCard({ incident, runs: [view.run], at: view.at });
    expect(JSON.stringify(head.facts)).toContain("running, paused");
  });

  it("of an aborted run says what was done, what became of what was in flight, and the way back", async () => {
    const core = await scenes.running();
    const at = { runId: "run-1", stepId: "fence-source", attempt: 1 };
    core.emit("step.intended", { ...at, action: "redis.fence-primary", input: {} });
    core.emit("run.aborting", { runId: "run-1", reason: "false alarm", inFlight: ["fence-source"] }, "operator");
    const card = () =>
      runCard({ run: core.current().runs["run-1"]!, waiting: [], at: nowIso(core) }, person("operator"));
    expect(card().title).toContain("is being aborted");
    expect(card().buttons).toMatchObject([{ command: "abort", input: { run: "run-1", now: true } }]);
    const reason = "what was sent may still take effect; its state was last seen as moving";
    core.emit("step.stopped", { ...at, sent: true, state: "moving", reason });
    core.emit("run.aborted", { runId: "run-1", reason: "false alarm" }, "operator");
    const text = card().text?.join("\n") ?? "";
    expect(text).toContain("Done before: scale-target and check-target.");
    expect(text).toContain(`In flight at the abort: fence-source ■ left in flight (${reason}).`);
    expect(text).toContain("Never begun: promote-target, shift-traffic and check-public.");
    expect(text).toContain('The way back: "rollback run-1 --dry-run"');
  });

  it("of a run that was aborted behind the point of no return names the failback, not a rollback", async () => {
    const core = await scenes.running();
    const at = { runId: "run-1", stepId: "promote-target", attempt: 1 };
    core.emit("step.started", at);
    core.emit("step.intended", { ...at, action: "redis.promote-replica", input: {} });
    core.emit("step.verified", { ...at, seen: {}, alreadySo: false });
    core.emit("run.aborted", { runId: "run-1", reason: "enough" }, "operator");
    const text = runCard({ run: core.current().runs["run-1"]!, waiting: [], at: nowIso(core) }).text?.join("\n") ?? "";
    expect(text).toContain('finish the move first (failover eu-central), then bring the service home with "failback"');
    expect(text).not.toContain("rollback");
  });

  it("of a journal that ended a run in the middle of a step does not show it as running for ever", async () => {
    const core = await scenes.running();
    core.emit("run.aborted", { runId: "run-1", reason: "an old journal" }, "operator");
    const run = core.current().runs["run-1"]!;
    expect(run.phase).toBe("aborted");
    expect(run.steps.map(({ phase }) => phase)).not.toContain("running");
    expect(runCard({ run, waiting: [], at: nowIso(core) }).text?.join(" ")).toContain("fence-source ■ stopped");
  });

  it("shows elapsed time against the limit, or against the usual time where it is known", async () => {
    const core = await scenes.running();
    const run = structuredClone(core.current().runs["run-1"]!);
    const times = () => runCard({ run, waiting: [], at: nowIso(core) }).table?.rows.map((row) => row[2]);
    expect(times()?.[2]).toBe("3.2 s, limit 1 m");
    Object.assign(run.evidence.expected, { steps: { "fence-source": 2_000 } });
    expect(times()?.[2]).toBe("3.2 s of about 2 s");
  });

  it("says why nothing moves while the world cannot be seen, and that what it shows is of before", async () => {
    const core = await scenes.running();
    const at = { runId: "run-1", stepId: "fence-source", attempt: 1 };
    const row = () => {
      const view = { run: core.current().runs["run-1"]!, waiting: [], at: nowIso(core) };
      const [, state, , detail] = runCard(view).table?.rows[2] ?? [];
      return { state, detail };
    };
    const seen = { exists: true, replicas: 2, readyReplicas: 2, observed: true };
    core.emit("step.assessed", { ...at, state: "away", seen });
    expect(row()).toEqual({ state: "▶ assessing", detail: "2 replicas, 2 ready" });
    core.emit("step.assessed", { ...at, state: "unknown", reason: "the Kubernetes API does not answer." });
    expect(row()).toEqual({
      state: "▶ looking",
      detail: "the Kubernetes API does not answer · before: 2 replicas, 2 ready",
    });
    core.emit("step.assessed", { ...at, state: "away", seen });
    expect(row()).toEqual({ state: "▶ assessing", detail: "2 replicas, 2 ready" });
  });

  it("says what was wanted beside what was seen", async () => {
    const core = await scenes.running();
    const run = structuredClone(core.current().runs["run-1"]!);
    run.plan.runbooks.failover!.steps[0]!.with = { replicas: 10 };
    run.steps[0]!.seen = { exists: true, replicas: 2, readyReplicas: 2, observed: true };
    const card = runCard({ run, waiting: [], at: nowIso(core) });
    expect(card.table?.rows[0]?.[3]).toBe("2 of 10 replicas, 2 ready");
  });

  it("says what a step waits for in its row, and what the run waits for above", async () => {
    const core = await scenes.running();
    const run = core.current().runs["run-1"]!;
    const waiting = [
      { runId: "run-1", stepId: "shift-traffic", because: "needs promote-target", until: AT },
      { runId: "run-1", because: "another instance has the lease" },
    ];
    const card = runCard({ run, waiting, at: nowIso(core) });
    expect(card.text).toEqual(["another instance has the lease"]);
    expect(card.table?.rows[4]?.[3]).toBe("needs promote-target (until 02:14:07 UTC)");
  });

  it("says with why how long a step under way takes, and what was last seen of it", async () => {
    const core = await scenes.running();
    const step = { runId: "run-1", stepId: "fence-source" };
    core.emit("step.assessed", { ...step, attempt: 1, state: "moving", seen: { role: "replica", link: "down" } });
    const run = core.current().runs["run-1"]!;
    const waiting = [{ ...step, because: '"The old primary takes no more writes" is under way (attempt 1)' }];
    const card = why.present({ run, waiting, at: nowIso(core) }, person("observer"));
    expect(card.text?.[0]).toMatch(
      /^fence-source is under way \(attempt 1\); 3\.2 s, limit 1 m; role replica, link down$/,
    );
  });

  it("labels a drill first", async () => {
    const core = await scenes.running();
    const run = { ...core.current().runs["run-1"]!, rehearsal: true };
    expect(runCard({ run, waiting: [], at: nowIso(core) }).title).toMatch(/^DRILL · /);
  });
});

describe("a question that has stood for a while", () => {
  const factsOf = (core: FakeCore, id: string) => {
    const state = core.current();
    const { facts = [] } = approvalCard(approvalView(state, state.approvals[id]!, nowIso(core))!);
    return Object.fromEntries(facts.map(({ label, value }) => [label, value]));
  };

  it("shows beside what it was asked with what has been seen since", async () => {
    const core = await scenes.pending();
    core.advance(60_000);
    const asked = factsOf(core, "approval-1");
    expect(asked["Readiness now"]).toBeUndefined();
    const at = nowIso(core);
    const where = { source: "us-east-1", target: "eu-central" };
    const loss = { kind: "bounded", bytes: 12_400, seconds: 6.1, headAt: at, at } as const;
    core.emit("replication.sampled", { store: "sessions", ...where, loss, withinBudget: false });
    core.emit("readiness.changed", { runbook: "failover", ...where, from: "ready", to: "blocked", steps: [] });
    const now = factsOf(core, "approval-1");
    expect(now["Loss in sessions"]).toBe(asked["Loss in sessions"]);
    expect(now["Loss in sessions now"]).toMatch(/^at most 6\.1 s .*OVER the budget of 5 s; seen at .*\(0 s ago\)$/);
    expect(now["Readiness now"]).toMatch(/^blocked since /);
  });

  it("says once what is still so, and when that was seen", async () => {
    const core = await scenes.pending();
    core.advance(60_000);
    const asked = factsOf(core, "approval-1")["Loss in sessions"];
    const evidence = core.current().runs["run-1"]!.evidence.losses.find(({ store }) => store === "sessions")!;
    const loss = { ...evidence.loss, at: nowIso(core) };
    const where = { store: "sessions", source: "us-east-1", target: "eu-central" };
    core.emit("replication.sampled", { ...where, loss, withinBudget: evidence.withinBudget });
    const now = factsOf(core, "approval-1");
    expect(now["Loss in sessions now"]).toBeUndefined();
    expect(now["Loss in sessions"]).toMatch(/; seen at .*\(0 s ago\)$/);
    expect(now["Loss in sessions"]?.split("; seen at")[0]).toBe(asked?.split("; seen at")[0]);
  });

  it("keeps who asked apart from when it was asked anew, and leads to the one that stands", async () => {
    const core = await scenes.voided();
    expect(factsOf(core, "approval-2")["Asked for by"]).toMatch(/^operator at \S+ UTC; asked anew at \S+ UTC$/);
    const { runId, roles, quorum, excludeRequester, mustAccept, expiresAt, envelope } =
      core.current().approvals["approval-2"]!;
    core.emit("approval.voided", { approvalId: "approval-2", runId, changes: [] });
    const again = { runId, roles, quorum, excludeRequester, mustAccept, expiresAt, envelope };
    core.emit("approval.requested", { approvalId: "approval-3", replaces: "approval-2", ...again });
    const state = core.current();
    expect(approvalView(state, state.approvals["approval-1"]!, nowIso(core))?.replacedBy).toBe("approval-3");
  });
});

describe("the status in one sentence", () => {
  it.each([
    ["calm", "ok", "all well; served from us-east-1"],
    ["detected", "danger", "api is NOT available; served from us-east-1"],
    ["pending", "danger", "api is NOT available; 1 approval pending; served from us-east-1"],
    ["halted", "danger", "run-1 is halted and waits for a person; served from us-east-1"],
    ["completed", "warning", "us-east-1 is down; incident-1 is open; served from eu-central"],
  ] as const)("%s", async (scene, status, sentence) => {
    const core = await scenes[scene]();
    expect(overall(statusView(known(core.current()), core.plan, nowIso(core)))).toEqual({ status, sentence });
  });

  it("does not call a region that answers anything but what keeps it from serving", async () => {
    const core = await scenes.calm();
    const quarantine = { since: nowIso(core), runId: "run-1", reason: "Failed away from.", runsBefore: 0 };
    const view = statusView(known(core.current()), core.plan, nowIso(core));
    const regions = view.regions.map((region) => (region.home ? { ...region, quarantine } : region));
    expect(overall({ ...view, regions }).sentence).toBe("us-east-1 is in quarantine; served from us-east-1");
  });

  it("leads on to what is asked of people, and to the run that goes on or is halted", async () => {
    const next = async (scene: keyof typeof scenes) => {
      const core = await scenes[scene]();
      const { buttons = [] } = statusCard(statusView(known(core.current()), core.plan, nowIso(core)));
      return buttons.map(({ command, input }) => [command, input]);
    };
    expect(await next("calm")).toEqual([]);
    expect(await next("detected")).toEqual([["failover", { region: "eu-central", dryRun: true }]]);
    expect(await next("pending")).toEqual([["pending", {}]]);
    expect(await next("running")).toEqual([["run", { run: "run-1" }]]);
    expect(await next("halted")).toEqual([["run", { run: "run-1" }]]);
  });

  it("does not say that a run goes on while a step of it cannot be seen", async () => {
    const core = await scenes.running();
    const view = statusView(known(core.current()), core.plan, nowIso(core));
    const clients = view.services.map((service) => ({ ...service, available: true }));
    const [run] = view.runs;
    const steps = run!.steps.map((step) =>
      step.phase === "running" ? { ...step, reason: "Redis does not answer." } : step,
    );
    const stuck = { ...view, services: clients, pending: [], runs: [{ ...run!, steps }] };
    expect(overall({ ...stuck, runs: [run!] }).status).toBe("info");
    expect(overall(stuck)).toEqual({
      status: "warning",
      sentence: "Failover us-east-1 → eu-central running, but gets no further now; served from us-east-1",
    });
    const fact = statusCard(stuck).facts?.find(({ label }) => label === "Run run-1");
    expect(fact?.value).toContain("2 of 6 steps; fence-source cannot be seen: Redis does not answer");
  });

  it("says that Muster itself is late, as long as it is, and by how much", async () => {
    const core = await scenes.calm();
    const view = () => statusView(known(core.current()), core.plan, nowIso(core));
    core.emit("observer.late", { lateMs: 2_300, since: nowIso(core) });
    expect(overall(view())).toEqual({
      status: "warning",
      sentence: "all well; Muster itself is late; served from us-east-1",
    });
    const fact = statusCard(view()).facts?.find(({ label }) => label === "Observer");
    expect(fact?.value).toMatch(/^Muster itself \(.+\) is late by 2\.3 s: .* since \d\d:\d\d:\d\d UTC, /);
    core.emit("observer.punctual", { since: nowIso(core) });
    expect(overall(view()).sentence).toBe("all well; served from us-east-1");
    expect(statusCard(view()).facts?.some(({ label }) => label === "Observer")).toBe(false);
  });

  it("measures loss against the region that serves, and forgets the measures of another time", async () => {
    const core = await scenes.completed();
    const sample = (source: string, target: string) =>
      core.emit("replication.sampled", {
        store: "sessions",
        source,
        target,
        withinBudget: true,
        loss: { kind: "measured", bytes: 1, seconds: 1, at: AT },
      });
    sample("us-east-1", "ap-sg");
    sample("eu-central", "us-east-1");
    const { stores, unmeasured } = statusView(known(core.current()), core.plan, nowIso(core));
    expect(stores.map(({ target }) => target)).toEqual(["us-east-1"]);
    expect(unmeasured).toEqual([]);
  });

  it("shows the evidence of a verdict only where it is not healthy, with its times", async () => {
    const core = await scenes.pending();
    const rows = statusCard(statusView(known(core.current()), core.plan, nowIso(core))).table?.rows;
    const [down, healthy] = [rows?.[0], rows?.[1]];
    expect(down?.[1]).toMatch(/^down since \d\d:\d\d:\d\d UTC$/);
    expect(down?.[4]).toMatch(/^api: connect refused, 3 × in a row; sessions: .*; last good at \d\d:\d\d:\d\d UTC$/);
    expect(healthy?.[1]).toMatch(/^healthy since \d\d:\d\d:\d\d UTC$/);
    expect(healthy?.[4]).toBe("");
  });

  it("does not keep quiet about a store of which no copy is measured", async () => {
    const core = await scenes.completed();
    expect(statusView(known(core.current()), core.plan, nowIso(core)).unmeasured).toEqual(["sessions"]);
  });
});

describe("the tone of an event", () => {
  const toneIn = (events: DomainEvent[], kind: string) => events.filter((one) => one.kind === kind).map(toneOf);

  it("is one of the five for every kind", () => {
    const tones = new Map(
      everyKind()
        .events()
        .map((event) => [event.kind, toneOf(event)]),
    );
    expect([...tones.keys()].sort()).toEqual(Object.keys(eventSchemas).sort());
    for (const [kind, tone] of tones) expect(["ok", "info", "warning", "danger", "muted"], kind).toContain(tone);
  });

  it("depends on what the event says, where that decides whether anybody has to do something", async () => {
    const { events } = await scenes.completed();
    expect(toneIn(events, "verdict.changed")).toEqual(["muted", "muted", "danger"]);
    expect(toneIn(events, "availability.changed")).toEqual(["ok", "danger", "ok"]);
    const core = await scenes.halted();
    const { data } = core.events.find(({ kind }) => kind === "step.failed")!;
    core.emit("step.failed", { ...(data as EventData<"step.failed">), retryAt: AT });
    expect(toneIn(core.events, "step.failed")).toEqual(["danger", "warning"]);
  });
});

it("says that nothing was changed only where that is known", () => {
  const report = { summary: "No.", hint: "Do this.", retryable: false };
  expect(errorCard({ ...report, code: "bad-input" }).context).toContain("nothing was changed");
  expect(errorCard({ ...report, code: "internal" }).context).not.toContain("nothing was changed");
});
