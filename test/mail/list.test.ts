import { expect, it } from "vitest";
import { readAddresses } from "../../src/mail/addresses.ts";
import { createMailList, type MailListOptions } from "../../src/mail/list.ts";
import type { Mail } from "../../src/mail/port.ts";
import { createMailWriter } from "../../src/mail/words.ts";
import type { PublicUpdate } from "../../src/status-page/port.ts";
import { pageWith } from "../contracts/status-page.ts";

const write = createMailWriter();
const signal = new AbortController().signal;
const STARTED = "2026-05-04T02:13:40.000Z";
const first: PublicUpdate = {
  stage: "investigating",
  title: "Disruption of Question answering",
  text: "Requests have been failing since 02:13 UTC. We are investigating.",
  at: "2026-05-04T02:13:50.000Z",
  startedAt: STARTED,
};
const second: PublicUpdate = { ...first, stage: "degraded", text: "It is back.", at: "2026-05-04T02:20:10.000Z" };

function list(change: Partial<MailListOptions> = {}) {
  const mails: (Mail & { to: readonly string[] })[] = [];
  const place = createMailList({
    name: "customers",
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
  return { place, mails };
}

const marker = "shop/inc-1/investigating";

it("says in both forms what stands on the page, and when that was decided on", async () => {
  const { place, mails } = list({ page: "https://status.example.org" });
  await place.post(first, { marker, page: pageWith([first]), signal });
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

it("says in a summary how every service is and what was said before", async () => {
  const { place, mails } = list({ template: "summary" });
  await place.post(second, { marker, page: pageWith([first, second], "degraded_performance"), signal });
  expect(mails[0]?.text).toBe(`GenAI API: Disruption of Question answering

Slower than usual, 2026-05-04 02:20 UTC

It is back.

Some services are slower than usual:
- Question answering: Slower than usual

What was said before:

Investigating, 2026-05-04 02:13 UTC
${first.text}
`);
  expect(mails[0]?.html).toContain(first.text);
});

it("takes nothing for markup", async () => {
  const { place, mails } = list({ template: "summary" });
  const odd = { ...first, title: "A & B <b>", text: `<script>alert("1")</script> {{curly}}` };
  await place.post(odd, { marker, page: pageWith([odd]), signal });
  expect(mails[0]?.text).toContain(odd.text);
  expect(mails[0]?.html).not.toContain("<script>");
  expect(mails[0]?.html).not.toContain("<b>");
  expect(mails[0]?.html).toContain("A &amp; B &lt;b&gt;");
});

it("gives a repeat the same Message-ID, and everything else another one", async () => {
  const { place, mails } = list();
  const page = pageWith([first]);
  const root = await place.post(first, { marker, page, signal });
  await place.post(first, { marker, page, signal });
  expect(await place.post(second, { marker: "shop/inc-1/degraded", incident: root, page, signal })).toBe(root);
  // The same id in another incident, of a journal that was begun anew.
  await place.post({ ...first, startedAt: "2027-01-01T00:00:00.000Z" }, { marker, page, signal });
  const other = list({ name: "leadership" });
  await other.place.post(first, { marker, page, signal });
  const [one, again, next, later] = mails.map(({ messageId }) => messageId);
  expect(one).toMatch(/^<[0-9a-f]{32}@example\.org>$/);
  expect(again).toBe(one);
  expect(root).toBe(one);
  expect(new Set([one, next, later, other.mails[0]?.messageId]).size).toBe(4);
  expect(mails.map(({ inReplyTo }) => inReplyTo)).toEqual([undefined, undefined, one, undefined]);
});

it("shows nothing from inside: no list, no id, no application", async () => {
  const { place, mails } = list({ template: "summary" });
  await place.post(first, { marker, page: pageWith([first]), signal });
  const { to: _, ...mail } = mails[0]!;
  for (const inside of ["customers", "shop", "inc-1"]) expect(JSON.stringify(mail)).not.toContain(inside);
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
