import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createCore } from "../../src/create-core.ts";
import type { Destination } from "../../src/deliveries/port.ts";
import { AppError } from "../../src/errors.ts";
import type { DomainEvent } from "../../src/events.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { createMailList } from "../../src/mail/list.ts";
import type { Mail } from "../../src/mail/port.ts";
import { createMailWriter } from "../../src/mail/words.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { createUpdateDestination } from "../../src/status-page/update-destination.ts";
import { createFakeStatusPage } from "../helpers/fake-status-page.ts";
import { approver1, approver2, verdictEvent } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { MINUTE, publicPlan } from "../helpers/public-story.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";
import { createMemoryJournal, openMemoryStore } from "../simulation/memory-store.ts";
import { createClock, createSchedule } from "../simulation/schedule.ts";

const stages = ["investigating", "identified", "degraded", "monitoring", "resolved"] as const;
const STEP_MS = 90_000;
const write = createMailWriter();

function planOf(): Plan {
  const steps = [makeStep("a"), makeStep("b", { needs: ["a"] }), makeStep("c", { needs: ["b"] })];
  const timed = steps.map((step) => ({ ...step, timeoutMs: 10 * MINUTE }));
  return makePlan(
    { failover: { trigger: "region-down", steps: timed } },
    { communication: publicPlan().communication! },
  );
}

const away = new AppError({ code: "vendor-unavailable", summary: "It is away.", hint: "Wait.", retryable: true });

/** A failover of four and a half minutes on virtual time; nobody who is to be told is there for the first `downMs`. */
async function failover(downMs: number) {
  const schedule = createSchedule();
  const process = { name: "muster", alive: true, frozen: false };
  const clock = createClock(schedule, process);
  const down = () => schedule.nowMs() < downMs;
  const plan = planOf();
  const pages = ["page", "statuspage"].map((id) => createFakeStatusPage(id));
  const calls = { count: 0 };
  for (const page of pages) {
    Object.defineProperty(page, "failure", {
      get() {
        calls.count += 1;
        return down() ? away : undefined;
      },
    });
  }
  const mails: Mail[] = [];
  const list = createMailList({
    name: "customers",
    plan,
    stages,
    template: "update",
    mail: {
      send: async (mail) => {
        calls.count += 1;
        if (down()) throw away;
        mails.push(mail);
        return { accepted: 1, refused: 0 };
      },
      verify: async () => {},
    },
    recipients: () => ["a@example.org"],
    loadWriter: async () => write,
    domain: "example.org",
    refused: () => {},
  });
  const hooks: { stage: string; at: string; missed: string[]; late: boolean }[] = [];
  const webhook = createUpdateDestination({
    id: "webhook:partners",
    name: "partners",
    plan,
    stages,
    deliver: async ({ update: { stage, at }, before }, { late }) => {
      calls.count += 1;
      if (down()) throw away;
      const missed = before.filter(({ told }) => !told).map(({ update }) => update.stage);
      hooks.push({ stage, at, missed, late });
      return undefined;
    },
  });
  const board = createSwitchboard();
  const actions = new Map(board.registry.actions);
  const step = actions.get("test.switch")!;
  actions.set("test.switch", {
    ...step,
    apply: async (input, seen, context) => {
      await clock.sleep(STEP_MS, context.signal);
      return await step.apply!(input, seen, context);
    },
  });
  const memory = createMemoryJournal(() => schedule.nowMs());
  /** Who listens hears of an append a virtual millisecond later, whatever else goes on. */
  const told = (store: JournalStore): JournalStore => {
    const listeners = new Set<() => void>();
    return {
      ...store,
      async append(request) {
        const result = await store.append(request);
        for (const listener of listeners) schedule.after(1, process, listener);
        return result;
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  };
  const { core, journal, workers } = createCore({
    plan,
    registry: { ...board.registry, actions },
    store: told(openMemoryStore(memory, new Set())),
    instance: "muster",
    clock,
    logger: pino({ level: "silent" }),
    leaseMs: 10_000,
    requestTimeoutMs: 2 * STEP_MS,
    reportsDirectory: "",
    statusPages: pages,
    deliveries: [webhook, list] as Destination[],
    nextTurn: (callback) => void schedule.after(0, process, callback),
  });
  const chosen = /^(executor|comms|status-page:|delivery:)/;
  for (const worker of workers) if (chosen.test(worker.name)) worker.start();
  const say = (region: string, to: "healthy" | "down", nonce: number) => {
    const { data, ...event } = verdictEvent(region, to, nonce) as Extract<DomainEvent, { kind: "verdict.changed" }>;
    const since = new Date(clock.now()).toISOString();
    void journal.commit(() => [{ ...event, data: { ...data, since } }]);
  };
  say("east", "healthy", 1);
  say("west", "healthy", 2);
  await schedule.runUntil(5_000);
  say("east", "down", 3);
  await schedule.runUntil(60_000);
  for (const one of [approver1, approver2]) void core.approvals.approve("ap-1", [], one);
  await schedule.runUntil(30 * MINUTE);
  const events = memory.read({ after: 0, limit: 10_000 }) as DomainEvent[];
  const start = Date.parse(events[0]?.at ?? "");
  process.alive = false;
  const ofRun = /^(incident|run|approval|step|quarantine|loss)\./;
  return {
    /** Whatever concerns the recovery, with its virtual second. */
    run: events.filter(({ kind }) => ofRun.test(kind)).map(({ kind, at }) => `${Date.parse(at) - start} ms ${kind}`),
    events,
    calls: calls.count,
    mails,
    hooks,
    pages: pages.map(({ posted }) => posted.map(({ update }) => ({ stage: update.stage, at: update.at }))),
    downUntil: new Date(Date.parse("2026-01-01T00:00:00Z") + downMs).toISOString(),
  };
}

describe("a failover while nobody can be told", () => {
  it("goes its way to the millisecond as if everybody were there", async () => {
    const calm = await failover(0);
    const storm = await failover(10 * MINUTE);
    expect(storm.run).toEqual(calm.run);
    expect(storm.run.at(-1)).toMatch(/ms (run.completed|quarantine.started)$/);
    expect(storm.run.length).toBeGreaterThan(15);
    // They were asked all the time, and not without end.
    expect(storm.calls).toBeGreaterThan(calm.calls + 20);
    expect(storm.calls).toBeLessThan(calm.calls + 300);
  });

  it("is told afterwards, in order, with the real times, and what was overtaken as a part of what follows", async () => {
    const { mails, hooks, pages, downUntil, events } = await failover(10 * MINUTE);
    const due = (stage: string) =>
      events.find((event) => event.kind === "comms.due" && event.data.stage === stage)?.at ?? "";
    expect(due("degraded") < downUntil && due("monitoring") > downUntil).toBe(true);
    for (const posted of pages) {
      expect(posted).toEqual([
        { stage: "degraded", at: due("degraded") },
        { stage: "monitoring", at: due("monitoring") },
      ]);
    }
    expect(hooks).toEqual([
      { stage: "degraded", at: due("degraded"), missed: ["investigating", "identified"], late: true },
      { stage: "monitoring", at: due("monitoring"), missed: ["investigating", "identified"], late: false },
    ]);
    expect(mails.map(({ subject }) => subject.split(":")[0])).toEqual(["Slower than usual", "Monitoring"]);
    expect(mails[0]?.text).toMatch(
      /Slower than usual, 2026-01-01 00:05 UTC \(sent late\)[\s\S]*Identified, 2026-01-01 00:01 UTC\n[\s\S]*Investigating, 2026-01-01 00:00 UTC\n/,
    );
  });

  it("is told everything at its time when everybody is there", async () => {
    const { mails, hooks, pages } = await failover(0);
    const told = ["investigating", "identified", "degraded", "monitoring"];
    for (const posted of pages) expect(posted.map(({ stage }) => stage)).toEqual(told);
    expect(hooks.map(({ stage, late, missed }) => [stage, late, missed])).toEqual(told.map((one) => [one, false, []]));
    expect(mails).toHaveLength(4);
  });
});
