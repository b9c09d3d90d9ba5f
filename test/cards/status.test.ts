import { describe, expect, it } from "vitest";
import { overall, statusCard } from "../../src/cards/status.ts";
import { statusView } from "../../src/cards/status-view.ts";
import { nowIso } from "../../src/commands/run-view.ts";
import { known } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

const AT = "2026-05-04T02:14:07.000Z";

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
    const at = nowIso(core);
    const quarantine = { since: at, runId: "run-1", reason: "Failed away from.", runsBefore: 0, countsFrom: at };
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
