import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pagerChecks } from "../../../adapters/pager/checks.ts";
import { runChecks } from "../../../src/doctor/check.ts";
import { openPagerDuty, type PagerDutyWorld } from "../../helpers/pagerduty.ts";

let world: PagerDutyWorld;
beforeEach(async () => {
  world = await openPagerDuty();
});
afterEach(() => world.close());

async function findings(change: object = {}) {
  const { requestTimeoutMs, ...pagerDuty } = { ...world.options, ...change };
  const found = await runChecks(await pagerChecks({ pagerDuty, requestTimeoutMs }));
  return Object.fromEntries(found.map(({ name, ...rest }) => [name, rest]));
}

describe("what the doctor finds of PagerDuty", () => {
  it("is well when the token holds and everything that is named is there, and pages nobody", async () => {
    const found = await findings({ schedules: ["PSCHED1"], webhookSecret: "sixteen-letters-or-more" });
    expect(found["REST API"]?.state).toBe("ok");
    expect(found["on call"]).toMatchObject({ state: "ok", said: "2 policies and schedules of it is there." });
    expect(found.webhook).toMatchObject({ state: "ok", said: expect.stringContaining("/pagerduty/webhook") });
    expect(found["integration key"]).toMatchObject({
      state: "warning",
      said: expect.stringContaining("only by paging"),
    });
    expect(world.fake.notified).toEqual([]);
    expect(world.fake.requests.filter((one) => !one.startsWith("GET"))).toEqual([]);
  });

  it.each([
    ["a token that nobody knows", { apiToken: "u+wrong-token" }, "REST API", "MUSTER_PAGERDUTY_API_TOKEN"],
    ["a policy that is not there", { policies: ["PNOTHERE"] }, "on call", "MUSTER_PAGERDUTY_POLICIES"],
    ["a schedule that is not there", { schedules: ["PNOTHERE"] }, "on call", "MUSTER_PAGERDUTY_SCHEDULES"],
  ])("says what to mend: %s", async (_, change, name, fix) => {
    expect((await findings(change))[name]).toMatchObject({ state: "failed", fix: expect.stringContaining(fix) });
  });

  it("says what is missing without a token or a name, and when nothing is configured", async () => {
    const { apiToken: _, from: __, ...bare } = world.options;
    const found = await runChecks(await pagerChecks({ pagerDuty: bare, requestTimeoutMs: 500 }));
    expect(found.map(({ name, state }) => `${name}: ${state}`)).toEqual([
      "integration key: warning",
      "webhook: off",
      "REST API: off",
    ]);
    const { from: ___, ...nameless } = world.options;
    const rest = (await runChecks(await pagerChecks({ pagerDuty: nameless, requestTimeoutMs: 500 })))[2];
    expect(rest).toMatchObject({ state: "warning", fix: expect.stringContaining("MUSTER_PAGERDUTY_FROM") });
    const [nothing] = await runChecks(await pagerChecks({ requestTimeoutMs: 500 }));
    expect(nothing).toMatchObject({ state: "off", said: expect.stringContaining("nobody is paged") });
  });
});
