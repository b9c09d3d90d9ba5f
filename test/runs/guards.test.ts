import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/detection/events.ts";
import { initialState } from "../../src/fold.ts";
import { type Request, refusals } from "../../src/runs/guards.ts";
import type { AppState, RunState } from "../../src/state.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";

const steps = [makeStep("a")];
const plan = makePlan({
  failover: { steps },
  failback: { kind: "failback", steps },
  rejoin: { kind: "rejoin", steps },
});
const left = "2026-05-04T02:13:40.000Z";
const quarantine = { since: left, runId: "run-0", reason: "Failed away from.", runsBefore: 0, countsFrom: left };

/** East serves and both regions are healthy, unless a test says otherwise. */
function state(change: Partial<AppState> = {}, verdicts: Record<string, Verdict> = {}): AppState {
  const first = initialState(plan);
  const regions = Object.values(first.regions).map((region) => ({
    ...region,
    verdict: verdicts[region.code] ?? ("healthy" as const),
  }));
  return { ...first, regions: Object.fromEntries(regions.map((region) => [region.code, region])), ...change };
}

function request(runbook: string, change: Partial<Request> = {}): Request {
  return { plan, runbook: plan.runbooks[runbook]!, source: "east", target: "west", readiness: "ready", ...change };
}

const codes = (at: AppState, asked: Request) => refusals(at, asked).map(({ code }) => code);

function quarantined(code: string): AppState {
  const at = state();
  return { ...at, regions: { ...at.regions, [code]: { ...at.regions[code]!, quarantine } } };
}

describe("the guards of a run", () => {
  it("let a failover to a healthy, allowed and ready region through", () => {
    expect(codes(state(), request("failover"))).toEqual([]);
    expect(codes(state({}, { east: "down", west: "degraded" }), request("failover"))).toEqual([]);
  });

  it("refuse a failover to the region that serves", () => {
    expect(codes(state(), request("failover", { target: "east" }))).toEqual(["already-active"]);
  });

  it("refuse a failback when the service is at home, and only then", () => {
    expect(codes(state(), request("failback", { target: "east" }))).toEqual(["nothing-to-fail-back"]);
    expect(codes(state({ active: "west" }), request("failback", { source: "west", target: "east" }))).toEqual([]);
  });

  it.each(["proposed", "running", "halted"] as const)("refuse a second run while one is %s", (phase) => {
    const runs = { "run-1": { runId: "run-1", runbook: "failover", target: "west", phase } as RunState };
    expect(codes(state({ runs }), request("failover"))).toEqual(["run-in-progress"]);
  });

  it("lead whoever asks for what is asked already to the question", () => {
    const run = { runId: "run-1", runbook: "failover", target: "west", phase: "proposed", approvalId: "ap-1" };
    const [refusal] = refusals(state({ runs: { "run-1": run as RunState } }), request("failover"));
    expect(refusal?.summary).toContain("asked for already: run-1");
    expect(refusal?.hint).toContain('"pending" shows the question (ap-1)');
    const other = { ...run, target: "north" } as RunState;
    expect(refusals(state({ runs: { "run-1": other } }), request("failover"))[0]?.hint).toContain("One run at a time");
  });

  it.each(["completed", "aborted", "cancelled"] as const)("do not count a run that is %s", (phase) => {
    const runs = { "run-1": { runId: "run-1", runbook: "failover", target: "west", phase } as RunState };
    expect(codes(state({ runs }), request("failover"))).toEqual([]);
  });

  it("suspect the observer when no region is seen up, whoever asks for what", () => {
    const blind = state({}, { east: "down", west: "down" });
    for (const runbook of ["failover", "rejoin"]) expect(codes(blind, request(runbook))).toContain("no-healthy-region");
    expect(codes(state({}, { east: "unknown", west: "down" }), request("failover"))).toContain("no-healthy-region");
  });

  it.each(["down", "unknown"] as const)("refuse a target that is %s while another region is up", (verdict) => {
    const threeRegions = state({}, { east: "down", west: verdict });
    threeRegions.regions.north = { ...threeRegions.regions.east!, code: "north", verdict: "healthy" };
    expect(codes(threeRegions, request("failover"))).toEqual(["target-unhealthy"]);
  });

  it("refuse to take from a region what no other is seen to carry, and to leave one that is down is no taking", () => {
    // The region that came back is all there is: made a follower, nothing would take writes.
    const back = request("rejoin", { source: "west", target: "east" });
    for (const verdict of ["down", "unknown"] as const)
      expect(codes(state({ active: "west" }, { west: verdict }), back)).toEqual(["last-capacity"]);
    expect(codes(state({ active: "west" }, { west: "degraded" }), back)).toEqual([]);
    expect(codes(state({}, { west: "down" }), request("failover"))).toContain("last-capacity");
    expect(codes(state({}, { east: "unknown", west: "unknown" }), request("failover"))).toContain("last-capacity");
    expect(codes(state({}, { east: "down", west: "down" }), request("failover"))).not.toContain("last-capacity");
  });

  it("refuse everything new under a lock, whose reason they say, but the protective rejoin", () => {
    const lock = { lockId: "lock-1", reason: "a migration", by: "operator", since: "2026-05-04T02:13:40.000Z" };
    expect(codes(state({ lock }), request("failover"))).toEqual(["locked"]);
    expect(refusals(state({ lock }), request("failover"))[0]?.summary).toContain("a migration");
    expect(codes(state({ lock }), request("failover", { runbook: plan.runbooks.failback!, target: "west" }))).toEqual([
      "locked",
    ]);
    expect(codes(state({ lock, active: "west" }), request("rejoin", { source: "west", target: "east" }))).toEqual([]);
  });

  it("refuse a target in quarantine, except to make it a follower", () => {
    expect(codes(quarantined("west"), request("failover"))).toEqual(["target-quarantined"]);
    expect(codes(quarantined("west"), request("rejoin"))).toEqual([]);
  });

  it("refuse a target where the data of any one service may not go", () => {
    const elsewhere = structuredClone(plan);
    elsewhere.regions.west!.jurisdiction = "eu";
    expect(codes(state(), request("failover", { plan: elsewhere }))).toEqual(["jurisdiction"]);
    elsewhere.services.search = { ...elsewhere.services.api!, jurisdictions: ["us", "eu"] };
    expect(codes(state(), request("failover", { plan: elsewhere }))).toEqual(["jurisdiction"]);
    elsewhere.services.api!.jurisdictions.push("eu");
    expect(codes(state(), request("failover", { plan: elsewhere }))).toEqual([]);
  });

  it("refuse a blocked step, and leave what is unknown to the approvers", () => {
    expect(codes(state(), request("failover", { readiness: "blocked" }))).toEqual(["readiness-blocked"]);
    expect(codes(state(), request("failover", { readiness: "unknown" }))).toEqual([]);
    expect(codes(state(), request("rejoin", { readiness: "blocked" }))).toEqual([]);
  });

  it("say every reason, each with what to do next", () => {
    const reports = refusals(state({}, { east: "down", west: "down" }), request("failover", { readiness: "blocked" }));
    expect(reports.map(({ code }) => code)).toEqual(["no-healthy-region", "target-unhealthy", "readiness-blocked"]);
    for (const { summary, hint } of reports) for (const text of [summary, hint]) expect(text).not.toBe("");
  });
});
