import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createCore } from "../../src/create-core.ts";
import type { DomainEvent, EventKind } from "../../src/events.ts";
import { defineProbe, type ProbeResult, type Registry } from "../../src/ports.ts";
import { makePlan } from "../helpers/plan.ts";
import { createMemoryJournal, type MemoryJournal, openMemoryStore } from "../simulation/memory-store.ts";
import { createClock, createSchedule, type Process, type Schedule } from "../simulation/schedule.ts";

const INTERVAL_MS = 1_000;
const TIMEOUT_MS = 1_000;
const DOWN_AFTER = 3;
const LEASE_MS = 5_000;
/** What a death takes a punctual observer: the failures in a row, the last of which is given up after its timeout. */
const DEATH_MS = (DOWN_AFTER - 1) * INTERVAL_MS + TIMEOUT_MS;
const PATIENCE_MS = 2 * DOWN_AFTER * INTERVAL_MS;
const ANSWER_MS = { answers: 20, refuses: 20, slow: 350, silent: TIMEOUT_MS, unasked: 1 };
/** After so long without a request the other side closes a connection, which only the next request notices. */
const IDLE_MS = 1_200;

const use = (region: string) => [{ id: "api", uses: "test.probe", with: { region } }];
const plan = makePlan(
  {},
  {
    stores: {},
    detection: {
      intervalMs: INTERVAL_MS,
      timeoutMs: TIMEOUT_MS,
      downAfter: DOWN_AFTER,
      healthyAfter: 2,
      probes: { east: use("east"), west: use("west") },
      outside: { id: "api", uses: "test.probe", with: { region: "east" } },
    },
  },
);

/** Processes in virtual time, which can be stopped, in front of regions that answer, refuse or are silent. */
let schedule: Schedule;
let journal: MemoryJournal;
let east: keyof typeof ANSWER_MS;
/** When east was asked last. */
let askedMs: number;
let living: Process[];

beforeEach(() => {
  schedule = createSchedule();
  journal = createMemoryJournal(() => schedule.nowMs());
  east = "answers";
  askedMs = 0;
  living = [];
});
afterEach(() => {
  for (const process of living) process.alive = false;
  schedule.close();
});

function startDetector(name: string): Process {
  const process: Process = { name, alive: true, frozen: false };
  living.push(process);
  const clock = createClock(schedule, process);
  const { workers } = createCore({
    plan,
    registry: registryOf(process),
    store: openMemoryStore(journal, new Set()),
    instance: name,
    clock,
    logger: pino({ level: "silent" }),
    leaseMs: LEASE_MS,
    requestTimeoutMs: 500,
    reportsDirectory: "",
    nextTurn: (callback) => void schedule.after(0, process, callback),
  });
  schedule.after(0, process, () => {
    for (const worker of workers) if (worker.name === "detector" || worker.name === "executor") worker.start();
  });
  return process;
}

/**
 * As an adapter does it: whoever comes to its answers when the time is over has none, whatever has arrived, and a
 * connection that nobody used for a while is gone.
 */
function registryOf(owner: Process): Registry {
  const usedMs = new Map<string, number>();
  const probe = defineProbe<{ region: string }>({
    id: "test.probe",
    summary: "A region's health",
    input: z.object({ region: z.string() }),
    run: ({ region }, { timeoutMs }) =>
      new Promise<ProbeResult>((resolve) => {
        const beganMs = schedule.nowMs();
        if (region === "east") askedMs = beganMs;
        const gone = beganMs - (usedMs.get(region) ?? beganMs) > IDLE_MS;
        usedMs.set(region, beganMs);
        const answer = region === "east" ? east : "answers";
        schedule.after(gone ? 1 : ANSWER_MS[answer], owner, () => {
          const latencyMs = schedule.nowMs() - beganMs;
          const ok = !gone && (answer === "answers" || answer === "slow") && latencyMs < timeoutMs;
          const ownFault = answer === "unasked" ? { ownFault: "too many open files here" } : {};
          resolve({ ok, latencyMs, detail: ok ? "answers" : gone ? "socket hang up" : "no answer", ...ownFault });
        });
      }),
  });
  return { actions: new Map(), probes: new Map([[probe.id, probe]]), replication: new Map(), traffic: new Map() };
}

/** Until east has been asked once more, and no longer. */
async function nextLook(): Promise<void> {
  const before = askedMs;
  while (askedMs === before) await pass(1);
}

function freeze(process: Process, forMs: number): void {
  process.frozen = true;
  schedule.after(forMs, undefined, () => {
    process.frozen = false;
    schedule.thaw(process);
  });
}

/** Until it is called off: within every look, the process stands still for a while. */
function starve(process: Process, forMs: number): () => void {
  let over = false;
  const again = () => {
    if (over) return;
    freeze(process, forMs);
    schedule.after(INTERVAL_MS, undefined, again);
  };
  // Away from the beginnings of the looks: those that are in flight stand still.
  schedule.after(INTERVAL_MS - (schedule.nowMs() % INTERVAL_MS) + 300, undefined, again);
  return () => {
    over = true;
  };
}

const pass = (ms: number) => schedule.runUntil(schedule.nowMs() + ms);

function eventsOf<K extends EventKind>(...kinds: K[]) {
  const all = journal.read({ after: 0, limit: 10_000 }) as unknown as DomainEvent[];
  return all.filter((event): event is Extract<DomainEvent, { kind: K }> => (kinds as string[]).includes(event.kind));
}

/** What was said of east since it was first seen. */
const verdicts = () =>
  eventsOf("verdict.changed")
    .filter(({ data }) => data.region === "east" && data.from !== "unknown")
    .map(({ data }) => data.to);
const detecting = () =>
  journal
    .leases()
    .find(({ name }) => name === "detector")
    ?.holder.split("#")[0];
const observer = () => eventsOf("observer.late", "observer.punctual").map(({ kind }) => kind);

describe("an observer that was itself late", () => {
  it("does not call a region dead, however often it was stopped", async () => {
    const one = startDetector("one");
    await pass(3_000);
    // In the middle of a look, for longer than its timeout, and awake for hardly a moment.
    for (let freezes = 0; freezes < 6; freezes++) {
      await nextLook();
      await pass(5);
      freeze(one, 1_500);
    }
    await pass(5_000);
    expect(verdicts()).toEqual([]);
    expect(eventsOf("incident.opened")).toEqual([]);
    expect(eventsOf("availability.changed").map(({ data }) => data.available)).toEqual([true]);
  });

  it("believes every good answer, however late it was read", async () => {
    const one = startDetector("one");
    east = "silent";
    await pass(5_000);
    starve(one, 400);
    east = "slow";
    await pass(5_000);
    expect(eventsOf("verdict.changed").filter(({ data }) => data.region === "east")).toMatchObject([
      { data: { from: "unknown", to: "down" } },
      { data: { from: "down", to: "healthy" } },
    ]);
    await pass(2 * PATIENCE_MS);
    expect(observer()).toEqual([]);
  });

  it("says nothing about one long pause, after which it sees everything well", async () => {
    const one = startDetector("one");
    await pass(3_005);
    freeze(one, 10 * PATIENCE_MS);
    await pass(12 * PATIENCE_MS);
    expect(verdicts()).toEqual([]);
    expect(observer()).toEqual([]);
  });

  it("sees a death as fast as ever while it keeps time", async () => {
    startDetector("one");
    await pass(3_500);
    east = "silent";
    // The next look begins at the next whole second.
    await pass(500 + DEATH_MS + 10);
    expect(verdicts()).toEqual(["down"]);
    expect(eventsOf("incident.opened")).toHaveLength(1);
    expect(observer()).toEqual([]);
  });

  it("sees a death as fast as ever while it is late by less than a quarter of the timeout", async () => {
    const one = startDetector("one");
    await pass(3_500);
    starve(one, 200);
    east = "silent";
    await pass(500 + DEATH_MS + 300);
    expect(verdicts()).toEqual(["down"]);
  });

  it("sees a death as fast as ever on a busy machine, whose every timer is a little late", async () => {
    const one = startDetector("one");
    await pass(3_500);
    // Each beat of 50 ms ends 20 ms late, which adds up to more than a quarter of the timeout within a look.
    const again = () => {
      freeze(one, 21);
      schedule.after(70, undefined, again);
    };
    again();
    east = "silent";
    await pass(500 + DEATH_MS + 300);
    expect(verdicts()).toEqual(["down"]);
  });

  it("believes what was refused at once, whatever it misses at other times", async () => {
    const one = startDetector("one");
    await pass(3_500);
    starve(one, 400);
    east = "refuses";
    await pass(500 + DEATH_MS);
    expect(verdicts()).toEqual(["down"]);
  });

  it("says so when it has been late for too long, and when that is over; then it sees who has died", async () => {
    const one = startDetector("one");
    await pass(3_500);
    const relieve = starve(one, 400);
    east = "silent";
    await pass(PATIENCE_MS);
    expect(observer()).toEqual([]);
    await pass(4_000);
    expect(verdicts()).toEqual([]);
    expect(observer()).toEqual(["observer.late"]);
    const [late] = eventsOf("observer.late");
    expect(late?.data.lateMs).toBeGreaterThan(TIMEOUT_MS / 4);
    // It goes on being late, and has said so.
    await pass(5 * PATIENCE_MS);
    expect(observer()).toEqual(["observer.late"]);
    relieve();
    await pass(10_000);
    expect(verdicts()).toEqual(["down"]);
    expect(observer()).toEqual(["observer.late", "observer.punctual"]);
  });

  it("calls no region dead that it could not ask, says why, and sees who has died once it can", async () => {
    startDetector("one");
    await pass(3_500);
    east = "unasked";
    await pass(PATIENCE_MS);
    expect(observer()).toEqual([]);
    await pass(4_000);
    expect(verdicts()).toEqual([]);
    expect(eventsOf("availability.changed").map(({ data }) => data.available)).toEqual([true]);
    expect(eventsOf("observer.late")).toMatchObject([{ data: { fault: "too many open files here" } }]);
    expect(eventsOf("observer.late")[0]?.data.lateMs).toBeGreaterThanOrEqual(PATIENCE_MS);
    east = "refuses";
    await pass(10_000);
    expect(verdicts()).toEqual(["down"]);
    expect(observer()).toEqual(["observer.late", "observer.punctual"]);
  });

  it("gives its lease up when it has been late for too long: another instance sees who has died", async () => {
    const one = startDetector("one");
    await pass(3_500);
    startDetector("two");
    starve(one, 400);
    east = "silent";
    await pass(PATIENCE_MS + 10_000);
    expect(verdicts()).toEqual(["down"]);
    const [down] = eventsOf("verdict.changed").filter(({ data }) => data.to === "down");
    expect(down?.instance).toBe("two");
    expect(eventsOf("observer.late").map(({ instance }) => instance)).toEqual(["one"]);
    expect(eventsOf("observer.punctual").map(({ instance }) => instance)).toEqual(["two"]);
    // And keeps it.
    await pass(10 * PATIENCE_MS);
    expect(detecting()).toBe("two");
    expect(observer()).toEqual(["observer.late", "observer.punctual"]);
  });

  it("begins anew with all its patience when there is nobody else", async () => {
    const one = startDetector("one");
    await pass(3_500);
    starve(one, 400);
    east = "silent";
    await pass(5 * PATIENCE_MS);
    expect(observer()).toEqual(["observer.late"]);
    expect(journal.leases().find(({ name }) => name === "detector")?.epoch).toBeLessThanOrEqual(5);
  });

  it.each(["silent", "refuses"] as const)("notices freezes also when each has cost it its lease: %s", async (how) => {
    const one = startDetector("one");
    await pass(3_500);
    east = how;
    for (let freezes = 0; freezes < 4; freezes++) {
      await nextLook();
      await pass(5);
      freeze(one, 2 * LEASE_MS);
      // Time for one look to its end, of which nothing is remembered behind the next freeze.
      await pass(2 * LEASE_MS);
      await nextLook();
    }
    expect(verdicts()).toEqual([]);
    expect(observer()).toEqual(["observer.late"]);
    await pass(20_000);
    expect(verdicts()).toEqual(["down"]);
    expect(observer()).toEqual(["observer.late", "observer.punctual"]);
  });

  it("forgets what it missed when another instance has looked since", async () => {
    const one = startDetector("one");
    await pass(3_500);
    const two = startDetector("two");
    await nextLook();
    await pass(5);
    freeze(one, 2 * LEASE_MS);
    await pass(2 * PATIENCE_MS);
    expect(detecting()).toBe("two");
    two.alive = false;
    // The first look of the other one.
    await pass(INTERVAL_MS);
    await nextLook();
    expect(detecting()).toBe("one");
    await pass(5);
    freeze(one, 1_500);
    await pass(PATIENCE_MS);
    expect(observer()).toEqual([]);
    expect(verdicts()).toEqual([]);
  });
});
