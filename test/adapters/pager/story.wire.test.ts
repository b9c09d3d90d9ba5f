import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPagerDutyDoor } from "../../../adapters/pager/door.ts";
import { createPagerDutyOnCall } from "../../../adapters/pager/on-call.ts";
import { createPagerDutyClient } from "../../../adapters/pager/pagerduty-client.ts";
import { createPagerDestination } from "../../../src/pager/destination.ts";
import { createPagerInbound } from "../../../src/pager/inbound.ts";
import { createNotesDestination } from "../../../src/pager/notes-destination.ts";
import { onCallPeople } from "../../../src/pager/on-call.ts";
import { createShownDestination } from "../../../src/pager/shown-destination.ts";
import { type Door, openDoor } from "../../helpers/door.ts";
import { approver1, approver2, operator, startMuster, type TestMuster } from "../../helpers/muster.ts";
import { openPagerDuty, type PagerDutyWorld } from "../../helpers/pagerduty.ts";
import { patienceMs } from "../../helpers/patience.ts";
import { makePlan, makeStep } from "../../helpers/plan.ts";
import { createSwitchboard } from "../../helpers/switchboard.ts";

const SECRET = "the-secret-of-the-webhook";
const plan = makePlan({ failover: { trigger: "region-down", steps: [makeStep("a")] } });
const KEY = `muster/${plan.application}/inc-1`;

let world: PagerDutyWorld;
let muster: TestMuster;
let door: Door;
const said = (what: () => unknown) => expect.poll(what, { timeout: patienceMs, interval: 20 });

beforeEach(async () => {
  world = await openPagerDuty({ requestTimeoutMs: 2_000 });
  const { pager, options } = world;
  const onCall = createPagerDutyOnCall(createPagerDutyClient(options), options);
  const shown = createShownDestination({ ...pager, shows: pager.shows! }, 1_500);
  const deliveries = [
    shown,
    createPagerDestination(pager, "https://muster.example/"),
    createNotesDestination({ ...pager, notes: pager.notes! }),
  ];
  muster = startMuster(plan, createSwitchboard(), undefined, { deliveries, onCall });
  const { journal, store } = muster;
  const inbound = createPagerInbound({ pager, journal, store, personOf: async () => undefined });
  door = await openDoor(muster.core, { doors: [createPagerDutyDoor({ secret: SECRET, handle: inbound.handle })] });
  world.fake.webhook = { url: `${door.url}/pagerduty/webhook`, secrets: ["the-old-secret-of-it", SECRET] };
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  muster.start("executor", "delivery:pagerduty", "delivery:pagerduty-notes", "delivery:pagerduty-shown");
  await said(() => store.getRecord("delivery/pagerduty/cursor")).toBeDefined();
  await said(() => store.getRecord("delivery/pagerduty-notes/cursor")).toBeDefined();
  await said(() => store.getRecord("delivery/pagerduty-shown/cursor")).toBeDefined();
});
afterEach(async () => {
  await muster.stop();
  await door.close();
  await world.close();
});

const incident = () => world.fake.incidents.find(({ key }) => key === KEY);
const kinds = async () => (await muster.core.journal.query({ limit: 200 })).map(({ kind }) => kind);

describe("a night with PagerDuty", () => {
  it("pages once, is let be when somebody decides, and ends with the incident", async () => {
    await muster.verdict("east", "down");
    await said(() => world.fake.notified.length).toBe(1);
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    await muster.core.approvals.approve("ap-1", [], approver1);
    await said(() => incident()?.status).toBe("acknowledged");
    await muster.core.approvals.approve("ap-1", [], approver2);
    await muster.until(({ runs }) => runs["run-1"]?.phase === "completed");
    await muster.core.incidents.resolve("it is over", operator);
    await said(() => incident()?.status).toBe("resolved");
    expect(world.fake.notified).toHaveLength(1);
    await said(async () => (await kinds()).filter((kind) => kind === "delivery.sent").length).toBe(2);
    const view = (await muster.core.comms.view()).deliveries.find(({ destination }) => destination === "pagerduty");
    expect(view?.sent.map(({ what }) => what)).toEqual([
      "end of inc-1",
      expect.stringMatching(/^page “.+ is down in east”$/),
    ]);
  });

  it("carries notes both ways, and none of them twice", async () => {
    await muster.verdict("east", "down");
    await said(() => incident()?.status).toBe("triggered");
    await muster.core.incidents.note("redis is back, but it still takes writes", operator);
    await said(() => incident()?.notes.length).toBe(1);
    await world.fake.person.note(incident()!.id, "PUSER02", "I am looking at the network.");
    await world.fake.redeliver();
    const pins = async () => (await muster.journal.load()).incidents["inc-1"]?.pins.map(({ text }) => text);
    await said(pins).toEqual(["I am looking at the network."]);
    await muster.core.incidents.note("thanks", operator);
    await said(() => incident()?.notes.map(({ content }) => content.split("\n")[0])).toEqual([
      "redis is back, but it still takes writes",
      "I am looking at the network.",
      "thanks",
    ]);
    expect(await pins()).toEqual(["I am looking at the network."]);
    expect(world.fake.deliveries.map(({ status }) => status).filter((status) => status !== 202)).toEqual([]);
  });

  it("shows who took the page there, and lets nobody in without the signature", async () => {
    await muster.verdict("east", "down");
    await said(() => incident()?.status).toBe("triggered");
    world.fake.webhook = { url: `${door.url}/pagerduty/webhook`, secrets: ["another-secret-altogether"] };
    await world.fake.person.acknowledge(incident()!.id, "PUSER01");
    expect(world.fake.deliveries.at(-1)?.status).toBe(401);
    expect(await kinds()).not.toContain("page.acknowledged");
    world.fake.webhook = { url: `${door.url}/pagerduty/webhook`, secrets: [SECRET] };
    await world.fake.person.acknowledge(incident()!.id, "PUSER01");
    await said(kinds).toContain("page.acknowledged");
    expect(JSON.stringify(await muster.core.journal.query({ kind: "page.acknowledged" }))).not.toContain(
      "First on call",
    );
  });

  it("goes on without the pager, and tells it afterwards what is still so", async () => {
    world.fake.failing = { events: { status: 503 }, rest: { status: 503 } };
    await muster.verdict("east", "down");
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    await muster.until(({ runs }) => runs["run-1"]?.phase === "completed");
    await muster.core.incidents.resolve("it is over", operator);
    world.fake.failing = {};
    // Nobody is woken for what is over.
    await said(kinds).toContain("delivery.skipped");
    await said(async () => (await muster.core.comms.view()).deliveries.map(({ pendingCount }) => pendingCount)).toEqual(
      [0, 0, 0],
    );
    expect(world.fake.notified).toEqual([]);
  });

  it.each<[string, () => void, number]>([
    ["is away", () => (world.fake.failing = { events: { status: 503 } }), 1],
    ["asks to wait", () => (world.fake.failing = { events: { status: 429, retryAfter: "1" } }), 1],
    ["answers too late", () => (world.fake.beforeAnswer = async () => sleep(3_000)), 2],
  ])("wakes people once when the pager %s, while the failover goes its way", async (_, breakIt, taken) => {
    breakIt();
    await muster.verdict("east", "down");
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    await muster.until(({ runs }) => runs["run-1"]?.phase === "completed");
    // Nobody has been told, as far as Muster knows.
    expect((await muster.journal.load()).deliveries.pagerduty?.sent ?? []).toEqual([]);
    world.fake.failing = {};
    await said(() => world.fake.requests.filter((one) => one.startsWith("trigger")).length).toBe(taken);
    world.fake.beforeAnswer = undefined;
    await muster.until(({ deliveries }) => deliveries.pagerduty?.sent.length === 1, 10_000);
    expect(world.fake.notified).toHaveLength(1);
  });

  it("wakes the next level when three quarters of a question's time are over", async () => {
    await muster.verdict("east", "down");
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    const { approvals } = await muster.journal.load();
    const data = { approvalId: "ap-1", runId: "run-1", expiresAt: approvals["ap-1"]!.expiresAt };
    await muster.say({ key: "approval/ap-1/escalated", kind: "approval.escalated", actor: "system:executor", data });
    await said(() => world.fake.notified.map(({ level }) => level)).toEqual([1, 2]);
  });

  it.each([
    ["says so to people when the pager took a page and shows nothing of it", true],
    ["says nothing of a page that is there", false],
  ])("%s", async (_, lying) => {
    world.fake.lying = lying;
    const told = async () =>
      (await muster.core.journal.query({ limit: 200 }))
        .filter(({ data }) => (data as { destination?: string }).destination === "pagerduty-shown")
        .map(({ kind, data }) => [kind, (data as { summary?: string }).summary]);
    await muster.verdict("east", "down");
    await said(() => world.fake.requests.filter((one) => one === "GET /incidents").length).toBeGreaterThan(0);
    const nobody = "PagerDuty took the page of inc-1 and shows nothing of it: probably nobody was woken.";
    const looks = (await muster.core.comms.view()).deliveries.find(
      ({ destination }) => destination === "pagerduty-shown",
    );
    expect(looks?.failed).toEqual([]);
    if (lying) return await said(told).toEqual([["delivery.failed", nobody]]);
    await said(async () => (await muster.core.comms.view()).deliveries[0]?.pendingCount).toBe(0);
    expect(await told()).toEqual([]);
  });

  it("says who is on call, in order, and keeps no name of it", async () => {
    const { levels } = await muster.core.onCall();
    expect(levels).toEqual([
      {
        policy: "Platform",
        level: 1,
        people: [{ name: "First on call", schedule: "Platform primary", until: "2030-01-07T09:00:00Z" }],
      },
      { policy: "Platform", level: 2, people: [{ name: "Second on call" }] },
    ]);
    const answer = await door.call("oncall", {}, "observer");
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.body.card)).toContain("On call now: First on call");
    const all = await muster.core.journal.query({ limit: 200 });
    expect(JSON.stringify(all)).not.toContain("First on call");
    world.fake.failing = { rest: { status: "hang" } };
    await expect(muster.core.onCall()).rejects.toMatchObject({ code: "vendor-unavailable" });
  });

  it("gives the assistant's tool the same people", async () => {
    const { options } = world;
    const port = onCallPeople(createPagerDutyOnCall(createPagerDutyClient(options), options));
    expect(await port.onCall(new AbortController().signal)).toEqual([
      { schedule: "Platform primary", level: 1, person: "First on call", until: "2030-01-07T09:00:00Z" },
      { schedule: "Platform", level: 2, person: "Second on call" },
    ]);
  });
});
