import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createDelivery } from "../../src/deliveries/worker.ts";
import { AppError } from "../../src/errors.ts";
import type { Clock } from "../../src/ports.ts";
import {
  createFakeDestination,
  type FakeDestination,
  type FakeDestinationOptions,
} from "../helpers/fake-destination.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const away = new AppError({ code: "vendor-unavailable", summary: "It is away.", retryable: true });
const refusing = new AppError({ code: "vendor-rejected", summary: "The key is wrong.", hint: "Set another one." });
const plan = makePlan({ failover: { trigger: "region-down", steps: [makeStep("a")] } });

let fake: FakeDestination;
let muster: TestMuster;
const started: TestMuster[] = [];

function begin(options: FakeDestinationOptions = {}, existing?: string): void {
  if (existing === undefined) fake = createFakeDestination(options);
  muster = startMuster(plan, createSwitchboard(), existing, { deliveries: [fake] });
  started.push(muster);
}

afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});

const note = (text: string) => muster.core.incidents.note(text, operator);
const start = () => muster.start("delivery:fake");
const texts = () => fake.arrived.map(({ text }) => text);
const said = (what: () => unknown) => expect.poll(what, { interval: 10 });
const view = async () => (await muster.core.comms.view()).deliveries[0]!;
const kinds = async () =>
  (await muster.core.journal.query({ limit: 200 })).map(({ kind }) => kind).filter((kind) => kind.startsWith("deliv"));

/** Killed, as far as the store can tell: the lease is somebody else's and nothing more is written. */
async function kill(): Promise<void> {
  const [lease] = (await muster.store.leases()).filter(({ name }) => name === "delivery:fake");
  await muster.store.releaseLease("delivery:fake", lease!.holder, lease!.epoch);
  await muster.store.acquireLease("delivery:fake", "another", 1);
}

describe("a delivery", () => {
  it("tells each thing once and in order, beginning with what happens after it is connected", async () => {
    begin();
    await note("before");
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    for (const text of ["one", "two", "three"]) await note(text);
    await said(texts).toEqual(["one", "two", "three"]);
    await said(async () => (await view()).sent.map(({ what }) => what)).toEqual([
      "note note-4",
      "note note-3",
      "note note-2",
    ]);
    expect(fake.arrived[0]).toMatchObject({ marker: `${plan.application}/note/note-2`, late: false });
  });

  it("goes on where it was after a stop, with what happened meanwhile", async () => {
    begin();
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    await note("one");
    await said(texts).toEqual(["one"]);
    await muster.until(({ deliveries }) => deliveries.fake?.sent.length === 1);
    const { directory } = muster;
    await muster.stop({ keep: true });
    started.length = 0;
    begin({}, directory);
    await note("two");
    expect((await view()).pending.map(({ what }) => what)).toEqual(["note note-2"]);
    start();
    await said(texts).toEqual(["one", "two"]);
    await said(async () => (await view()).pendingCount).toBe(0);
  });

  it("tells nothing twice when it ends between the effect and the record of it", async () => {
    begin();
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    let letGo = () => {};
    fake.holdAnswer = new Promise((resolve) => {
      letGo = resolve;
    });
    await note("one");
    await said(texts).toEqual(["one"]);
    await kill();
    letGo();
    await said(() => fake.calls.filter((call) => call.startsWith("find"))).not.toEqual([]);
    await muster.until(({ deliveries }) => deliveries.fake?.sent.length === 1);
    expect(texts()).toEqual(["one"]);
  });

  it("repeats under the same marker where the other side cannot be asked what arrived", async () => {
    begin({ finds: false });
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    let letGo = () => {};
    fake.holdAnswer = new Promise((resolve) => {
      letGo = resolve;
    });
    await note("one");
    await said(texts).toEqual(["one"]);
    await kill();
    letGo();
    await said(texts).toEqual(["one", "one"]);
    expect(new Set(fake.arrived.map(({ marker }) => marker)).size).toBe(1);
    await muster.until(({ deliveries }) => deliveries.fake?.sent.length === 1);
  });

  it("goes on by itself when the other side was away for a moment, and keeps the order", async () => {
    begin();
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    fake.failures = [{ text: /.*/, error: away }];
    await note("one");
    await note("two");
    await said(() => fake.calls.length).toBeGreaterThan(0);
    expect((await view()).pendingCount).toBe(2);
    fake.failures = [];
    await said(texts).toEqual(["one", "two"]);
    await said(kinds).toEqual(["delivery.sent", "delivery.sent"]);
  });

  it("gives up what is refused for itself, says so, and tells the rest", async () => {
    begin();
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    fake.failures = [{ text: /^bad$/, error: refusing }];
    await note("bad");
    await note("good");
    await said(texts).toEqual(["good"]);
    const expected = { what: "note note-1", summary: "The key is wrong.", retrying: false };
    await said(async () => (await view()).failed).toEqual([expect.objectContaining(expected)]);
  });

  it("tries again what was given up when a person says so, and only then", async () => {
    begin();
    await expect(muster.core.comms.retry(undefined, operator)).rejects.toMatchObject({ code: "wrong-state" });
    await expect(muster.core.comms.retry("nobody", operator)).rejects.toMatchObject({
      code: "bad-input",
      hint: "There is fake.",
    });
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    fake.failures = [{ text: /^bad$/, error: refusing }];
    await note("bad");
    await note("good");
    await said(texts).toEqual(["good"]);
    await muster.core.comms.retry("fake", operator);
    // Refused once more: given up once more, and a person may ask once more.
    await said(async () => (await kinds()).filter((kind) => kind === "delivery.failed").length).toBe(2);
    fake.failures = [];
    await muster.core.comms.retry(undefined, operator);
    await said(texts).toEqual(["good", "bad"]);
    await said(async () => (await view()).failed).toEqual([]);
  });

  it("waits as long as it is asked to", async () => {
    begin();
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    const throttled = { code: "vendor-throttled", summary: "Wait.", retryable: true, retryAfterMs: 300 } as const;
    fake.failures = [{ text: /.*/, error: new AppError(throttled) }];
    await note("one");
    await said(() => fake.calls.length).toBe(1);
    fake.failures = [];
    await said(texts).toEqual(["one"]);
    // It was answered that it was not taken: nobody looked for it.
    expect(fake.calls).toEqual(["send one", "send one"]);
    await said(kinds).toEqual(["delivery.sent"]);
  });

  it("says nothing of what arrives quietly, and everything of what does not", async () => {
    begin({ quiet: true });
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    await note("one");
    await said(texts).toEqual(["one"]);
    fake.failures = [{ text: /^two$/, error: refusing }];
    await note("two");
    await said(kinds).toEqual(["delivery.failed"]);
    fake.failures = [];
    await muster.core.comms.retry("fake", operator);
    await said(kinds).toEqual(["delivery.failed", "delivery.retried", "delivery.sent"]);
  });

  it("leaves out what is of no use any more, with the reason", async () => {
    begin({ skip: ({ body }) => (body === "old" ? "It is over." : undefined) });
    start();
    await said(() => muster.store.getRecord("delivery/fake/cursor")).toBeDefined();
    await note("old");
    await note("new");
    await said(texts).toEqual(["new"]);
    await said(kinds).toContain("delivery.skipped");
    const skipped = (await muster.core.journal.query({ kind: "delivery.skipped" })).map(({ data }) => data);
    expect(skipped).toEqual([expect.objectContaining({ what: "note note-1", reason: "It is over." })]);
  });

  it.each([
    ["as one", /^$/, ["a+b+c"]],
    ["each for itself when that is refused", /\+/, ["a", "b", "c"]],
  ])("tells several that are late %s", async (_, refused, expected) => {
    begin({ merges: true, lateMs: 0 });
    const epoch = (await muster.store.acquireLease("another", "test", 10_000))!.epoch;
    const from = JSON.stringify({ after: 0, settled: [], sending: [] });
    await muster.store.setRecord("delivery/fake/cursor", from, { lease: "another", epoch });
    fake.failures = [{ text: refused, error: refusing }];
    for (const text of ["a", "b", "c"]) await note(text);
    start();
    await said(texts).toEqual(expected);
    expect(fake.calls[0]).toBe("send a+b+c");
    await said(async () => (await view()).pendingCount).toBe(0);
    await said(kinds).toHaveLength(expected.length);
    const sent = (await muster.core.journal.query({ kind: "delivery.sent" })).map(({ data }) => data);
    const ids = ["note/note-1", "note/note-2", "note/note-3"];
    const each = ids.map((messageId) => expect.objectContaining({ messageId, late: true }));
    expect(sent).toEqual(expected.length > 1 ? each : [expect.objectContaining({ covers: ids, late: true })]);
  });

  it("gives up what alone does not go through, and nothing while nothing goes through", async () => {
    begin();
    const { journal, store } = muster;
    const from = Date.now();
    // A minute passes in a quarter of a second.
    const fast: Clock = {
      now: () => from + (Date.now() - from) * 240,
      monotonic: () => performance.now() * 240,
      sleep: (ms, signal) => systemClock.sleep(ms / 240, signal),
      timeout: (ms) => AbortSignal.timeout(ms),
    };
    const epoch = (await store.acquireLease("delivery:fake", "test", 60_000))!.epoch;
    const shared = { journal, store, clock: fast, logger: pino({ level: "silent" }), application: "shop" };
    const ending = new AbortController();
    const fence = { lease: "delivery:fake", epoch };
    const context = { fence, tookOver: false, holds: () => true, signal: ending.signal };
    const working = createDelivery({ destination: fake, ...shared })
      .work(context)
      .catch(() => {});
    await said(() => store.getRecord("delivery/fake/cursor")).toBeDefined();
    fake.failures = [{ text: /.*/, error: away }];
    for (const text of ["one", "poison", "three"]) await note(text);
    // Long enough for the one behind it to be tried, again and again.
    await said(() => fake.calls.filter((call) => /poison|note-2/.test(call)).length).toBeGreaterThan(2);
    expect((await muster.journal.load()).deliveries.fake?.failed["note/note-1"]).toMatchObject({ retrying: true });
    fake.failures = [{ text: /^poison$|note-2$/, error: away }];
    await said(texts).toEqual(["one", "three"]);
    await said(async () => (await view()).failed).toEqual([
      expect.objectContaining({ what: "note note-2", retrying: false }),
    ]);
    expect((await view()).pendingCount).toBe(0);
    ending.abort();
    await working;
  });
});
