import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPagerInbound, type PagerInbound } from "../../src/pager/inbound.ts";
import type { PagerPort } from "../../src/pager/port.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const plan = makePlan({ failover: { trigger: "region-down", steps: [makeStep("a")] } });
const KEY = `muster/${plan.application}/inc-1`;
const AT = "2026-05-04T02:20:00Z";
const base = { eventId: "e-1", happenedAt: AT, remoteId: "PINC001", account: "PUSER01" };
const acknowledged: PagerInbound = { ...base, do: "acknowledged", key: KEY };
const noted: PagerInbound = { ...base, do: "noted", note: { id: "PNOTE1", text: "I look at the network." } };

let muster: TestMuster;
let asked: string[];
const signal = new AbortController().signal;

/** A pager that knows one incident, by its own id alone. */
const pager = {
  id: "pagerduty",
  name: "PagerDuty",
  paceMs: 1,
  notes: {
    keyOf: async (remoteId: string, keys: readonly string[]) => {
      asked.push(remoteId);
      return remoteId === "PINC001" ? keys.find((key) => key === KEY) : undefined;
    },
  },
} as unknown as PagerPort;

const inbound = (linked?: string) =>
  createPagerInbound({
    pager,
    journal: muster.journal,
    store: muster.store,
    personOf: async (account) => (account === linked ? operator : undefined),
  });
const facts = async () =>
  (await muster.core.journal.query({ limit: 100 }))
    .filter(({ kind }) => kind.startsWith("page.") || kind === "timeline.pinned")
    .map(({ kind, actor, data }) => ({ kind, actor, data }));

beforeEach(async () => {
  asked = [];
  muster = startMuster(plan, createSwitchboard());
  await muster.say({
    key: "incident/1",
    kind: "incident.opened",
    actor: "system:detector",
    data: {
      incidentId: "inc-1",
      title: "It is down",
      region: "east",
      severity: "sev1",
      openedBy: "signal",
      startedAt: AT,
    },
  });
});
afterEach(() => muster.stop());

describe("what people do in the pager", () => {
  it("stands on the timeline once, however often it is told", async () => {
    for (let times = 0; times < 3; times++) await inbound().handle(acknowledged, signal);
    expect(await facts()).toEqual([
      {
        kind: "page.acknowledged",
        actor: "system:pagerduty",
        data: { pager: "pagerduty", eventId: "e-1", key: KEY, incidentId: "inc-1", happenedAt: AT },
      },
    ]);
    await inbound().handle({ ...acknowledged, eventId: "e-2", do: "resolved" }, signal);
    expect((await facts()).map(({ kind }) => kind)).toEqual(["page.acknowledged", "page.resolved"]);
    // It decides nothing here.
    expect((await muster.journal.load()).openIncidentId).toBe("inc-1");
  });

  it("names a person only where the account is linked", async () => {
    await inbound("PUSER01").handle(acknowledged, signal);
    await inbound("PUSER01").handle({ ...acknowledged, eventId: "e-2", account: "PUSER02" }, signal);
    expect((await facts()).map(({ actor }) => actor)).toEqual(["operator", "system:pagerduty"]);
    expect(JSON.stringify(await facts())).not.toContain("PUSER");
  });

  it("puts a note on the timeline, of the incident that the pager's own id stands for", async () => {
    await inbound().handle(noted, signal);
    await inbound().handle(noted, signal);
    expect(asked).toEqual(["PINC001"]);
    const { incidents } = await muster.journal.load();
    expect(incidents["inc-1"]?.pins).toMatchObject([
      { chat: "pagerduty", messageId: "PNOTE1", author: "somebody on call", text: "I look at the network." },
    ]);
    // A note of ours would go back there.
    expect(incidents["inc-1"]?.notes).toEqual([]);
  });

  it("does not echo a note that Muster wrote there", async () => {
    const text = `redis is back\noperator, 02:14:00 UTC (Muster ${plan.application}/note/note-1)`;
    await inbound().handle({ ...noted, note: { id: "PNOTE2", text } }, signal);
    expect(await facts()).toEqual([]);
  });

  it.each([
    ["of another system", { ...acknowledged, key: "nagios/host-1" }],
    ["of another application", { ...acknowledged, key: `muster/${"x".repeat(plan.application.length)}/inc-1` }],
    ["of an incident that there was never", { ...acknowledged, key: `${KEY}000` }],
    ["a note at another system's incident", { ...noted, remoteId: "PINC999" }],
  ])("is left alone when it is %s", async (_, other) => {
    await inbound().handle(other as PagerInbound, signal);
    expect(await facts()).toEqual([]);
  });

  it("clips what is too long for a timeline", async () => {
    await inbound().handle({ ...noted, note: { id: "PNOTE1", text: "x".repeat(50_000) } }, signal);
    expect((await muster.journal.load()).incidents["inc-1"]?.pins[0]?.text).toHaveLength(2_000);
  });
});
