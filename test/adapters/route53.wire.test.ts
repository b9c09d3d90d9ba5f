import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createChangeRecord } from "../../adapters/aws/change-record.ts";
import { createRoute53Client, type Route53 } from "../../adapters/aws/route53.ts";
import { createShiftWeights } from "../../adapters/aws/shift-weights.ts";
import { createWeights } from "../../adapters/aws/weights.ts";
import type { ActionContext, RecoveryAction } from "../../src/ports.ts";
import { actionContext, type RecoveryWorld, recoveryActionContract } from "../contracts/recovery-action.ts";
import { primary, type Route53Server, startRoute53, weighted, ZONE } from "../helpers/route53.ts";

const shift = {
  hostedZoneId: ZONE,
  name: "api.genai-api.example",
  type: "CNAME",
  ttl: "60s",
  records: [
    { setIdentifier: "us-east-1", value: "edge.us-east-1.genai-api.example", weight: 0 },
    { setIdentifier: "eu-central", value: "edge.eu-central.genai-api.example", weight: 100 },
  ],
};
const repoint = {
  hostedZoneId: ZONE,
  name: "primary.genai-api.example.",
  type: "CNAME",
  ttl: "60s",
  value: "edge.eu-central.genai-api.example",
};

async function createWorld(
  create: (route53: Route53) => RecoveryAction,
  input: object,
  interfere: (server: Route53Server) => Promise<Response>,
): Promise<RecoveryWorld> {
  const server = await startRoute53({ propagationMs: 80 });
  const client = createRoute53Client({ requestTimeoutMs: 10_000 });
  return {
    action: create(client),
    input,
    state: async () => ({ changes: server.changes(), records: server.records() }),
    writes: async () => server.writes(),
    interfere: async () => expect((await interfere(server)).status).toBe(200),
    disconnect: () => server.stop(),
    freeze: async () => server.api.setFault("hang"),
    async dispose() {
      client.close();
      await server.stop();
    },
  };
}

recoveryActionContract({
  name: "aws.route53-shift-weights",
  reversible: true,
  secrets: ["secret-that-nobody-may-see"],
  create: () => createWorld(createShiftWeights, shift, (server) => server.change("UPSERT", weighted("us-east-1", 55))),
});

recoveryActionContract({
  name: "aws.route53-change-record",
  reversible: true,
  secrets: ["secret-that-nobody-may-see"],
  create: () => createWorld(createChangeRecord, repoint, (server) => server.change("UPSERT", primary("ap-sg"))),
});

describe("the Route 53 actions", () => {
  let server: Route53Server;
  let client: Route53;
  let action: RecoveryAction;
  beforeEach(async () => {
    server = await startRoute53({ propagationMs: 150 });
    client = createRoute53Client({ requestTimeoutMs: 10_000 });
    action = createShiftWeights(client);
  });
  afterEach(async () => {
    client.close();
    await server.stop();
  });

  const look = (input: object = shift, overrides: Partial<ActionContext> = {}) =>
    action.assess(action.input.parse(input), actionContext(overrides));
  const seenBy = async (input: object = shift) => {
    const assessment = await look(input);
    if (assessment.state === "unknown") throw new Error(assessment.reason);
    return assessment.seen;
  };
  const apply = async (input: object = shift) =>
    action.apply!(action.input.parse(input), await seenBy(input), actionContext());
  const blockersOf = async (input: object = shift) => action.blockers?.(await seenBy(input), action.input.parse(input));

  it("is moving until the name servers have the change, when it knows which change is its own", async () => {
    const { handle } = await apply();
    expect(await look(shift, { handle: handle! })).toMatchObject({ state: "moving", seen: { propagation: "PENDING" } });
    await expect
      .poll(() => look(shift, { handle: handle! }))
      .toMatchObject({ state: "reached", seen: { propagation: "INSYNC" } });
  });

  it("judges by the records alone, and says so, when its change is not known", async () => {
    await apply();
    expect(await look()).toMatchObject({ state: "reached", seen: { propagation: "not known" } });
    expect(await look(shift, { handle: "CFORGOTTEN" })).toMatchObject({
      state: "reached",
      seen: { propagation: "not known" },
    });
  });

  it("changes all records of the name in one batch", async () => {
    await apply();
    expect(server.changes()).toBe(1);
    expect(server.records().filter(({ weight }) => weight !== undefined)).toEqual([
      { ...weighted("eu-central", 100), name: "api.genai-api.example." },
      { ...weighted("us-east-1", 0), name: "api.genai-api.example." },
    ]);
  });

  it("sees another TTL as away", async () => {
    await apply();
    expect(await look({ ...shift, ttl: "2s" })).toMatchObject({ state: "away" });
  });

  it("is blocked by a region with traffic that it does not name, and leaves one without traffic alone", async () => {
    await server.change("CREATE", weighted("ap-sg", 0));
    expect(await blockersOf()).toEqual([]);
    await apply();
    expect(await look()).toMatchObject({ state: "reached" });
    expect(server.records().map(({ setIdentifier }) => setIdentifier)).toContain("ap-sg");
    await server.change("UPSERT", weighted("ap-sg", 10));
    expect(await look()).toMatchObject({ state: "away" });
    expect(await blockersOf()).toEqual([
      "api.genai-api.example also has ap-sg (weight 10), which this step does not name",
    ]);
  });

  it("refuses weights that would answer with every region alike", () => {
    const records = shift.records.map((record) => ({ ...record, weight: 0 }));
    expect(() => action.input.parse({ ...shift, records })).toThrow("one weight must be above zero");
    expect(() =>
      action.input.parse({ ...shift, records: [shift.records[0], { ...shift.records[0], weight: 1 }] }),
    ).toThrow("may stand once");
    expect(() => action.input.parse({ ...shift, ttl: "1500ms" })).toThrow("whole number of seconds");
  });

  it("says what to do by hand while the change API is away, so that it can be pasted", async () => {
    const seen = await seenBy();
    server.api.setFault("unavailable");
    const error = await action.apply!(action.input.parse(shift), seen, actionContext()).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: "vendor-unavailable",
      retryable: true,
      summary: expect.stringContaining("503"),
    });
    const [, json] = /--hosted-zone-id Z0GENAIAPI --change-batch '(.*?)'/.exec(error.hint) ?? [];
    expect(JSON.parse(json ?? "").Changes[1].ResourceRecordSet).toMatchObject({
      SetIdentifier: "eu-central",
      Weight: 100,
      TTL: 60,
    });
    expect(error.hint).toContain("health check");
    server.api.setFault("throttle");
    const throttled = action.apply!(action.input.parse(shift), seen, actionContext());
    await expect(throttled).rejects.toMatchObject({ code: "vendor-throttled", retryable: true });
  });

  it("is unknown for a zone that does not exist", async () => {
    const reason = expect.stringContaining("NoSuchHostedZone");
    expect(await look({ ...shift, hostedZoneId: "ZNONE" })).toMatchObject({ state: "unknown", reason });
  });

  it("creates what does not exist, and takes it away again", async () => {
    action = createChangeRecord(client);
    const input = action.input.parse({ ...repoint, name: "new.genai-api.example" });
    const before = await seenBy(input as object);
    await action.apply!(input, before, actionContext());
    expect(await look(input as object)).toMatchObject({ state: "reached" });
    const back = await action.undo!.assess(before, input, actionContext());
    expect(back).toMatchObject({ state: "away" });
    await action.undo!.apply(before, input, "seen" in back ? back.seen : undefined, actionContext());
    expect(await look(input as object)).toMatchObject({ state: "away", seen: { records: [] } });
  });

  it("does not overwrite what somebody else created since it looked", async () => {
    action = createChangeRecord(client);
    const input = action.input.parse({ ...repoint, name: "new.genai-api.example" });
    const before = await seenBy(input as object);
    await server.change("CREATE", { ...primary("ap-sg"), name: "new.genai-api.example" });
    await expect(action.apply!(input, before, actionContext())).rejects.toMatchObject({
      code: "vendor-conflict",
      retryable: true,
    });
  });

  it("does not overwrite a weighted name with a simple record", async () => {
    action = createChangeRecord(client);
    expect(await blockersOf({ ...repoint, name: shift.name })).toEqual([
      expect.stringContaining("is not a simple record"),
    ]);
  });

  it("reads the shares of traffic as the zone has them, and none while it cannot", async () => {
    const source = createWeights(client);
    const { hostedZoneId, name, type } = shift;
    const limits = { signal: new AbortController().signal, timeoutMs: 10_000 };
    expect(await source.shares({ hostedZoneId, name, type }, limits)).toEqual({ "us-east-1": 1, "eu-central": 0 });
    await server.change("UPSERT", weighted("eu-central", 25));
    expect(await source.shares({ hostedZoneId, name, type }, limits)).toEqual({ "us-east-1": 0.8, "eu-central": 0.2 });
    server.api.setFault("hang");
    expect(await source.shares({ hostedZoneId, name, type }, { ...limits, timeoutMs: 300 })).toBeUndefined();
  });
});

/** What only the real service has: the lab keeps no health checks and no aliases. */
describe("record sets with more than values", () => {
  function createWithRecords(records: Awaited<ReturnType<Route53["list"]>>) {
    const batches: Parameters<Route53["change"]>[1][] = [];
    const route53: Route53 = {
      list: async () => records,
      async change(_, batch) {
        batches.push(batch);
        return "C1";
      },
      status: async () => "INSYNC",
      close: () => {},
    };
    return { action: createShiftWeights(route53), batches };
  }
  const values = ["edge.us-east-1.genai-api.example"];

  it("keeps the health check of a record that it creates again", async () => {
    const seen = { ttl: 60, values, setIdentifier: "us-east-1", weight: 100, healthCheckId: "hc-1" };
    const { action, batches } = createWithRecords([seen]);
    const input = action.input.parse(shift);
    await action.apply!(input, { records: [seen] }, actionContext());
    expect(batches[0]?.remove).toMatchObject([{ setIdentifier: "us-east-1", healthCheckId: "hc-1" }]);
    expect(batches[0]?.create.map(({ healthCheckId }) => healthCheckId)).toEqual(["hc-1", undefined]);
  });

  it("is blocked where deleting and creating would lose something", () => {
    const { action } = createWithRecords([]);
    const seen = { records: [{ ttl: 0, values: [], setIdentifier: "us-east-1", weight: 1, beyond: ["AliasTarget"] }] };
    expect(action.blockers?.(seen, action.input.parse(shift))).toEqual([
      "api.genai-api.example (us-east-1) has AliasTarget, which this step would lose",
    ]);
  });
});
