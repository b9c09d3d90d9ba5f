import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/detection/events.ts";
import type { DomainEvent, NewDomainEvent } from "../../src/events.ts";
import { fold, initialState } from "../../src/fold.ts";
import { bestTarget, decideIncidents } from "../../src/incidents/decide.ts";
import type { AppState } from "../../src/state.ts";
import { verdictEvent } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";

const plan = makePlan({
  failover: { trigger: "region-down", steps: [makeStep("a")] },
  rejoin: { kind: "rejoin", trigger: "region-returned", steps: [makeStep("follow")] },
});
const start = Date.parse("2026-01-01T00:00:00.000Z");

/** The state after these events, a second apart. */
function stateAfter(...events: NewDomainEvent[]): AppState {
  return stateSetBack({ from: 0, byMs: 0 }, ...events);
}

/** The same with a clock that was set to another time before the event of that number. */
function stateSetBack({ from, byMs }: { from: number; byMs: number }, ...events: NewDomainEvent[]): AppState {
  return events.reduce<AppState>((state, event) => {
    const seq = state.seq + 1;
    const at = new Date(start + seq * 1_000 + (seq >= from ? byMs : 0)).toISOString();
    const stored = {
      ...event,
      seq,
      version: seq,
      at,
      stream: "app/shop",
      instance: "t",
      previousHash: "",
      hash: "",
      text: "",
    };
    return fold(state, stored as DomainEvent);
  }, initialState(plan));
}

let nonce = 0;
const verdict = (region: string, to: Verdict) => verdictEvent(region, to, ++nonce);
const opened: NewDomainEvent = {
  key: "i",
  kind: "incident.opened",
  actor: "system:detector",
  data: {
    incidentId: "inc-1",
    title: "down",
    region: "east",
    severity: "sev1",
    openedBy: "signal",
    startedAt: "2026-01-01T00:00:00.000Z",
  },
};
const quarantined: NewDomainEvent = {
  key: "q",
  kind: "quarantine.started",
  actor: "system:executor",
  data: { region: "east", runId: "run-1", reason: "left" },
};

function proposed(runId: string, runbook: string, source: string, target: string): NewDomainEvent {
  const evidence = {
    at: "2026-01-01T00:00:00.000Z",
    verdicts: {},
    losses: [],
    readiness: [],
    expected: { ms: 0, basis: "" },
    warnings: [],
  };
  const data = { runId, runbook, source, target, reason: "", rehearsal: false, plan, evidence, incidentId: "inc-1" };
  return { key: runId, kind: "run.proposed", actor: "system:detector", data };
}
function ended(runId: string, kind: "run.completed" | "run.aborted" | "run.cancelled"): NewDomainEvent {
  const data = { runId, reason: "so" };
  return { key: `${runId}/${kind}`, kind, actor: "t", data };
}

const decide = (state: AppState, afterMs = 0) => decideIncidents(plan, state, start + state.seq * 1_000 + afterMs);

describe("detection's consequences", () => {
  it("one fault opens one incident, dated from its first failing probe", () => {
    const down = stateAfter(verdict("east", "down"), verdict("west", "healthy"));
    const { events } = decide(down);
    expect(events.map(({ kind }) => kind)).toEqual(["incident.opened"]);
    expect(events[0]?.data).toMatchObject({ incidentId: "inc-1", region: "east", startedAt: down.regions.east?.since });
    expect(decide(stateAfter(verdict("east", "down"), opened)).events).toEqual([]);
  });

  it("one fault opens none again after a person has resolved its incident, and another fault does", () => {
    const resolved: NewDomainEvent = {
      key: "r",
      kind: "incident.resolved",
      actor: "commander",
      data: { incidentId: "inc-1", reason: "it is the probes" },
    };
    const dated = (event: NewDomainEvent, since: string) =>
      ({ ...event, data: { ...event.data, since } }) as NewDomainEvent;
    const before = [
      verdict("west", "healthy"),
      dated(verdict("east", "down"), "2026-01-01T00:00:00.000Z"),
      opened,
      resolved,
    ];
    expect(decide(stateAfter(...before)).events).toEqual([]);
    const other = [verdict("east", "healthy"), dated(verdict("east", "down"), "2026-01-01T00:09:00.000Z")];
    expect(decide(stateAfter(...before, ...other)).events).toMatchObject([{ kind: "incident.opened" }]);
  });

  it("a standby that fails is no incident, nor is a degraded region", () => {
    expect(decide(stateAfter(verdict("east", "healthy"), verdict("west", "down"))).events).toEqual([]);
    expect(decide(stateAfter(verdict("east", "degraded"), verdict("west", "healthy"))).events).toEqual([]);
  });

  it("proposes the failover once, and not again after people have said no", () => {
    const open = stateAfter(verdict("west", "healthy"), verdict("east", "down"), opened);
    expect(decide(open).proposals).toEqual([{ runbook: "failover", target: "west", reason: "east is down" }]);
    const denied = stateAfter(
      verdict("west", "healthy"),
      verdict("east", "down"),
      opened,
      proposed("run-1", "failover", "east", "west"),
      ended("run-1", "run.cancelled"),
    );
    expect(decide(denied).proposals).toEqual([]);
  });

  it("proposes the next failover when the region that took over fails too, in the same incident", () => {
    const moved = [
      verdict("west", "healthy"),
      verdict("east", "down"),
      opened,
      proposed("run-1", "failover", "east", "west"),
      ended("run-1", "run.completed"),
      verdict("east", "healthy"),
      verdict("west", "down"),
    ];
    expect(decide(stateAfter(...moved)).proposals).toEqual([
      { runbook: "failover", target: "east", reason: "west is down" },
    ]);
    const denied = [...moved, proposed("run-2", "failover", "west", "east"), ended("run-2", "run.cancelled")];
    expect(decide(stateAfter(...denied)).proposals).toEqual([]);
    const homeAndDownAgain = [
      ...moved,
      proposed("run-2", "failover", "west", "east"),
      ended("run-2", "run.completed"),
      verdict("west", "healthy"),
      verdict("east", "down"),
    ];
    expect(decide(stateAfter(...homeAndDownAgain)).proposals).toMatchObject([{ target: "west" }]);
  });

  it("proposes nothing when every region looks down: the observer is suspect", () => {
    const dark = stateAfter(verdict("west", "down"), verdict("east", "down"));
    expect(decide(dark).events[0]?.data).toMatchObject({ title: expect.stringContaining("Muster's own view") });
    expect(decide(stateAfter(verdict("west", "down"), verdict("east", "down"), opened)).proposals).toEqual([]);
  });

  it("never names a region that is down, in quarantine, or outside the jurisdictions", () => {
    expect(bestTarget(plan, stateAfter(verdict("west", "healthy")))).toBe("west");
    expect(bestTarget(plan, stateAfter(verdict("west", "down")))).toBeUndefined();
    const other = { ...quarantined, data: { region: "west", runId: "run-1", reason: "left" } } as NewDomainEvent;
    expect(bestTarget(plan, stateAfter(verdict("west", "healthy"), other))).toBeUndefined();
    const services = { api: { ...plan.services.api, jurisdictions: ["eu"] } } as typeof plan.services;
    expect(bestTarget({ ...plan, services }, stateAfter(verdict("west", "healthy")))).toBeUndefined();
  });
});

describe("a region that returns", () => {
  const away = [
    verdict("west", "healthy"),
    verdict("east", "down"),
    opened,
    proposed("run-1", "failover", "east", "west"),
    quarantined,
    ended("run-1", "run.completed"),
  ];

  it("is not made a follower of itself, when the failover away from it was aborted behind the promotion", () => {
    const half = [...away.slice(0, -1), ended("run-1", "run.aborted"), verdict("east", "healthy")];
    expect(stateAfter(...half).active).toBe("east");
    expect(decide(stateAfter(...half)).proposals).toEqual([]);
  });

  it("is made a follower as soon as it answers, once", () => {
    expect(decide(stateAfter(...away)).proposals).toEqual([]);
    const back = stateAfter(...away, verdict("east", "healthy"));
    expect(decide(back).proposals).toEqual([{ runbook: "rejoin", target: "east", reason: "east answers again" }]);
    const rejoining = stateAfter(...away, verdict("east", "healthy"), proposed("run-2", "rejoin", "west", "east"));
    expect(decide(rejoining).proposals).toEqual([]);
  });

  it("stays in quarantine until it follows and has been healthy for the plan's time", () => {
    const waiting = stateAfter(...away, verdict("east", "healthy"));
    expect(decide(waiting, 3_600_000).events).toEqual([]);
    const following = stateAfter(
      ...away,
      verdict("east", "healthy"),
      proposed("run-2", "rejoin", "west", "east"),
      ended("run-2", "run.completed"),
    );
    // Until its rejoin ended it did not follow, however healthy it was.
    const dueAt = Date.parse(following.runs["run-2"]?.endedAt ?? "") + plan.quarantineHealthyForMs;
    const early = decideIncidents(plan, following, dueAt - 1);
    expect(early.events).toEqual([]);
    expect(early.wakeAt).toBe(dueAt);
    const due = decideIncidents(plan, following, dueAt);
    expect(due.events.map(({ kind }) => kind)).toEqual(["quarantine.lifted"]);
  });

  it("is healthy for nothing before its quarantine began, where no runbook makes it follow", () => {
    const bare = { ...plan, runbooks: { failover: plan.runbooks.failover! } };
    const left = [
      verdict("west", "healthy"),
      verdict("east", "healthy"),
      opened,
      proposed("run-1", "failover", "east", "west"),
      quarantined,
    ];
    // Before it was left it had been healthy for longer than the plan asks for.
    const state = stateSetBack({ from: left.length, byMs: 2 * plan.quarantineHealthyForMs }, ...left);
    const dueAt = Date.parse(state.regions.east?.quarantine?.since ?? "") + plan.quarantineHealthyForMs;
    expect(decideIncidents(bare, state, dueAt - 1)).toMatchObject({ events: [], wakeAt: dueAt });
    expect(decideIncidents(bare, state, dueAt).events).toMatchObject([{ kind: "quarantine.lifted" }]);
    const relapsed = stateAfter(...left, verdict("east", "degraded"), verdict("east", "healthy"));
    const againAt = start + relapsed.seq * 1_000 + plan.quarantineHealthyForMs;
    expect(decideIncidents(bare, relapsed, againAt - 1)).toMatchObject({ events: [], wakeAt: againAt });
  });

  it("is made a follower once though the clock was set back behind its quarantine, and leaves it by that", () => {
    const hourEarlier = { from: away.length + 2, byMs: -3_600_000 };
    const rejoined = [
      ...away,
      verdict("east", "healthy"),
      proposed("run-2", "rejoin", "west", "east"),
      ended("run-2", "run.completed"),
    ];
    const state = stateSetBack(hourEarlier, ...rejoined);
    expect(state.runs["run-2"]?.proposedAt.localeCompare(state.regions.east?.quarantine?.since ?? "")).toBe(-1);
    expect(decide(state).proposals).toEqual([]);
    const due = decideIncidents(plan, state, Date.parse(state.regions.east?.since ?? "") + plan.quarantineHealthyForMs);
    expect(due.events).toMatchObject([{ kind: "quarantine.lifted" }]);
  });

  it("is made a follower anew when it was left a second time", () => {
    const again = [
      ...away,
      proposed("run-2", "rejoin", "west", "east"),
      ended("run-2", "run.completed"),
      proposed("run-3", "failover", "west", "east"),
      ended("run-3", "run.completed"),
      proposed("run-4", "failover", "east", "west"),
      { ...quarantined, key: "q2" },
      ended("run-4", "run.completed"),
      verdict("east", "healthy"),
    ];
    expect(decide(stateAfter(...again)).proposals).toMatchObject([{ runbook: "rejoin", target: "east" }]);
  });

  it("is made a follower anew, and not let out, when the region that it follows was left for a third one", () => {
    const state = stateAfter(
      ...away,
      verdict("east", "healthy"),
      proposed("run-2", "rejoin", "west", "east"),
      ended("run-2", "run.completed"),
      verdict("south", "healthy"),
      verdict("west", "down"),
      proposed("run-3", "failover", "west", "south"),
      ended("run-3", "run.completed"),
    );
    expect(state.active).toBe("south");
    const { events, proposals } = decide(state, 3_600_000);
    expect([events, proposals]).toMatchObject([[], [{ runbook: "rejoin", target: "east" }]]);
  });

  it("does not leave quarantine by a rejoin that was aborted", () => {
    const state = stateAfter(
      ...away,
      verdict("east", "healthy"),
      proposed("run-2", "rejoin", "west", "east"),
      ended("run-2", "run.aborted"),
    );
    expect(decideIncidents(plan, state, Date.parse(state.regions.east?.since ?? "") + 3_600_000).events).toEqual([]);
  });
});

describe("an incident", () => {
  it("is resolved when the service is home and everything is healthy, and not before", () => {
    const healthy = [opened, verdict("east", "healthy"), verdict("west", "healthy")];
    expect(decide(stateAfter(...healthy)).events.map(({ kind }) => kind)).toEqual(["incident.resolved"]);
    expect(decide(stateAfter(...healthy, proposed("run-1", "failover", "east", "west"))).events).toEqual([]);
    expect(decide(stateAfter(...healthy, verdict("west", "down"))).events).toEqual([]);
    const unavailable: NewDomainEvent = {
      key: "a",
      kind: "availability.changed",
      actor: "system:detector",
      data: { service: "api", available: false, precisionMs: 1_000 },
    };
    expect(decide(stateAfter(...healthy, unavailable)).events).toEqual([]);
    const moved = stateAfter(
      ...healthy,
      proposed("run-1", "failover", "east", "west"),
      ended("run-1", "run.completed"),
    );
    expect(moved.active).toBe("west");
    expect(decide(moved).events).toEqual([]);
  });
});
