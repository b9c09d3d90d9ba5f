import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openMailLists } from "../../adapters/mail/index.ts";
import { createAtlassianStatuspage } from "../../adapters/status-page/atlassian.ts";
import { createSelfHostedPage } from "../../adapters/status-page/self-hosted.ts";
import { createWebhookPage } from "../../adapters/status-page/webhook.ts";
import { createWebhook } from "../../adapters/webhook/destination.ts";
import { startMailSink } from "../../lab/mail/sink.ts";
import { createFakeStatuspage } from "../../lab/statuspage.ts";
import type { Destination } from "../../src/deliveries/port.ts";
import type { DomainEvent } from "../../src/events.ts";
import { createPagerDestination } from "../../src/pager/destination.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";
import { approver1, approver2, startMuster } from "../helpers/muster.ts";
import { openPagerDuty } from "../helpers/pagerduty.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { publicPlan } from "../helpers/public-story.ts";
import { serveFetch } from "../helpers/serve.ts";
import { createSkippingClock } from "../helpers/skipping-clock.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";
import { startWebhookReceiver } from "../helpers/webhook-receiver.ts";

/**
 * Every sender against every fault, over the wire. Whatever the fault, the failover goes its way; the rest is said in
 * each cell.
 */
const faults = ["down", "slow", "rate-limited", "lying"] as const;
type Fault = (typeof faults)[number];

interface Sender {
  page?: StatusPagePort;
  destination?: Destination;
  set(fault: Fault): void;
  mend(): void;
  /** What stands at the other side, oldest first; with every repeat. */
  got(): string[];
  /** How often it was asked while it had the fault. */
  asked(): number;
  /** The first that is told there, and the last in a failover; the stages of updates unless it says otherwise. */
  tells?: { first: string; last: string };
  /** Whoever began to ask it has been counted by then. */
  settled?(): Promise<void>;
}

/**
 * What must come of it. `late`: said to be failing, and delivered when the fault is over. `waits`: nothing is said to
 * fail, and it is delivered when it was asked to come again. `once`: the answer is lost, and what had arrived is found
 * or known by its name. `flagged`: read back and contradicted. `believed`: nobody can tell, and the journal says what
 * the other side said.
 */
type Outcome = "late" | "waits" | "once" | "flagged" | "believed";

const all = ["investigating", "identified", "degraded", "monitoring", "resolved"] as const;
const KEY = "a-secret-of-both-sides";
const secrets: Record<string, string> = { LIST: "a@example.org", KEY };
const secret = (name: string) => secrets[name];
const requestTimeoutMs = 700;
const lists = {
  mail: { customers: { toFrom: "LIST", stages: [...all], template: "update" as const } },
  webhooks: { partners: { urlFrom: "URL", secretFrom: "KEY", stages: [...all] } },
};
const plan: Plan = makePlan(
  { failover: { trigger: "region-down", steps: [makeStep("a")] } },
  { communication: { ...publicPlan().communication!, ...lists } },
);

/** Its files on this machine, and the copy of them that the public reads. */
async function selfHosted(): Promise<Sender> {
  const folder = mkdtempSync(join(tmpdir(), "muster-senders-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, "page");
  const copy = { fault: undefined as Fault | undefined };
  const url = await serveFetch(async () => {
    if (copy.fault === "slow") return await new Promise<Response>(() => {});
    if (copy.fault === "rate-limited") return new Response("", { status: 429 });
    if (copy.fault === "lying") return Response.json({ components: [], incidents: [] });
    return new Response(readFileSync(join(directory, "status.json"), "utf8"));
  });
  return {
    page: createSelfHostedPage({ directory, publicCopy: { url, requestTimeoutMs } }),
    set(fault) {
      copy.fault = fault;
      if (fault === "down") writeFileSync(directory, "");
    },
    mend() {
      if (copy.fault === "down") renameSync(directory, `${directory}.file`);
      copy.fault = undefined;
    },
    asked: () => 0,
    got: () =>
      (
        JSON.parse(readFileSync(join(directory, "status.json"), "utf8")) as {
          incidents: { updates: { stage: string }[] }[];
        }
      ).incidents.flatMap(({ updates }) => updates.map(({ stage }) => stage).toReversed()),
  };
}

async function statuspage(): Promise<Sender> {
  const fake = createFakeStatuspage({ components: ["Question answering"] });
  const url = await serveFetch((request) => fake.handle(request));
  const apiUrl = `${url}/v1`;
  return {
    page: createAtlassianStatuspage({ pageId: fake.pageId, apiKey: fake.apiKey, apiUrl, requestTimeoutMs, paceMs: 1 }),
    set(fault) {
      if (fault === "down") fake.failing = { status: 503 };
      if (fault === "rate-limited") fake.failing = { status: 420, retryAfter: "30" };
      fake.lying = fault === "lying";
      // It does what it is asked, and answers when nobody listens any more.
      if (fault === "slow")
        fake.beforeAnswer = async (what) => {
          if (what === "POST incidents") await late();
        };
    },
    mend() {
      Object.assign(fake, { failing: undefined, lying: false, beforeAnswer: undefined });
    },
    asked: () => fake.requests.length,
    // "degraded" has no word of its own there.
    got: () =>
      fake.incidents.flatMap(({ incident_updates }) =>
        incident_updates.map(({ status, body }) => (body.includes("are answered again") ? "degraded" : status)),
      ),
  };
}

/** `lose`: takes what comes and answers too late. */
async function receiver() {
  const inner = await startWebhookReceiver(KEY);
  const outer = { fault: undefined as Fault | undefined, asked: 0 };
  const url = await serveFetch(async (request) => {
    if (outer.fault) outer.asked += 1;
    if (outer.fault === "down") return new Response("", { status: 503 });
    if (outer.fault === "rate-limited") return new Response("", { status: 429, headers: { "retry-after": "30" } });
    if (outer.fault === "lying") return new Response("", { status: 200 });
    const response = await fetch(inner.url, {
      method: "POST",
      headers: request.headers,
      body: await request.text(),
    });
    if (outer.fault === "slow") await late();
    return new Response(null, { status: response.status });
  });
  return {
    url,
    set: (fault: Fault) => {
      outer.fault = fault;
    },
    mend: () => {
      outer.fault = undefined;
    },
    asked: () => outer.asked,
    updates: () => [...inner.seen.values()].filter(({ type }) => type === "status.update"),
  };
}

async function statusWebhook(): Promise<Sender> {
  const { url, updates, ...rest } = await receiver();
  return {
    ...rest,
    page: createWebhookPage({ url, secret: KEY, requestTimeoutMs }),
    got: () => updates().map(({ incident }) => (incident as { stage: string }).stage),
  };
}

async function planWebhook(): Promise<Sender> {
  const { url, updates, ...rest } = await receiver();
  const of = (name: string) => (name === "URL" ? url : secret(name));
  const options = { plan, name: "partners", secret: of, requestTimeoutMs };
  return {
    ...rest,
    destination: createWebhook(options, lists.webhooks.partners) as Destination,
    got: () => updates().map(({ update }) => (update as { stage: string }).stage),
  };
}

async function mail(): Promise<Sender> {
  const sink = await startMailSink();
  onTestFinished(() => sink.close());
  const config = { mail: { url: sink.url, from: "status@example.org" }, requestTimeoutMs, secret };
  const [list] = openMailLists(config, plan, () => {});
  const taken = sink.mails;
  let own = 0;
  return {
    destination: list as Destination,
    set(fault) {
      if (fault === "down") sink.mode = "hang";
      if (fault === "rate-limited") sink.mode = "throttle";
      // What it takes from now on is in nobody's box.
      if (fault === "lying") sink.mails = [];
      if (fault === "slow") sink.beforeAnswer = async () => await late();
    },
    mend() {
      Object.assign(sink, { mode: "take", beforeAnswer: undefined, mails: taken });
    },
    asked: () => sink.connections - own,
    // Before its greeting a mail server waits for those who talk too early: as long as that takes.
    settled: async () => {
      own += 1;
      const socket = connect(Number(new URL(sink.url).port), "127.0.0.1");
      await once(socket, "data");
      socket.destroy();
    },
    // A reader knows a repeat by its id.
    got: () => {
      const byId = new Map(taken.map(({ parsed }) => [parsed.messageId, parsed.subject?.split(":")[0]?.toLowerCase()]));
      return [...byId.values()].map((stage) => (stage === "slower than usual" ? "degraded" : (stage ?? "")));
    },
  };
}

/** Whoever is on call is paged of the incident, once; what follows wakes nobody. */
async function pager(): Promise<Sender> {
  const world = await openPagerDuty({ requestTimeoutMs });
  onTestFinished(() => world.close());
  const { fake } = world;
  let asked = 0;
  const { events } = fake;
  fake.events = (request) => {
    asked += 1;
    return events(request);
  };
  return {
    destination: createPagerDestination(world.pager, undefined) as Destination,
    set(fault) {
      if (fault === "down") fake.failing = { events: { status: 503 } };
      if (fault === "rate-limited") fake.failing = { events: { status: 429, retryAfter: "30" } };
      fake.lying = fault === "lying";
      if (fault === "slow") fake.beforeAnswer = async () => await late();
    },
    mend() {
      Object.assign(fake, { failing: {}, lying: false, beforeAnswer: undefined });
    },
    asked: () => asked,
    got: () => fake.notified.map(({ level }) => `level ${level}`),
    tells: { first: "level 1", last: "level 1" },
  };
}

const late = async () => await new Promise<void>((resolve) => setTimeout(resolve, 2 * requestTimeoutMs));

const senders: Record<string, { start(): Promise<Sender>; outcomes: Record<Fault, Outcome> }> = {
  // A copy that is slow or answers 429 is one that the public cannot read.
  "Muster's own page": {
    start: selfHosted,
    outcomes: { down: "late", slow: "flagged", "rate-limited": "flagged", lying: "flagged" },
  },
  Statuspage: {
    start: statuspage,
    outcomes: { down: "late", slow: "once", "rate-limited": "waits", lying: "flagged" },
  },
  "the status webhook": {
    start: statusWebhook,
    outcomes: { down: "late", slow: "once", "rate-limited": "waits", lying: "believed" },
  },
  "a webhook of the plan": {
    start: planWebhook,
    outcomes: { down: "late", slow: "once", "rate-limited": "waits", lying: "believed" },
  },
  "the pager": {
    start: pager,
    outcomes: { down: "late", slow: "once", "rate-limited": "waits", lying: "believed" },
  },
  mail: { start: mail, outcomes: { down: "late", slow: "once", "rate-limited": "waits", lying: "believed" } },
};

const soon = { interval: 20 };
const failed = ({ kind }: DomainEvent) => kind === "comms.failed" || kind === "delivery.failed";
const sent = ({ kind }: DomainEvent) => kind === "comms.sent" || kind === "delivery.sent";

/** A region dies while the sender has the fault; people approve and the failover completes. */
async function disaster(sender: Sender, fault: Fault) {
  const clock = createSkippingClock();
  const muster = startMuster(plan, createSwitchboard(), undefined, {
    statusPages: sender.page ? [sender.page] : [createSelfHostedPage({})],
    deliveries: sender.destination ? [sender.destination] : [],
    clock,
    leaseMs: 3_600_000,
  });
  onTestFinished(() => muster.stop());
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  sender.set(fault);
  muster.start();
  await muster.verdict("east", "down");
  const events = async () => (await muster.core.journal.query({ limit: 1_000 })) as DomainEvent[];
  const ofSender = async (is: (event: DomainEvent) => boolean) => {
    const id = (sender.page ?? sender.destination)?.id;
    return (await events()).filter((one) => is(one) && (one.data as { destination?: string }).destination === id);
  };
  /** Lets time pass until something has come of it. */
  const until = async (what: () => Promise<boolean> | boolean, stepMs = 5_000) =>
    await expect
      .poll(async () => {
        if (await what()) return true;
        clock.skip(stepMs);
        return false;
      }, soon)
      .toBe(true);
  const failOver = async () => {
    await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    await muster.until(({ runs }) => runs["run-1"]?.phase === "completed");
  };
  return { muster, clock, events, ofSender, until, failOver };
}

const checks: Record<Outcome, (sender: Sender, fault: Fault) => Promise<void>> = {
  async late(sender, fault) {
    const { ofSender, until, failOver } = await disaster(sender, fault);
    await until(async () => (await ofSender(failed)).length > 0);
    await failOver();
    expect((await ofSender(failed)).every(({ data }) => (data as { retrying: boolean }).retrying)).toBe(true);
    expect(await ofSender(sent)).toEqual([]);
    sender.mend();
    await until(() => sender.got().at(-1) === (sender.tells?.last ?? "degraded"));
    await until(async () => (await ofSender(sent)).length > 0);
    expect(sender.got()).toEqual([...new Set(sender.got())]);
  },

  async waits(sender, fault) {
    const { clock, ofSender, until, failOver } = await disaster(sender, fault);
    await failOver();
    await expect.poll(() => sender.asked(), soon).toBeGreaterThan(0);
    const echo = await serveFetch(() => new Response(""));
    // The pager's own client asks a few times in one call.
    for (let turn = 0; turn < 50; turn++) await (await fetch(echo)).text();
    const asked = sender.asked();
    // It asked to be left alone for half a minute at least.
    for (let second = 0; second < 25; second++) {
      clock.skip(1_000);
      // As long as whoever would ask again needs for it.
      for (let turn = 0; turn < 3; turn++) await (await fetch(echo)).text();
    }
    await sender.settled?.();
    expect(sender.asked()).toBe(asked);
    expect(sender.got()).toEqual([]);
    sender.mend();
    await until(async () => (await ofSender(sent)).length > 0);
    expect(sender.got().length).toBeGreaterThan(0);
    expect(await ofSender(failed)).toEqual([]);
  },

  async once(sender, fault) {
    const { ofSender, until, failOver } = await disaster(sender, fault);
    await until(() => sender.got().length > 0, 100);
    // Nobody has heard that it arrived, and so it is asked again.
    const asked = sender.asked();
    await until(() => sender.asked() > asked, 100);
    sender.mend();
    await until(async () => (await ofSender(sent)).length > 0, 100);
    const { first, last } = sender.tells ?? { first: "investigating", last: "degraded" };
    expect(sender.got()).toEqual([first]);
    await failOver();
    await until(() => sender.got().at(-1) === last);
    expect(sender.got()).toEqual([...new Set(sender.got())]);
  },

  async flagged(sender, fault) {
    const { muster, events, until, failOver } = await disaster(sender, fault);
    await failOver();
    await until(async () => (await events()).some(({ kind }) => kind === "comms.contradicted"), 20_000);
    const { contradictions } = await muster.core.comms.view();
    expect(contradictions).toHaveLength(1);
    expect((await events()).filter(({ kind }) => kind === "comms.contradicted")).toHaveLength(1);
  },

  async believed(sender, fault) {
    const { ofSender, until, failOver } = await disaster(sender, fault);
    await until(async () => (await ofSender(sent)).length > 0);
    await failOver();
    expect(sender.got()).toEqual([]);
    expect(await ofSender(failed)).toEqual([]);
  },
};

describe.each(Object.entries(senders))("%s", (_, { start, outcomes }) => {
  it.each(faults.map((fault) => [fault, outcomes[fault]] as const))("that is %s: %s", async (fault, outcome) => {
    await checks[outcome](await start(), fault);
  });
});
