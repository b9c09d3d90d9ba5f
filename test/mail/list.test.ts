import { expect, it } from "vitest";
import { readAddresses } from "../../src/mail/addresses.ts";
import { createMailList, type MailListOptions } from "../../src/mail/list.ts";
import type { Mail } from "../../src/mail/port.ts";
import { createMailWriter } from "../../src/mail/words.ts";
import type { PublicUpdate } from "../../src/status-page/port.ts";
import type { UpdateBody } from "../../src/status-page/update-destination.ts";
import { publicPlan } from "../helpers/public-story.ts";

const write = createMailWriter();
const signal = new AbortController().signal;
const first: PublicUpdate = {
  stage: "investigating",
  title: "Disruption of Question answering",
  text: "Requests have been failing since 02:13 UTC. We are investigating.",
  at: "2026-05-04T02:13:50.000Z",
  startedAt: "2026-05-04T02:13:40.000Z",
};
const second: PublicUpdate = { ...first, stage: "degraded", text: "It is back.", at: "2026-05-04T02:20:10.000Z" };

function body(update = first, before: UpdateBody["before"] = []): UpdateBody {
  const components = [{ id: "api", name: "Question answering", state: "degraded_performance" as const }];
  const page = { title: "GenAI API", state: "degraded_performance" as const, components };
  return { incidentId: "inc-1", updateId: `inc-1/${update.stage}`, update, before, page };
}

function list(change: Partial<MailListOptions> = {}) {
  const mails: (Mail & { to: readonly string[] })[] = [];
  const place = createMailList({
    name: "customers",
    plan: publicPlan(),
    stages: ["investigating", "degraded"],
    template: "update",
    mail: {
      send: async (mail, to) => {
        mails.push({ ...mail, to });
        return { accepted: to.length, refused: 0 };
      },
      verify: async () => {},
    },
    recipients: () => ["a@example.org"],
    loadWriter: async () => write,
    domain: "example.org",
    refused: () => {},
    ...change,
  });
  const send = (content: UpdateBody, late = false) => {
    const message = { id: "schedule/x", seq: 1, at: content.update.at, what: "an update", body: content };
    return place.send(message, { marker: "shop/schedule/x", late, signal });
  };
  return { send, mails };
}

it("says in both forms what stands on the page, and when that was decided on", async () => {
  const { send, mails } = list({ page: "https://status.example.org" });
  await send(body());
  const [mail] = mails;
  expect(mail?.subject).toBe("Investigating: Disruption of Question answering");
  expect(mail?.text).toBe(`GenAI API: Disruption of Question answering

Investigating, 2026-05-04 02:13 UTC

Requests have been failing since 02:13 UTC. We are investigating.

The present state: https://status.example.org
`);
  for (const part of [first.text, "2026-05-04 02:13 UTC", 'href="https://status.example.org"'])
    expect(mail?.html).toContain(part);
});

it("says that it is late, and what was missed with the real times", async () => {
  const { send, mails } = list();
  await send(body(second, [{ updateId: "inc-1/investigating", update: first, told: false }]), true);
  expect(mails[0]?.text).toBe(`GenAI API: Disruption of Question answering

Slower than usual, 2026-05-04 02:20 UTC (sent late)

It is back.

What happened before:

Investigating, 2026-05-04 02:13 UTC
${first.text}
`);
  expect(mails[0]?.inReplyTo).toBeUndefined();
});

it("says in a summary how every service is and all that was said before", async () => {
  const before = [{ updateId: "inc-1/investigating", update: first, told: true }];
  const { send, mails } = list({ template: "summary" });
  await send(body(second, before));
  expect(mails[0]?.text).toBe(`GenAI API: Disruption of Question answering

Slower than usual, 2026-05-04 02:20 UTC

It is back.

Some services are slower than usual:
- Question answering: Slower than usual

What happened before:

Investigating, 2026-05-04 02:13 UTC
${first.text}
`);
  expect(mails[0]?.html).toContain(first.text);
  const brief = list();
  await brief.send(body(second, before));
  expect(brief.mails[0]?.text).not.toContain(first.text);
});

it("takes nothing for markup", async () => {
  const { send, mails } = list({ template: "summary" });
  const odd = { ...first, title: "A & B <b>", text: `<script>alert("1")</script> {{curly}}` };
  await send(body(odd));
  expect(mails[0]?.text).toContain(odd.text);
  expect(mails[0]?.html).not.toContain("<script>");
  expect(mails[0]?.html).not.toContain("<b>");
  expect(mails[0]?.html).toContain("A &amp; B &lt;b&gt;");
});

it("gives a repeat the same Message-ID, and everything else another one", async () => {
  const { send, mails } = list();
  expect(await send(body())).toBe(await send(body()));
  await send(body(second, [{ updateId: "inc-1/investigating", update: first, told: true }]));
  // The same id in another incident, of a journal that was begun anew.
  await send(body({ ...first, startedAt: "2027-01-01T00:00:00.000Z" }));
  const other = list({ name: "leadership" });
  await other.send(body());
  const [one, again, next, later] = mails.map(({ messageId }) => messageId);
  expect(one).toMatch(/^<[0-9a-f]{32}@example\.org>$/);
  expect(again).toBe(one);
  expect(new Set([one, next, later, other.mails[0]?.messageId]).size).toBe(4);
  expect(mails.map(({ inReplyTo }) => inReplyTo)).toEqual([undefined, undefined, one, undefined]);
});

it("shows nothing from inside: no list, no id, no application", async () => {
  const { send, mails } = list({ template: "summary" });
  await send(body());
  const { to: _, ...mail } = mails[0]!;
  for (const inside of ["customers", publicPlan().application, "inc-1"])
    expect(JSON.stringify(mail)).not.toContain(inside);
});

it("takes addresses with commas or lines between, each once, and nothing else", () => {
  const read = (text?: string) => readAddresses("customers", "MUSTER_SECRET_CUSTOMERS", text);
  expect(read("a@example.org, b@example.org;a@example.org\nc@example.org\n")).toEqual([
    "a@example.org",
    "b@example.org",
    "c@example.org",
  ]);
  for (const wrong of ["somebody", "a@example.org, Bcc: b@example.org", "a@example.org\r\nBcc: b", "a@b@c"]) {
    expect(() => read(wrong)).toThrowError(expect.objectContaining({ code: "config-invalid" }));
    expect(() => read(wrong)).not.toThrowError(/Bcc|somebody/);
  }
  expect(() => read()).toThrowError('The mail list "customers" cannot be used: MUSTER_SECRET_CUSTOMERS is not set.');
});
