import { verifyChain } from "../../src/journal/verify.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createHub } from "./hub.ts";
import { createInstances } from "./instances.ts";
import { createInspector, type Inspector, type Violation } from "./invariants/inspector.ts";
import { endLively } from "./invariants/liveness.ts";
import { openMemoryStore } from "./memory-store.ts";
import { createPeople } from "./people.ts";
import { changedPlan, randomPlan } from "./plans.ts";
import { createRandom } from "./random.ts";
import { createSchedule } from "./schedule.ts";
import { type Coverage, createTrace } from "./trace.ts";
import { createVendor, FAIR } from "./vendor.ts";
import { createWorld, type World } from "./world.ts";

export interface Outcome {
  seed: number;
  violation?: Violation;
  /** Virtual milliseconds that were lived through. */
  virtualMs: number;
  events: number;
  coverage: Coverage;
  trace: string[];
}

/** Lives through the disaster of one seed. The same seed gives the same trace, byte for byte. */
export async function simulate(seed: number, { trace: keep = false } = {}): Promise<Outcome> {
  const random = createRandom(seed);
  const stopped = { violation: (): Violation | undefined => undefined };
  const schedule = createSchedule(() => stopped.violation() !== undefined);
  const trace = createTrace(() => schedule.nowMs(), keep);
  const leaseMs = random.int(3, 10) * 1_000;
  const requestTimeoutMs = random.int(5, 20) * 100;
  let plan = randomPlan(random.fork("plan"));
  const weather = { ...FAIR };
  let calmFromMs = Number.POSITIVE_INFINITY;
  let faults: Faults | undefined;
  let world: World | undefined;

  const inspector: Inspector = createInspector({
    nowMs: () => schedule.nowMs(),
    trace,
    leaseMs,
    world: () => world as World,
  });
  stopped.violation = inspector.first;
  const hub = createHub({
    schedule,
    random: random.fork("store"),
    trace,
    granted: (_, lease) => inspector.granted(lease),
    appended(owner, events, fence) {
      inspector.appended(owner, events, fence);
      faults?.written(owner, events);
    },
  });
  world = createWorld({
    schedule,
    trace,
    regions: Object.keys(plan.regions),
    home: plan.home,
    stores: Object.keys(plan.stores),
    transition: (request) => inspector.changed(request),
  });
  const vendor = createVendor({
    schedule,
    random: random.fork("vendor"),
    trace,
    world,
    weather,
    requestTimeoutMs,
    sent: (request) => inspector.sent(request),
    arrived: ({ sender }) => faults?.done(sender),
  });
  const instances = createInstances({
    schedule,
    random: random.fork("instances"),
    trace,
    hub,
    world,
    vendor,
    weather,
    leaseMs,
    requestTimeoutMs,
    planNow: () => plan,
    looking: (process) => faults?.looking(process),
    failed: (what) => {
      if (schedule.nowMs() > calmFromMs) inspector.report(`nothing goes wrong any more, and ${what}`);
    },
  });
  const people = createPeople({
    schedule,
    random: random.fork("people"),
    trace,
    instances,
    fault: (what) => inspector.report(what),
  });
  faults = createFaults({
    schedule,
    random: random.fork("faults"),
    trace,
    hub,
    world,
    weather,
    instances,
    people,
    leaseMs,
    changePlan: () => {
      plan = changedPlan(random, plan);
      trace.say("world", `another plan is rolled out: ${plan.digest.slice(0, 8)}`);
    },
  });

  const unhandled = (error: unknown) =>
    inspector.report(`a rejection that nobody handles would end the process: ${error}`);
  process.on("unhandledRejection", unhandled);
  try {
    for (let count = random.int(1, 3); count > 0; count--) instances.start(`muster-${count}`, plan);
    const stormMs = random.int(60, 180) * 1_000;
    faults.begin(stormMs);
    await schedule.runUntil(stormMs);
    faults.end();
    // What was under way when the last fault ended may still be felt for a lease's time.
    calmFromMs = schedule.nowMs() + 2 * leaseMs;
    if (!inspector.first()) await endLively({ schedule, inspector, instances, people, plan });
    if (!inspector.first()) await audit();
  } finally {
    process.off("unhandledRejection", unhandled);
    schedule.close();
  }

  async function audit(): Promise<void> {
    const result = await verifyChain(openMemoryStore(hub.journal, new Set()));
    if (!result.ok) inspector.report(`the chain is broken: ${JSON.stringify(result.firstBad)}`);
  }

  const violation = inspector.first();
  return {
    seed,
    virtualMs: schedule.nowMs(),
    events: hub.journal.head().seq,
    coverage: trace.counts(),
    trace: trace.lines(),
    ...(violation && { violation }),
  };
}
