import { expect, it, onTestFinished } from "vitest";
import { mailChecks } from "../../../adapters/mail/checks.ts";
import { startMailSink } from "../../../lab/mail/sink.ts";
import { runChecks } from "../../../src/doctor/check.ts";

const secrets: Record<string, string> = { CUSTOMERS: "a@example.org,b@example.org", BROKEN: "somebody" };
const secret = (name: string) => secrets[name];
const list = (toFrom: string) => ({ toFrom, stages: [], template: "update" as const });
const base = { requestTimeoutMs: 200, secret };

it("signs in and counts the addresses of each list, and sends nothing", async () => {
  const sink = await startMailSink({ user: "muster", password: "a-password" });
  onTestFinished(() => sink.close());
  const mail = { url: sink.url, from: "status@example.org" };
  const lists = { customers: list("CUSTOMERS"), broken: list("BROKEN"), none: list("NONE") };
  expect(await runChecks(mailChecks({ ...base, mail }, { mail: lists }))).toMatchObject([
    { name: "server", state: "ok" },
    { name: "customers", state: "ok", said: "It has 2 addresses." },
    { name: "broken", state: "failed", said: expect.stringContaining("entry 1 of MUSTER_SECRET_BROKEN") },
    { name: "none", state: "failed", fix: expect.stringContaining("Set MUSTER_SECRET_NONE") },
  ]);
  const wrong = { ...mail, url: sink.url.replace("a-password", "another") };
  const [found] = await runChecks(mailChecks({ ...base, mail: wrong }, {}));
  expect(found).toMatchObject({ state: "failed", fix: expect.stringContaining("MUSTER_SMTP_URL") });
  expect(sink.mails).toEqual([]);
});

it("says that nobody gets mail where the plan has lists and nothing takes mail", async () => {
  expect(await runChecks(mailChecks(base, {}))).toEqual([]);
  expect(await runChecks(mailChecks(base, { mail: { customers: list("CUSTOMERS") } }))).toMatchObject([
    { state: "warning", fix: expect.stringContaining("MUSTER_SMTP_URL") },
  ]);
});
