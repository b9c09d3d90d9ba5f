import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createCore } from "../../src/create-core.ts";
import { AppError } from "../../src/errors.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { createWorker, type WorkerContext } from "../../src/workers/worker.ts";
import { commander, operator } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";
import { openFixture } from "../store/fixture.ts";

const plan = makePlan({ failover: { steps: [makeStep("a")] } });
const away = new AppError({ code: "store-unavailable", summary: "It did not answer.", retryable: true });
const diverged = { code: "store-diverged" };

let fixture: Awaited<ReturnType<typeof openFixture>>;
let directory: string;
/** The server that the instances are connected to; undefined while none answers. */
let current: JournalStore | undefined;
let ends: (() => Promise<void>)[];

beforeEach(async () => {
  fixture = await openFixture();
  current = fixture.store;
  directory = mkdtempSync(join(tmpdir(), "muster-instances-"));
  ends = [];
});
afterEach(async () => {
  for (const end of ends) await end();
  await fixture.dispose();
  rmSync(directory, { recursive: true, force: true });
});

/** One of several instances in this process, on one store that can go away and can be another one. */
function connect(instance: string, more: { tailPath?: string } = {}) {
  const store = new Proxy({} as JournalStore, {
    get: (_, name: keyof JournalStore) => {
      if (name === "subscribe") return () => () => {};
      return async (...given: never[]) => {
        if (!current) throw away;
        return await (current[name] as (...given: never[]) => Promise<unknown>)(...given);
      };
    },
  });
  const made = createCore({
    plan,
    registry: createSwitchboard().registry,
    store,
    instance,
    clock: systemClock,
    logger: pino({ level: "silent" }),
    leaseMs: 1_000,
    requestTimeoutMs: 50,
    reportsDirectory: directory,
    ...more,
  });
  const start = () => made.presence.start({ url: `http://${instance}`, version: "1" });
  ends.push(async () => {
    await Promise.all(made.workers.map((worker) => worker.stop()));
    await made.presence.stop();
  });
  const note = (text: string) => made.core.incidents.note(text, operator);
  return { ...made, start, note, shown: async () => (await made.core.instances()).instances };
}

/** A server that has the first events of the one that is used, and not the last ones. */
async function promoteStandby(missing: number): Promise<void> {
  const standby = await openFixture();
  ends.push(() => standby.dispose());
  const events = await fixture.store.read({ after: 0, limit: 1_000 });
  for (const event of events.slice(0, events.length - missing)) {
    const { stream, at, instance, version, key, kind, actor, data } = event;
    const request = { stream, expectedVersion: version - 1, events: [{ key, kind, actor, data }], at, instance };
    expect(await standby.store.append(request)).toMatchObject({ events: [{ hash: event.hash }] });
  }
  current = standby.store;
}

it("what is made outside the core notices with everybody else that the store is away, and since when", async () => {
  const { core, store } = connect("one");
  await core.state();
  expect(core.store.status().state).toBe("available");
  current = undefined;
  // A chat looks for what it has posted, and nobody else asks the store at that moment.
  await expect(store.getRecord("chat/slack/message/inc-1")).rejects.toMatchObject({ code: "store-unavailable" });
  expect(core.store.status().state).toBe("unavailable");
});

describe("instances", () => {
  it("see each other, what each drives, and who has fallen silent", async () => {
    const [one, two] = [connect("one"), connect("two")];
    one.start();
    two.start();
    one.workers.find(({ name }) => name === "executor")?.start();
    await expect.poll(one.shown).toMatchObject([
      { name: "one", alive: true, self: true, leases: ["executor"], url: "http://one" },
      { name: "two", alive: true, self: false, leases: [] },
    ]);
    await one.presence.stop();
    expect((await two.shown()).map(({ name, alive }) => [name, alive])).toContainEqual(["two", true]);
    await expect.poll(async () => (await two.shown()).map(({ name }) => name)).toEqual(["two"]);
  });

  it("show what an instance drives beside its core, such as a chat, and keep that from work like the rest", async () => {
    const one = connect("one");
    one.start();
    const { holder: instance, isHalted } = one.leases;
    const work = ({ signal }: WorkerContext) => systemClock.sleep(60_000, signal).catch(() => {});
    const shared = { store: fixture.store, clock: systemClock, logger: pino({ level: "silent" }), leaseMs: 1_000 };
    const chat = createWorker({ ...shared, name: "chat:fake", instance, isHalted, work });
    ends.push(() => chat.stop());
    chat.start();
    await expect.poll(one.shown).toMatchObject([{ name: "one", leases: ["chat:fake"] }]);
    expect(await isHalted()).toBe(false);
  });

  it("show one that ended without a word as silent, until its place is taken again", async () => {
    const two = connect("two");
    two.start();
    await fixture.store.setRecord(
      "instance/9",
      JSON.stringify({
        ...{ holder: "one#1", name: "one", url: "http://one", version: "1" },
        ...{ startedAt: new Date().toISOString(), seenAt: new Date().toISOString() },
      }),
    );
    await expect.poll(two.shown).toMatchObject([
      { name: "one", alive: false },
      { name: "two", alive: true },
    ]);
    connect("one").start();
    await expect.poll(two.shown).toMatchObject([
      { name: "one", alive: true },
      { name: "two", alive: true },
    ]);
  });
});

describe("where Muster and its store are", () => {
  it("is an event when it changes, and is shown", async () => {
    const one = connect("one");
    one.start();
    one.workers.find(({ name }) => name === "placement")?.start();
    await expect
      .poll(async () => (await one.core.state()).placement?.findings.map(({ code }) => code))
      .toEqual(["instance-place-unknown", "store-embedded"]);
  });
});

describe("an instance without its store", () => {
  it("says since when, keeps what it knew with its age, and comes back by itself", async () => {
    const one = connect("one");
    one.start();
    await one.note("before");
    await expect.poll(() => one.core.store.lastKnown().counts.notes).toBe(1);
    current = undefined;
    await expect.poll(() => one.core.store.status().state).toBe("unavailable");
    const status = one.core.store.status();
    expect(status).toMatchObject({ error: { code: "store-unavailable" } });
    if (status.state === "unavailable") expect(status.asOf <= status.since).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await expect(one.note("lost")).rejects.toMatchObject({ summary: expect.stringContaining("unavailable since") });
    expect(one.core.store.lastKnown().counts.notes).toBe(1);
    current = fixture.store;
    await expect.poll(() => one.core.store.status().state).toBe("available");
    await one.note("after");
  });
});

describe("a store that lost acknowledged events", () => {
  it("stops every instance, until a commander lets the events go", async () => {
    const [one, two] = [connect("one"), connect("two")];
    await one.note("a");
    await one.note("b");
    await two.core.state();
    await promoteStandby(1);
    for (const { start } of [one, two]) start();
    for (const { workers } of [one, two]) workers.find(({ name }) => name === "executor")?.start();
    for (const { core } of [one, two]) await expect.poll(() => core.store.status().state).toBe("diverged");
    await expect(one.note("c")).rejects.toMatchObject(diverged);
    await expect
      .poll(async () => (await one.core.instances()).leases.map(({ name }) => name))
      .not.toContain("executor");

    const found = await two.core.store.acceptHead("the old primary burnt down", commander);
    expect(found.lost).toMatchObject({ from: 2, to: 2, keys: [expect.stringContaining("note")] });
    for (const { core } of [one, two]) await expect.poll(() => core.store.status().state).toBe("available");
    await expect.poll(async () => (await one.core.instances()).leases.map(({ name }) => name)).toContain("executor");
    const events = await one.core.journal.query({ kind: "store.head-accepted" });
    expect(events).toMatchObject([
      {
        actor: "commander",
        data: { lost: { from: 2, to: 2 }, known: { seq: 2 }, reason: "the old primary burnt down" },
      },
    ]);
    await expect(one.core.store.acceptHead("again", commander)).rejects.toMatchObject({ code: "wrong-state" });
    expect((await one.core.journal.verify()).ok).toBe(true);
  });

  it("stops an instance that never knew the lost events, before it does anything", async () => {
    const one = connect("one");
    await one.note("a");
    await one.note("b");
    await promoteStandby(1);
    await expect(one.note("c")).rejects.toMatchObject(diverged);
    const late = connect("late");
    await late.presence.compare();
    // One that was there all the time, and has had no heartbeat since: only its worker asks.
    const unaware = connect("unaware");
    for (const { workers } of [late, unaware]) workers.find(({ name }) => name === "executor")?.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await current?.leases()).toEqual([]);
    await expect(late.note("c")).rejects.toMatchObject(diverged);
  });

  it("is not asked about again by an instance that was away while people decided", async () => {
    const [one, frozen] = [connect("one"), connect("frozen")];
    for (const text of ["a", "b", "c"]) await one.note(text);
    await frozen.core.state();
    await one.note("d");
    await promoteStandby(3);
    await expect(one.note("e")).rejects.toMatchObject(diverged);
    await one.core.store.acceptHead("gone", commander);
    expect(await frozen.note("f")).toMatchObject({ noteId: expect.any(String) });
  });

  it("is noticed by an instance that was started after it, on a machine that remembers", async () => {
    const tailPath = join(directory, "last-events.json");
    const one = connect("one", { tailPath });
    one.start();
    await one.note("a");
    await one.note("b");
    await expect.poll(() => readFileSync(tailPath, "utf8")).toContain('"seq":2');
    await one.presence.stop();
    await promoteStandby(1);
    const next = connect("next", { tailPath });
    await next.presence.compare();
    expect(next.core.store.status()).toMatchObject({ state: "diverged", divergence: { lost: { from: 2, to: 2 } } });
  });

  it.each([
    [
      "another journal",
      JSON.stringify({ first: "0".repeat(64), events: [{ seq: 9, version: 9, hash: "f", key: "k" }] }),
    ],
    ["nothing that can be read", "not JSON"],
  ])("is not suspected where a machine remembers %s", async (_, text) => {
    const tailPath = join(directory, "last-events.json");
    writeFileSync(tailPath, text);
    const one = connect("one", { tailPath });
    await one.note("a");
    await one.presence.compare();
    expect(one.core.store.status().state).toBe("available");
  });
});
