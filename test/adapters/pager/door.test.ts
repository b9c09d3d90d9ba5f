import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createPagerDutyDoor, isFromPagerDuty } from "../../../adapters/pager/door.ts";
import { AppError } from "../../../src/errors.ts";
import type { PagerInbound } from "../../../src/pager/inbound.ts";
import { jsonRoots } from "../../helpers/json-roots.ts";

const SECRET = "the-secret-of-the-webhook";
const sign = (body: string, secret = SECRET) => `v1=${createHmac("sha256", secret).update(body).digest("hex")}`;
const user = { id: "PUSER01", type: "user_reference", summary: "First on call" };
const incident = { id: "PINC001", type: "incident", status: "acknowledged", incident_key: "muster/shop/inc-1" };
const event = {
  id: "01BX5ZZKBKACTAV9WEVGEMMVRZ",
  event_type: "incident.acknowledged",
  resource_type: "incident",
  occurred_at: "2026-05-04T02:20:00.000Z",
  agent: user,
  client: null,
  data: incident,
};

function open(handle: (inbound: PagerInbound) => Promise<void> = async () => {}) {
  const heard: PagerInbound[] = [];
  const door = createPagerDutyDoor({
    secret: SECRET,
    handle: async (inbound) => {
      heard.push(inbound);
      await handle(inbound);
    },
  });
  const call = (body: string, signature = sign(body)) =>
    door.handle(
      new Request("https://muster.example/pagerduty/webhook", {
        method: "POST",
        body,
        headers: { "x-pagerduty-signature": signature },
      }),
    );
  return { heard, call, tell: (change: object = {}) => call(JSON.stringify({ event: { ...event, ...change } })) };
}

describe("the signature", () => {
  const body = JSON.stringify({ event });

  it("holds when one of several does, as while the secret is being changed", () => {
    for (const header of [
      sign(body),
      `${sign(body, "another")},${sign(body)}`,
      `${sign(body)}, ${sign(body, "another")}`,
    ]) {
      expect(isFromPagerDuty(header, body, SECRET)).toBe(true);
    }
  });

  it.each([
    ["none", ""],
    ["another secret's", sign(body, "another")],
    ["of another body", sign(`${body} `)],
    ["another version's", sign(body).replace("v1=", "v0=")],
    ["without its version", sign(body).slice(3)],
    ["cut off", sign(body).slice(0, -1)],
    ["behind more than anybody would send", `${"v1=x,".repeat(10)}${sign(body)}`],
  ])("does not hold: %s", async (_, header) => {
    expect(isFromPagerDuty(header, body, SECRET)).toBe(false);
    const { heard, call } = open();
    await expect(call(body, header)).rejects.toMatchObject({ code: "not-authenticated" });
    expect(heard).toEqual([]);
  });
});

describe("a delivery of PagerDuty's webhook", () => {
  it("is heard in neutral words", async () => {
    const { heard, tell } = open();
    expect((await tell()).status).toBe(202);
    const note = {
      id: "PNOTE1",
      type: "incident_note",
      content: "Looking.",
      incident: { ...incident, html_url: "https://x.example/1" },
    };
    await tell({ id: "e-2", event_type: "incident.annotated", data: note });
    expect(heard).toEqual([
      {
        eventId: event.id,
        do: "acknowledged",
        happenedAt: event.occurred_at,
        remoteId: "PINC001",
        account: "PUSER01",
        key: "muster/shop/inc-1",
      },
      {
        eventId: "e-2",
        do: "noted",
        happenedAt: event.occurred_at,
        remoteId: "PINC001",
        account: "PUSER01",
        note: { id: "PNOTE1", text: "Looking.", permalink: "https://x.example/1" },
      },
    ]);
  });

  it.each([
    ["of another kind", { event_type: "incident.escalated" }],
    ["of what an integration did, Muster's own among them", { agent: null }],
    ["of what a service did", { agent: { id: "PSVC", type: "service_reference" } }],
    ["of an empty note", { event_type: "incident.annotated", data: { id: "N", content: "", incident } }],
  ])("is thanked for and not heard: %s", async (_, change) => {
    const { heard, tell } = open();
    expect((await tell(change)).status).toBe(202);
    expect(heard).toEqual([]);
  });

  it.each([
    ["no JSON", "not json"],
    ["an older version's", JSON.stringify({ messages: [] })],
    ["without an id", JSON.stringify({ event: { ...event, id: "" } })],
    ...jsonRoots,
    ...jsonRoots.map(([kind, text]): [string, string] => [`an event that is ${kind}`, `{"event":${text}}`]),
  ])("is refused with what to do: %s", async (_, body) => {
    await expect(open().call(body)).rejects.toMatchObject({ code: "bad-input", hint: expect.stringContaining("v3") });
  });

  it("comes again when it could not be worked on, and not when it never can be", async () => {
    const away = new AppError({ code: "store-unavailable", summary: "Away.", retryable: true });
    expect((await open(() => Promise.reject(away)).tell()).status).toBe(503);
    const refused = new AppError({ code: "vendor-rejected", summary: "No." });
    await expect(open(() => Promise.reject(refused)).tell()).rejects.toMatchObject({ code: "vendor-rejected" });
  });
});
