import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Trouble } from "../../../lab/azure/monitor.ts";
import { AppError, reportError } from "../../../src/errors.ts";
import { type Azure, CACHE, startAzure, WORKSPACE } from "../../helpers/azure.ts";

let azure: Azure;
beforeAll(async () => {
  azure = await startAzure();
});
afterAll(() => azure.close());
beforeEach(() => {
  azure.server.next();
  azure.server.asked.length = 0;
  azure.server.fill(
    WORKSPACE,
    [
      { name: "TimeGenerated", type: "datetime" },
      { name: "Message", type: "string" },
      { name: "Count", type: "long" },
      { name: "Details", type: "dynamic" },
    ],
    [
      ["2026-03-07T02:13:40Z", "connection refused", 3, '{"password":"hunter2secret"}'],
      [null, null, null, null],
      ["2026-03-07T02:14:00Z", "AccountKey=abcdefghijklmnopqrstuv==", 0, "not json"],
    ],
  );
  azure.server.measure(CACHE, "serverLoad", "Percent", [10, null, 30, 20]);
});

const signal = () => AbortSignal.timeout(10_000);
const logs = (name = "api-errors", minutes = 30, until = signal()) => azure.monitor.readLogs(name, minutes, until);
const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => expect.fail("it answered"),
    (error: unknown) => (error instanceof AppError ? error : expect.fail(String(error))),
  );

describe("logs", () => {
  it("are a table of short texts without secrets, and nothing where there was nothing", async () => {
    expect(await logs()).toEqual({
      columns: ["TimeGenerated", "Message", "Count", "Details"],
      rows: [
        ["2026-03-07T02:13:40.000Z", "connection refused", "3", '{"password":"[redacted:password]"}'],
        ["", "", "", ""],
        ["2026-03-07T02:14:00.000Z", "AccountKey=[redacted:azure-key]", "0", "not json"],
      ],
      cut: false,
    });
    expect(azure.server.refused).toEqual([]);
  });

  it("are asked for with the operator's query, the time that was named, and no more rows than are shown", async () => {
    await logs("api-errors", 90);
    expect(azure.server.asked).toMatchObject([
      {
        path: `/v1/workspaces/${WORKSPACE}/query`,
        body: { query: "AppExceptions\n| order by TimeGenerated\n| take 51", timespan: "PT90M" },
        prefer: "wait=8",
      },
    ]);
  });

  it("say when there are more than are shown, and cut long cells", async () => {
    azure.server.fill(
      WORKSPACE,
      [{ name: "Message", type: "string" }],
      Array.from({ length: 80 }, () => ["x".repeat(900)]),
    );
    const { rows, cut } = await logs();
    expect({ rows: rows.length, cut, longest: rows[0]?.[0]?.length }).toEqual({ rows: 50, cut: true, longest: 500 });
  });

  it("say when Azure found a part only", async () => {
    azure.server.next({ does: "finds-part" });
    expect(await logs()).toMatchObject({ partial: "PartialError", rows: [[], [], []].map(() => expect.any(Array)) });
  });

  it("are empty where there are none", async () => {
    azure.server.fill(WORKSPACE, [{ name: "Message", type: "string" }], []);
    expect(await logs()).toEqual({ columns: ["Message"], rows: [], cut: false });
  });
});

describe("metrics", () => {
  it("are figures over time, without the moments that had none", async () => {
    const [series, ...others] = await azure.monitor.readMetric("load", 30, signal());
    expect(others).toEqual([]);
    expect(series).toMatchObject({ metric: "serverLoad", of: "sessions", unit: "Percent" });
    expect(series?.points.map(({ value }) => value)).toEqual([10, 30, 20]);
    expect(series?.points.every(({ at }) => !Number.isNaN(Date.parse(at)))).toBe(true);
  });

  it.each([
    [30, "PT1M"],
    [600, "PT5M"],
    [1_440, "PT5M"],
  ])("of %i minutes come in a grain that keeps them few: %s", async (minutes, grain) => {
    await azure.monitor.readMetric("load", minutes, signal());
    const { searchParams } = new URL(azure.server.asked[0]?.path ?? "", azure.server.url);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      interval: grain,
      aggregation: "average",
      metricnames: "serverLoad",
    });
    const [from, to] = ["starttime", "endtime"].map((name) => Date.parse(searchParams.get(name) ?? ""));
    expect((to ?? 0) - (from ?? 0)).toBe(minutes * 60_000);
  });

  it("that there are not are said so", async () => {
    expect(await failure(azure.monitor.readMetric("unknown", 30, signal()))).toMatchObject({ code: "vendor-rejected" });
  });
});

describe("trouble", () => {
  it.each<[string, Trouble, Partial<AppError>]>([
    [
      "it asks to wait",
      { does: "throttles", retryAfterSeconds: 7 },
      { code: "vendor-throttled", retryable: true, retryAfterMs: 7_000 },
    ],
    [
      "it asks to wait, for how long it does not say",
      { does: "throttles" },
      { code: "vendor-throttled", retryAfterMs: undefined },
    ],
    [
      "it fails",
      { does: "fails", status: 500, code: "InternalError" },
      { code: "vendor-unavailable", retryable: true },
    ],
    ["its gateway gives up", { does: "fails", status: 504, code: "GatewayTimeout" }, { code: "vendor-unavailable" }],
    ["the line breaks", { does: "breaks" }, { code: "vendor-unavailable", retryable: true }],
    [
      "the query is none",
      { does: "fails", status: 400, code: "BadArgumentError" },
      { code: "vendor-rejected", retryable: false },
    ],
    [
      "Muster may not read it",
      { does: "fails", status: 403, code: "InsufficientAccessError" },
      { code: "vendor-rejected", hint: expect.stringContaining("Reader") },
    ],
  ])("is said in Muster's words, after one request: %s", async (_, trouble, said) => {
    azure.server.next(trouble);
    const error = await failure(logs());
    expect(error).toMatchObject(said);
    expect(reportError(error).hint).not.toBe("");
    expect(`${error.summary} ${error.hint}`).not.toContain("The lab's monitor");
    expect(azure.server.asked).toHaveLength(1);
  });

  it("ends when nobody waits any more", async () => {
    azure.server.next({ does: "hangs" });
    const error = await failure(logs("api-errors", 30, AbortSignal.timeout(300)));
    expect(error).toMatchObject({
      code: "vendor-unavailable",
      summary: expect.stringContaining("did not answer in time"),
    });
  });

  it("names a question that there is not, without asking", async () => {
    expect(await failure(logs("drop-everything"))).toMatchObject({
      code: "not-found",
      hint: "There are: api-errors, elsewhere.",
    });
    expect(azure.server.asked).toEqual([]);
  });

  it("names a workspace that is gone", async () => {
    expect(await failure(logs("elsewhere"))).toMatchObject({
      code: "vendor-rejected",
      hint: expect.stringContaining("workspace"),
    });
  });
});

describe("signing in", () => {
  it("happens once for each of the two, however often is asked", async () => {
    const other = await startAzure();
    other.server.fill(WORKSPACE, [{ name: "Message", type: "string" }], [["a"]]);
    other.server.measure(CACHE, "serverLoad", "Percent", [1]);
    for (const _ of [1, 2, 3]) await other.monitor.readLogs("api-errors", 5, signal());
    for (const _ of [1, 2]) await other.monitor.readMetric("load", 5, signal());
    expect(other.authority.issued).toEqual([
      "https://api.loganalytics.io/.default",
      "https://metrics.monitor.azure.com/.default",
    ]);
    await other.close();
  });

  it("with a wrong secret is said so, and shows none", async () => {
    const error = await failure(azure.withSecret("a-wrong-secret").readLogs("api-errors", 5, signal()));
    expect(error).toMatchObject({ code: "vendor-rejected", hint: expect.stringContaining("signIn") });
    expect(JSON.stringify(reportError(error))).not.toContain("a-wrong-secret");
    expect(azure.server.asked).toEqual([]);
  });
});
