import { describe, expect, it } from "vitest";
import { why } from "../../commands/why.ts";
import { incidentCard } from "../../src/cards/incident.ts";
import { runCard } from "../../src/cards/run.ts";
import { statusCard } from "../../src/cards/status.ts";
import { statusView } from "../../src/cards/status-view.ts";
import { nowIso } from "../../src/commands/run-view.ts";
import { known, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

const AT = "2026-05-04T02:14:07.000Z";

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
