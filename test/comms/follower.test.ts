import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { AppError } from "../../src/errors.ts";
import type { Plan } from "../../src/plans/plan.ts";
import { createDeliverer } from "../../src/status-page/deliver.ts";
import { createFakeStatusPage, type FakeStatusPage } from "../helpers/fake-status-page.ts";
import { approver1, approver2, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { publicPlan } from "../helpers/public-story.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const away = new AppError({ code: "vendor-unavailable", summary: "The page is away.", retryable: true });
const refusing = new AppError({ code: "vendor-rejected", summary: "The token is wrong.", hint: "Make a new one." });

const { communication } = publicPlan();
const ask = { afterMs: 0, publish: "ask" as const };
const plan = (stages = communication!.stages): Plan =>
  makePlan(
    { failover: { trigger: "region-down", steps: [makeStep("a")] } },
    { communication: { ...communication!, stages } },
  );

let page: FakeStatusPage;
let muster: TestMuster;

function begin(ofPlan: Plan = plan(), existing?: string): TestMuster {
  return startMuster(ofPlan, createSwitchboard(), existing, { statusPages: [page] });
}

beforeEach(async () => {
  page = createFakeStatusPage();
  muster = begin();
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
});

afterEach(() => muster.stop());

const texts = () => page.posted.map(({ update }) => update.stage);
const said = (what: () => unknown) => expect.poll(what, { interval: 10 });

async function regionDies(): Promise<void> {
  await muster.verdict("east", "down");
}

describe("the status page's follower", () => {
  it("posts the first update as soon as the incident is open, and the next ones as the facts come", async () => {
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await said(texts).toEqual(["investigating"]);
    const state = await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    const opened = Date.parse(state.incidents["inc-1"]?.openedAt ?? "");
    expect(Date.parse(page.posted[0]?.update.at ?? "") - opened).toBeLessThan(120_000);
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    await said(texts).toEqual(expect.arrayContaining(["investigating", "degraded"]));
    const incidents = new Set(page.posted.map(({ incident }) => incident));
    expect(incidents.size).toBe(1);
    await said(() => page.shown?.components).toEqual([
      { id: "api", name: "Question answering", state: "degraded_performance" },
    ]);
  });

  it("posts nothing twice when it ends between the post and the record of it", async () => {
    let letGo = () => {};
    page.holdAnswer = new Promise((resolve) => {
      letGo = resolve;
    });
    const first = muster;
    first.start("executor", "comms", "status-page:fake");
    await regionDies();
    await said(texts).toEqual(["investigating"]);
    // Killed, as far as the store can tell: the lease is free and nothing more is written.
    const [lease] = (await first.store.leases()).filter(({ name }) => name === "status-page:fake");
    await first.store.releaseLease("status-page:fake", lease!.holder, lease!.epoch);
    await first.store.acquireLease("status-page:fake", "another", 1);
    letGo();
    await said(() => page.calls.filter((call) => call.startsWith("find"))).not.toEqual([]);
    await first.until(({ comms }) => comms["inc-1"]?.updates["inc-1/investigating"]?.sent.fake !== undefined);
    expect(texts()).toEqual(["investigating"]);
  });

  it("begins no second incident when what nobody knows of was overtaken meanwhile", async () => {
    let letGo = () => {};
    page.holdAnswer = new Promise((resolve) => {
      letGo = resolve;
    });
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await said(texts).toEqual(["investigating"]);
    const [lease] = (await muster.store.leases()).filter(({ name }) => name === "status-page:fake");
    await muster.store.releaseLease("status-page:fake", lease!.holder, lease!.epoch);
    const { epoch } = (await muster.store.acquireLease("status-page:fake", "another", 60_000))!;
    letGo();
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/degraded"] !== undefined);
    expect(texts()).toEqual(["investigating"]);
    await muster.store.releaseLease("status-page:fake", "another", epoch);
    await said(texts).toEqual(["investigating", "degraded"]);
    expect(new Set(page.posted.map(({ incident }) => incident)).size).toBe(1);
    const { comms } = await muster.journal.load();
    expect(comms["inc-1"]?.updates["inc-1/investigating"]?.sent.fake).toBeDefined();
  });

  /** What the journal says became of the first update. */
  async function fate(): Promise<string[]> {
    const events = await muster.core.journal.query({});
    const own = events.filter(({ data }) => (data as { updateId?: string }).updateId === "inc-1/investigating");
    return own.map(({ kind }) => kind).filter((kind) => kind !== "comms.due");
  }
  async function overAgain(): Promise<void> {
    await muster.until(({ approvals }) => approvals["ap-1"] !== undefined);
    await muster.verdict("east", "healthy");
    await muster.core.runs.abort("run-1", "it answers again", operator);
    await muster.until(({ comms }) => Object.keys(comms["inc-1"]?.updates ?? {}).length > 1);
  }

  it("does not call skipped what is being posted, though it is overtaken meanwhile", async () => {
    let letGo = () => {};
    page.holdAnswer = new Promise((resolve) => {
      letGo = resolve;
    });
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await said(texts).toEqual(["investigating"]);
    await overAgain();
    letGo();
    await said(fate).toEqual(["comms.posting", "comms.sent"]);
  });

  it("skips what was overtaken and never arrived, once the page has been looked at", async () => {
    page.failure = away;
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await said(fate).toEqual(["comms.posting"]);
    await overAgain();
    page.failure = undefined;
    await said(fate).toEqual(["comms.posting", "comms.unposted", "comms.skipped"]);
    expect(page.calls).toContain("find shop/inc-1/investigating");
  });

  it("looks what became of one that is not true any more, though nothing follows it", async () => {
    page.post = () => Promise.reject(away);
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await said(fate).toEqual(["comms.posting"]);
    await muster.verdict("east", "healthy");
    await said(fate).toEqual(["comms.posting", "comms.unposted", "comms.skipped"]);
  });

  it("does not post what was skipped or held since it was chosen", async () => {
    muster.start("executor", "comms");
    await regionDies();
    const chosen = await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/investigating"] !== undefined);
    await muster.verdict("east", "healthy");
    await said(fate).toEqual(["comms.skipped"]);
    const { journal, store } = muster;
    const fence = {
      lease: "status-page:fake",
      epoch: (await store.acquireLease("status-page:fake", "a", 60_000))!.epoch,
    };
    const { signal } = new AbortController();
    const deliverer = createDeliverer({ page, plan: plan(), journal, store, clock: systemClock, fence, signal });
    await deliverer.deliver(chosen, chosen.comms["inc-1"]!.updates["inc-1/investigating"]!);
    expect(page.posted).toEqual([]);
    expect(await fate()).toEqual(["comms.skipped"]);
  });

  it("leaves the run alone when the page is away, says so, and delivers what is still true afterwards", async () => {
    page.failure = refusing;
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/investigating"]?.failed.fake !== undefined);
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    await muster.until(({ runs }) => runs["run-1"]?.phase === "completed");
    await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/degraded"]?.failed.fake?.retrying === false);
    const { stages } = await muster.core.comms.view();
    const failed = { destination: "fake", summary: "The token is wrong.", retrying: false };
    expect(stages.find(({ stage }) => stage === "degraded")).toMatchObject({ phase: "failed", failed: [failed] });
    page.failure = undefined;
    await muster.core.comms.post("degraded", operator);
    await said(texts).toEqual(["degraded"]);
  });

  it("goes on by itself when the page was away for a moment", async () => {
    page.failure = away;
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await said(() => page.calls.length).toBeGreaterThan(0);
    page.failure = undefined;
    await said(texts).toEqual(["investigating"]);
    const state = await muster.journal.load();
    expect(state.comms["inc-1"]?.updates["inc-1/investigating"]?.failed).toEqual({});
  });
});

describe("what people decide", () => {
  async function askedForIdentified(): Promise<void> {
    await muster.stop();
    muster = begin(plan({ ...communication!.stages, identified: ask }));
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/identified"] !== undefined);
  }

  it("posts with one tap what the plan leaves to them, in words that they may change", async () => {
    await askedForIdentified();
    await said(texts).toEqual(["investigating"]);
    await muster.core.comms.edit("identified", "We know what it is.", operator);
    const view = await muster.core.comms.post("identified", operator);
    expect(view.stages.find(({ stage }) => stage === "identified")).toMatchObject({ text: "We know what it is." });
    await said(texts).toEqual(["investigating", "identified"]);
    expect(page.posted[1]?.update.text).toBe("We know what it is.");
    await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/identified"]?.sent.fake !== undefined);
    for (const again of [
      () => muster.core.comms.post("identified", operator),
      () => muster.core.comms.hold("identified", operator),
      () => muster.core.comms.edit("identified", "Other words.", operator),
    ]) {
      await expect(again()).rejects.toMatchObject({ code: "wrong-state", summary: expect.stringContaining("posted") });
    }
  });

  it("holds back what is to come, until somebody posts it", async () => {
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await said(texts).toEqual(["investigating"]);
    await muster.core.comms.hold("degraded", operator);
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/degraded"]?.held !== undefined);
    expect(texts()).not.toContain("degraded");
    await muster.core.comms.post("degraded", operator);
    await said(texts).toEqual(expect.arrayContaining(["degraded"]));
  });

  it("is not what is so: that is refused, and nothing is written", async () => {
    await expect(muster.core.comms.post("monitoring", operator)).rejects.toMatchObject({
      summary: "There is no incident to tell the public of.",
    });
    muster.start("executor", "comms", "status-page:fake");
    await regionDies();
    await muster.until(({ comms, approvals }) => comms["inc-1"] !== undefined && approvals["ap-1"] !== undefined);
    await said(texts).toEqual(["investigating"]);
    for (const [stage, why] of [
      ["resolved", "is not what is seen now"],
      ["degraded", "is not what is seen now"],
      ["investigating", "is posted already"],
    ] as const) {
      await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/investigating"]?.sent.fake !== undefined);
      await expect(muster.core.comms.post(stage, operator)).rejects.toMatchObject({
        code: "wrong-state",
        summary: expect.stringContaining(why),
      });
    }
    await expect(muster.core.comms.edit("monitoring", "All is well.", operator)).rejects.toMatchObject({
      code: "wrong-state",
    });
    const kinds = (await muster.core.journal.query({ limit: 200 })).map(({ kind }) => kind);
    expect(kinds.filter((kind) => ["comms.approved", "comms.edited"].includes(kind))).toEqual([]);
  });
});
