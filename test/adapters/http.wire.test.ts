import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createExpectHealthy } from "../../adapters/http/expect-healthy.ts";
import { get } from "../../adapters/http/get.ts";
import { createHealth } from "../../adapters/http/health.ts";
import { createBake } from "../../adapters/wait/bake.ts";
import { actionContext, type RecoveryWorld, recoveryActionContract } from "../contracts/recovery-action.ts";

interface Endpoint {
  server: Server;
  url: string;
  /** What it answers now; a list is answered one after the other, and the last one for ever. */
  answers: ({ status: number; body: unknown } | "hang")[];
  requests(): number;
  connections(): number;
  stop(): Promise<void>;
}

async function startEndpoint(): Promise<Endpoint> {
  let requests = 0;
  let connections = 0;
  const server = createServer((_, res) => {
    requests += 1;
    const answer = endpoint.answers.length > 1 ? endpoint.answers.shift() : endpoint.answers[0];
    if (answer === undefined || answer === "hang") return;
    res.statusCode = answer.status;
    res.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  }).listen(0, "127.0.0.1");
  server.on("connection", () => {
    connections += 1;
  });
  await once(server, "listening");
  const endpoint: Endpoint = {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: [{ status: 200, body: { status: "ok" } }],
    requests: () => requests,
    connections: () => connections,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  return endpoint;
}

let endpoint: Endpoint;
const sick = { status: 503, body: "no pod is ready" };
const well = { status: 200, body: { status: "ok", ready: 8, desired: 8 } };
const stats = (requests: number, errors: number) => ({ status: 200, body: { windowSeconds: 10, requests, errors } });

async function createWorld(
  create: typeof createBake,
  input: (url: string) => object,
  first: Endpoint["answers"],
): Promise<RecoveryWorld> {
  endpoint = await startEndpoint();
  endpoint.answers = first;
  return {
    action: create(),
    input: input(endpoint.url),
    state: async () => "it holds nothing",
    disconnect: () => endpoint.stop(),
    freeze: async () => {
      endpoint.answers = ["hang"];
    },
    dispose: () => endpoint.stop(),
  };
}

recoveryActionContract({
  name: "http.expect-healthy",
  create: () => createWorld(createExpectHealthy, (url) => ({ url, consecutive: 2, every: "10ms" }), [sick]),
  satisfy: async () => {
    endpoint.answers = [well];
  },
  unreachable: "away",
});

describe("http.expect-healthy", () => {
  const action = createExpectHealthy();
  beforeEach(async () => {
    endpoint = await startEndpoint();
  });
  afterEach(() => endpoint.stop());
  const look = () =>
    action.assess(action.input.parse({ url: endpoint.url, consecutive: 3, every: "5ms" }), actionContext());

  it("wants all good answers in a row, each on a connection of its own", async () => {
    endpoint.answers = [well, well, sick, well];
    expect(await look()).toMatchObject({ state: "away", seen: { good: 2, detail: "HTTP 503" } });
    expect(await look()).toMatchObject({ state: "reached", seen: { good: 3, detail: "HTTP 200, 8/8 ready" } });
    expect(endpoint.connections()).toBe(endpoint.requests());
  });

  it("does not count a degraded answer, a redirect, or none", async () => {
    endpoint.answers = [{ status: 200, body: { status: "degraded", ready: 2, desired: 8 } }];
    expect(await look()).toMatchObject({ state: "away", seen: { good: 0, detail: "HTTP 200, 2/8 ready, degraded" } });
    endpoint.answers = [{ status: 302, body: "" }];
    expect(await look()).toMatchObject({ state: "away" });
    await endpoint.stop();
    expect(await look()).toMatchObject({ state: "away", seen: { detail: "connect refused" } });
  });

  it("has nothing to apply", () => {
    expect(action.apply).toBeUndefined();
  });
});

describe("http.health", () => {
  const probe = createHealth();
  beforeEach(async () => {
    endpoint = await startEndpoint();
  });
  afterEach(() => endpoint.stop());
  const run = (timeoutMs = 200) =>
    probe.run({ url: endpoint.url }, { signal: new AbortController().signal, timeoutMs });

  it("tells good, degraded, bad and no answer apart, in words", async () => {
    endpoint.answers = [well, { status: 200, body: { status: "degraded" } }, sick, { status: 200, body: "plain text" }];
    expect(await run()).toMatchObject({ ok: true, detail: "HTTP 200, 8/8 ready" });
    expect(await run()).toMatchObject({ ok: true, degraded: true, detail: "HTTP 200, degraded" });
    expect(await run()).toMatchObject({ ok: false, detail: "HTTP 503" });
    expect(await run()).toMatchObject({ ok: true, detail: "HTTP 200" });
    endpoint.answers = ["hang"];
    const slow = await run(80);
    expect(slow).toMatchObject({ ok: false, detail: "no answer in time" });
    expect(slow.latencyMs).toBeGreaterThanOrEqual(79);
  });

  it("reads only the beginning of an endless body", async () => {
    const endless = createServer((_, res) => {
      const more = () => {
        while (!res.destroyed && res.write("x".repeat(16_384)));
      };
      res.on("drain", more);
      more();
    }).listen(0, "127.0.0.1");
    await once(endless, "listening");
    const url = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
    const { status, body } = await get(url, { signal: new AbortController().signal, timeoutMs: 1_000 });
    endless.close();
    endless.closeAllConnections();
    expect({ status, length: body.length }).toEqual({ status: 200, length: 64 * 1024 });
  });

  it("takes only web addresses", () => {
    expect(probe.input.safeParse({ url: "file:///etc/passwd" }).success).toBe(false);
  });
});

const bakeInput = (url: string) => ({ for: "20s", statsUrl: `${url}/stats`, maxErrorRate: 0.05, minRequests: 10 });

recoveryActionContract({
  name: "wait.bake",
  // Long since started, and without traffic yet.
  create: () => createWorld(createBake, bakeInput, [stats(0, 0)]),
  satisfy: async () => {
    endpoint.answers = [stats(100, 1)];
  },
  startsAs: "moving",
});

describe("wait.bake", () => {
  const action = createBake();
  beforeEach(async () => {
    endpoint = await startEndpoint();
  });
  afterEach(() => endpoint.stop());
  const lookAfter = (elapsedMs: number) =>
    action.assess(
      action.input.parse(bakeInput(endpoint.url)),
      actionContext({
        startedAt: "2025-01-01T00:00:00.000Z",
        now: () => Date.parse("2025-01-01T00:00:00.000Z") + elapsedMs,
      }),
    );

  it("is over when the time since the step's start is over, and not before", async () => {
    endpoint.answers = [stats(100, 5)];
    expect(await lookAfter(19_900)).toMatchObject({ state: "moving", progress: "1 s left, 5 of 100 failed" });
    expect(await lookAfter(20_000)).toMatchObject({ state: "reached", seen: { elapsedMs: 20_000 } });
  });

  it("fails for good as soon as too many requests fail, naming the rate", async () => {
    endpoint.answers = [stats(100, 6)];
    await expect(lookAfter(10_000)).rejects.toMatchObject({
      code: "error-rate",
      retryable: false,
      summary: expect.stringMatching(/^6 % of the requests failed \(6 of 100 in 10 s .* more than the 5 % allowed/),
    });
  });

  it("does not hold against a stage what failed before it began", async () => {
    endpoint.answers = [stats(100, 100)];
    expect(await lookAfter(9_900)).toMatchObject({ state: "moving" });
    // In its first second, too, the shortest window reaches back to the switch that led to this stage.
    endpoint.answers = [{ status: 200, body: { windowSeconds: 1, requests: 12, errors: 3 } }];
    expect(await lookAfter(50)).toMatchObject({ state: "moving" });
    await expect(lookAfter(1_000)).rejects.toMatchObject({ code: "error-rate" });
  });

  it("does not conclude anything from too few requests, nor end without traffic", async () => {
    endpoint.answers = [stats(9, 9)];
    expect(await lookAfter(10)).toMatchObject({ state: "moving" });
    expect(await lookAfter(60_000)).toMatchObject({
      state: "moving",
      progress: expect.stringContaining("only 9 requests"),
    });
  });

  it.each([
    [{ status: 500, body: "" }, "answer HTTP 500"],
    [{ status: 200, body: "<html>" }, "are not JSON"],
    [{ status: 200, body: { requests: -1 } }, "unexpected form"],
  ])("is unknown when the statistics cannot be read (%#)", async (answer, words) => {
    endpoint.answers = [answer];
    expect(await lookAfter(60_000)).toMatchObject({ state: "unknown", reason: expect.stringContaining(words) });
  });

  it("has nothing that stands in its way before the run", async () => {
    await endpoint.stop();
    const { startedAt: _, ...before } = actionContext();
    expect(await action.assess(action.input.parse(bakeInput(endpoint.url)), before)).toMatchObject({ state: "away" });
  });
});
