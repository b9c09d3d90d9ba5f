import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createDoorReceiver, DOOR_PATH } from "../../adapters/chat/slack/receiver.ts";
import { createPagerDutyDoor } from "../../adapters/pager/door.ts";
import type { AppError } from "../../src/errors.ts";
import { createDoorLog } from "../../src/people/door-log.ts";
import { createFakeCore, tokenOf } from "../helpers/core.ts";
import { openDoor } from "../helpers/door.ts";
import { startMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";
import { startHttp } from "../http/server.ts";

const START = Date.parse("2030-01-01T00:00:00.000Z");
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** The door's log on a clock that a test moves; what is written is what would be journaled. */
function logOnClock() {
  let now = START;
  const written: { source: string; counts: Record<string, number>; key: string }[] = [];
  const log = createDoorLog({
    journal: {
      commit: async (decide) => {
        const events = decide(undefined as never);
        written.push(
          ...events.map(({ key, data }) => ({ key, ...(data as { source: string; counts: Record<string, number> }) })),
        );
        return { events: [], state: undefined as never };
      },
    },
    clock: { now: () => now, sleep: async () => {} },
    instance: "test-1",
    logger: { warn: () => {} },
  });
  return { log, written, pass: (ms: number) => (now += ms) };
}

describe("refusals at the door", () => {
  it("are told at once the first time, and counted from then on", () => {
    const { log, written, pass } = logOnClock();
    for (let count = 0; count < 1_000; count++) log.refused("192.0.2.1", "not-authenticated");
    log.refused("192.0.2.1", "rate-limited");
    expect(written.map(({ counts }) => counts)).toEqual([{ "not-authenticated": 1 }]);
    pass(60 * SECOND);
    log.refused("192.0.2.1", "not-authenticated");
    expect(written.map(({ counts }) => counts)).toEqual([
      { "not-authenticated": 1 },
      { "not-authenticated": 999, "rate-limited": 1 },
    ]);
    expect(new Set(written.map(({ key }) => key)).size).toBe(2);
  });

  it("that go on all day are a few dozen events, whatever comes, and none is lost from the count", () => {
    const { log, written, pass } = logOnClock();
    const every = 5 * SECOND;
    for (let passed = 0; passed < 24 * HOUR; passed += every) {
      for (let source = 0; source < 100; source++) log.refused(`192.0.2.${source}`, "not-authenticated");
      pass(every);
    }
    // Ten sources that are told apart and one for all others: 1 + 6 growing windows + one an hour.
    expect(written.length).toBeLessThan(11 * 35);
    expect(new Set(written.map(({ source }) => source)).size).toBe(11);
    const counted = written.reduce((sum, { counts }) => sum + (counts["not-authenticated"] ?? 0), 0);
    expect(counted).toBeGreaterThan(100 * ((24 * HOUR - 2 * HOUR) / every));
  });

  it("of a source that was quiet for a while are news again", () => {
    const { log, written, pass } = logOnClock();
    log.refused("192.0.2.1", "not-allowed");
    pass(61 * SECOND);
    log.refused("192.0.2.2", "not-allowed");
    log.refused("192.0.2.1", "not-allowed");
    expect(written.map(({ source }) => source)).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.1"]);
  });

  it("are written by the time the server stops", async () => {
    const { log, written } = logOnClock();
    log.refused("192.0.2.1", "not-allowed");
    log.refused("192.0.2.1", "not-allowed");
    log.worker.start();
    await log.worker.stop();
    expect(written.map(({ counts }) => counts)).toEqual([{ "not-allowed": 1 }, { "not-allowed": 1 }]);
  });
});

describe("the HTTP door", () => {
  it("counts wrong tokens, other sites, strange names and floods, and nothing that a command answers", async () => {
    const core = createFakeCore();
    const { send, app, browser, as } = startHttp(core, { rateLimit: { perSecond: 1, burst: 3 } });
    await send("/api/v1/state", { headers: { authorization: "Bearer guess" } });
    const { cookie } = await browser("operator");
    await send("/api/v1/text", { method: "POST", body: "{}", headers: { cookie, origin: "http://evil.example" } });
    await app.request("http://evil.example/api/v1/state");
    await send("/session", {
      method: "POST",
      body: new URLSearchParams({ token: "guess" }),
      headers: { origin: "http://127.0.0.1:4646" },
    });
    expect(core.turned.map(({ code }) => code)).toEqual([
      "not-authenticated",
      "not-allowed",
      "not-allowed",
      "not-authenticated",
    ]);
    core.turned.length = 0;
    for (let count = 0; count < 5; count++) await as("observer").get("/api/v1/state");
    expect(core.turned.map(({ code }) => code)).toEqual(["rate-limited", "rate-limited"]);
    core.turned.length = 0;
    await as("approver-1").post("/api/v1/commands/failover", { region: "eu-central" });
    await send("/api/v1/state");
    expect(core.turned).toEqual([]);
  });

  it("counts what the doors of Slack and PagerDuty do not know, by door, and nothing that they let in", async () => {
    const core = createFakeCore();
    const secret = "a-signing-secret-of-a-test";
    const handle = async () => {};
    const slackDoor = { path: DOOR_PATH, handle: createDoorReceiver(secret).handle };
    const { send } = startHttp(core, { doors: [slackDoor, createPagerDutyDoor({ secret, handle })] });
    const post = async (path: string, headers: Record<string, string>) =>
      (await send(path, { method: "POST", body: '{"type":"url_verification","challenge":"c"}', headers })).status;
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signed = createHmac("sha256", secret).update(`v0:${timestamp}:{"type":"url_verification","challenge":"c"}`);
    const slack = { "content-type": "application/json", "x-slack-request-timestamp": timestamp };
    expect(await post("/slack/events", { ...slack, "x-slack-signature": `v0=${signed.digest("hex")}` })).toBe(200);
    expect(core.turned).toEqual([]);
    expect(await post("/slack/events", { ...slack, "x-slack-signature": "v0=00" })).toBe(401);
    expect(await post("/pagerduty/webhook", { "x-pagerduty-signature": "v1=00" })).toBe(401);
    expect(core.turned).toEqual([
      { source: "unknown (/slack/events)", code: "not-authenticated" },
      { source: "unknown (/pagerduty/webhook)", code: "not-authenticated" },
    ]);
  });

  it("journals a flood of wrong tokens as one event, with where it came from and without the token", async () => {
    const muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard());
    const door = await openDoor(muster.core, { directory: muster.people });
    const guesses = await Promise.all(
      Array.from({ length: 60 }, (_, index) => door.call("status", {}, `mst_${index + 1}_${"x".repeat(43)}`)),
    );
    expect(new Set(guesses.map(({ body }) => body.code))).toEqual(new Set(["not-authenticated", "rate-limited"]));
    await expect.poll(async () => (await muster.core.journal.query({ kind: "door.refused" })).length).toBe(1);
    const [event] = await muster.core.journal.query({ kind: "door.refused" });
    expect(event).toMatchObject({
      actor: "system:door",
      data: { source: "127.0.0.1", counts: { "not-authenticated": 1 } },
    });
    expect((await muster.journal.read({ after: 0, limit: 100 })).map(({ text }) => text).join()).not.toContain("mst_");
    expect((await door.call("status", {}, tokenOf("operator"))).status).toBe(200);
    await door.close();
    await muster.stop();
  });

  it("says `store unavailable`, and not `wrong token`, when the store cannot be asked", async () => {
    const muster = startMuster(makePlan({ failover: { steps: [makeStep("a")] } }), createSwitchboard());
    const { token } = await muster.core.tokens.create(
      {},
      { principal: "operator", name: "Operator", roles: ["operator"] },
    );
    await muster.stop({ keep: true });
    const error = await muster.people.authenticate(token).catch((reason: AppError) => reason);
    expect((error as AppError).code).not.toBe("not-authenticated");
    // The file's tokens need no store.
    expect((await muster.people.authenticate(tokenOf("operator")))?.caller.principal).toBe("operator");
  });
});
