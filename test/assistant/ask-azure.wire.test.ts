import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { monitorChecks } from "../../src/doctor/monitor-checks.ts";
import { type Asking, call, fact, idOf, startAsking } from "../helpers/ask.ts";
import { type Azure, CACHE, startAzure, WORKSPACE } from "../helpers/azure.ts";

/** The whole way: a question, the scripted model, the tool, Azure's own client, https, and back. */
let azure: Azure;
let asking: Asking;
beforeAll(async () => {
  azure = await startAzure();
  asking = await startAsking({ monitor: azure.monitor });
});
afterAll(async () => {
  await asking.stop();
  await azure.close();
});
beforeEach(() => {
  azure.server.next();
  azure.server.fill(
    WORKSPACE,
    [
      { name: "TimeGenerated", type: "datetime" },
      { name: "Message", type: "string" },
      { name: "Count", type: "long" },
    ],
    [["2026-03-07T02:13:40Z", "connection to sessions refused", 12]],
  );
  azure.server.measure(CACHE, "serverLoad", "Percent", [10, 30, 20]);
});

describe("a question about Azure", () => {
  it("is answered with what a log line says, as a quotation that code wrote", async () => {
    asking.plays([call("azure_logs", { query: "api-errors", minutes: 30 })], (results) => {
      const id = idOf(results, "A line of");
      return [fact(`A line of {{${id}.query}} says {{${id}.Message}}, {{${id}.Count}} times.`, id)];
    });
    const { claims, looks } = await asking.ask("what do the logs say?");
    expect(claims[0]?.text).toBe("A line of api-errors says “connection to sessions refused”, “12” times.");
    expect(looks).toMatchObject([{ tool: "azure_logs", outcome: "answered", summary: "api-errors: 1 row" }]);
  });

  it("is answered with figures that code worked out", async () => {
    asking.plays([call("azure_metrics", { query: "load", minutes: 30 })], (results) => {
      const id = idOf(results, "serverLoad");
      return [fact(`The load was {{${id}.latest}} and at most {{${id}.highest}}, {{${id}.average}} on average.`, id)];
    });
    const { claims } = await asking.ask("is the cache busy?");
    expect(claims[0]?.text).toBe("The load was 20 Percent and at most 30 Percent, 20 Percent on average.");
  });

  it.each([
    ["a query of the model's own", { query: "AppTraces | take 1", minutes: 30 }, "refused", /query: /],
    ["a time beyond a day", { query: "api-errors", minutes: 10_000 }, "refused", /at most 1440/],
  ])("takes no %s", async (_, input, outcome, said) => {
    asking.plays([call("azure_logs", input)], () => []);
    const before = azure.server.asked.length;
    expect((await asking.ask()).looks[0]).toMatchObject({ outcome, summary: expect.stringMatching(said) });
    expect(azure.server.asked).toHaveLength(before);
  });

  it.each([
    ["asks to wait", { does: "throttles", retryAfterSeconds: 60 }, /asks to wait/],
    ["does not answer", { does: "fails", status: 503, code: "Unavailable" }, /HTTP 503/],
  ] as const)("goes on without Azure when it %s", async (_, trouble, said) => {
    azure.server.next(trouble);
    asking.plays([call("azure_logs", { query: "api-errors", minutes: 5 }), call("status")], (results) => {
      const id = idOf(results, "Region west");
      return [fact(`{{${id}.sentence}}`, id)];
    });
    const result = await asking.ask();
    expect(result.outcome).toBe("proved");
    expect(result.looks[0]).toMatchObject({ outcome: "failed", summary: expect.stringMatching(said) });
  });

  it("says that there is more than was found", async () => {
    azure.server.next({ does: "finds-part" });
    asking.plays([call("azure_logs", { query: "api-errors", minutes: 5 })], () => []);
    expect((await asking.ask()).looks[0]?.summary).toContain("incomplete: “PartialError”");
  });
});

describe("muster doctor", () => {
  it("asks each question of the monitor file once, and says which does not work", async () => {
    const found = await Promise.allSettled(
      monitorChecks(azure.monitor).map(({ run }) => run(AbortSignal.timeout(5_000))),
    );
    expect(found.map((one) => (one.status === "fulfilled" ? one.value.said : (one.reason as Error).message))).toEqual([
      "1 row of 3 columns in the last hour.",
      expect.stringContaining("HTTP 404"),
      "1 series, 3 values in the last hour.",
      expect.stringContaining("HTTP 400"),
    ]);
    azure.server.next({ does: "finds-part" });
    expect(await monitorChecks(azure.monitor)[0]?.run(AbortSignal.timeout(5_000))).toMatchObject({ state: "warning" });
    expect(await monitorChecks(undefined)[0]?.run(AbortSignal.timeout(1))).toMatchObject({ state: "off" });
  });
});
