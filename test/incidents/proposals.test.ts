import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/detection/events.ts";
import { initialState } from "../../src/fold.ts";
import { bestTarget, decideIncidents } from "../../src/incidents/decide.ts";
import type { AppState, IncidentState, RegionState, RunState } from "../../src/state.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";

const steps = [makeStep("a")];
const plan = makePlan({
  failover: { trigger: "region-down", steps },
  rejoin: { kind: "rejoin", trigger: "region-returned", steps },
});
const at = "2026-05-04T02:13:40.000Z";
const atMs = Date.parse(at);
const quarantine = { since: at, runId: "run-1", reason: "Failed away from." };

function state(regions: Record<string, Verdict | Partial<RegionState>> = {}, change: Partial<AppState> = {}): AppState {
  const first = initialState(plan);
  const all = Object.values(first.regions).map((region): RegionState => {
    const given = regions[region.code] ?? "healthy";
    return { ...region, since: at, verdict: "healthy", ...(typeof given === "string" ? { verdict: given } : given) };
  });
  return { ...first, regions: Object.fromEntries(all.map((region) => [region.code, region])), ...change };
}

function withIncident(change: Partial<IncidentState> = {}): Partial<AppState> {
  const incident = { incidentId: "inc-1", openedBy: "signal", runIds: [], ...change } as unknown as IncidentState;
  return { incidents: { "inc-1": incident }, openIncidentId: "inc-1" };
}

const run = (change: Partial<RunState>) =>
  ({ runId: "run-1", runbook: "failover", proposedAt: at, ...change }) as RunState;
const kindsOf = (now: AppState, time = atMs) => decideIncidents(plan, now, time).events.map(({ kind }) => kind);
const proposalsOf = (now: AppState) =>
  decideIncidents(plan, now, atMs).proposals.map(({ runbook, target }) => `${runbook} → ${target}`);

describe("an incident", () => {
  it("is opened when the active region is down, once for one fault", () => {
    const [opened] = decideIncidents(plan, state({ east: "down" }), atMs).events;
    expect(opened).toMatchObject({ kind: "incident.opened", key: `incident/east/${at}`, data: { region: "east" } });
    expect(kindsOf(state({ east: "down" }, withIncident()))).toEqual([]);
  });

  it("is not opened for what does not serve, is degraded, or is unknown", () => {
    for (const regions of [{ west: "down" }, { east: "degraded" }, { east: "unknown" }] as const) {
      expect(kindsOf(state(regions))).toEqual([]);
    }
  });

  it("says that the observer is suspect when every region looks down", () => {
    const [opened] = decideIncidents(plan, state({ east: "down", west: "down" }), atMs).events;
    expect(JSON.stringify(opened)).toContain("own view");
  });

  it("is resolved when the service is home and everything is well, and not before", () => {
    const open = withIncident();
    expect(kindsOf(state({}, open))).toEqual(["incident.resolved"]);
    const notYet = [
      state({ west: "degraded" }, open),
      state({ west: { quarantine } }, { ...open }),
      state({}, { ...open, active: "west" }),
      state({}, { ...open, runs: { "run-1": run({ phase: "running" }) } }),
      state({}, { ...open, availability: { api: { available: false, since: at, outages: [] } } }),
      state({}, withIncident({ openedBy: "person" })),
    ];
    for (const now of notYet) expect(kindsOf(now)).toEqual([]);
  });
});

describe("a failover", () => {
  it("is proposed to a healthy region when the active one is down", () => {
    expect(proposalsOf(state({ east: "down" }, withIncident()))).toEqual(["failover → west"]);
  });

  it("is proposed once for an incident: what people denied is not asked again by itself", () => {
    const runs = { "run-1": run({ phase: "cancelled" }) };
    expect(proposalsOf(state({ east: "down" }, { ...withIncident({ runIds: ["run-1"] }), runs }))).toEqual([]);
  });

  it("is not proposed while another run is in flight, nor when no region is up", () => {
    const runs = { "run-0": run({ runId: "run-0", runbook: "other", phase: "halted" }) };
    expect(proposalsOf(state({ east: "down" }, { ...withIncident(), runs }))).toEqual([]);
    expect(proposalsOf(state({ east: "down", west: "down" }, withIncident()))).toEqual([]);
  });

  it("goes neither to a region in quarantine nor out of the jurisdiction", () => {
    expect(bestTarget(plan, state({ east: "down" }))).toBe("west");
    expect(bestTarget(plan, state({ east: "down", west: { quarantine } }))).toBeUndefined();
    const abroad = structuredClone(plan);
    abroad.regions.west!.jurisdiction = "eu";
    expect(bestTarget(abroad, state({ east: "down" }))).toBeUndefined();
  });
});

describe("a region that returns", () => {
  const away = { active: "west", runs: { "run-1": run({ phase: "completed" as const }) } };
  const rejoined = {
    ...away,
    runs: { ...away.runs, "run-2": run({ runId: "run-2", runbook: "rejoin", target: "east", phase: "completed" }) },
  };
  const returned = { east: { quarantine } };

  it("is made a follower before anything else touches it, once", () => {
    expect(proposalsOf(state(returned, away))).toEqual(["rejoin → east"]);
    expect(proposalsOf(state(returned, rejoined))).toEqual([]);
    expect(proposalsOf(state({ east: { quarantine, verdict: "down" } }, away))).toEqual([]);
  });

  it("stays in quarantine until its stores follow and it has been healthy for the plan's time", () => {
    const endMs = atMs + plan.quarantineHealthyForMs;
    expect(kindsOf(state(returned, away), endMs)).toEqual([]);
    expect(kindsOf(state({ east: { quarantine, verdict: "degraded" } }, rejoined), endMs)).toEqual([]);
    expect(kindsOf(state(returned, rejoined), endMs - 1)).toEqual([]);
    expect(decideIncidents(plan, state(returned, rejoined), atMs).wakeAt).toBe(endMs);
    expect(kindsOf(state(returned, rejoined), endMs)).toEqual(["quarantine.lifted"]);
  });
});
