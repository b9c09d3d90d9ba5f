import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCompare } from "../../adapters/redis/compare.ts";
import { fingerprint } from "../../adapters/redis/compare-copies.ts";
import { createRedisConnections } from "../../adapters/redis/connections.ts";
import type { Divergence } from "../../src/detection/events.ts";
import type { ActionContext, Assessment } from "../../src/ports.ts";
import { createRedisHost, flavours, type RedisHost, type RedisProcess, startLag } from "../helpers/redis.ts";

const FENCE = ["CONFIG", "SET", "min-replicas-to-write", "2147483647"] as const;
const connections = createRedisConnections({ secret: () => undefined });
const action = createCompare(connections);

describe.each(flavours)("redis.compare on %s", (flavour) => {
  let host: RedisHost;
  let old: RedisProcess;
  let taken: RedisProcess;

  /** A failover with the old primary cut off: from here on each copy has a history of its own. */
  beforeEach(async () => {
    host = createRedisHost(flavour);
    old = await host.start();
    taken = await host.start({ replicaOf: old });
    for (let index = 0; index < 40; index++) await old.command("SET", `both:${index}`, `value ${index}`);
    await expect.poll(() => taken.command("GET", "both:39"), { interval: 20 }).toBe("value 39");
    await taken.command("REPLICAOF", "NO", "ONE");
  });
  afterEach(() => host.dispose());

  const context = (more: Partial<ActionContext> = {}): ActionContext => ({
    signal: AbortSignal.timeout(10_000),
    requestTimeoutMs: 2_000,
    token: "run-2/compare/1",
    now: () => Date.now(),
    startedAt: new Date().toISOString(),
    ...more,
  });
  const compare = async (input: object = {}, more: Partial<ActionContext> = {}) => {
    const parsed = action.input.parse({
      url: old.url,
      region: "us-east-1",
      primary: taken.url,
      store: "sessions",
      ...input,
    });
    return (await action.assess(parsed, context(more))) as Assessment<Divergence>;
  };
  const found = async (input: object = {}): Promise<Divergence> => {
    const seen = await compare(input);
    if (seen.state !== "reached") throw new Error(JSON.stringify(seen));
    return action.compares!.found(seen.seen);
  };

  it("finds nothing where both hold the same", async () => {
    await old.command(...FENCE);
    expect(await found()).toMatchObject({ compared: 40, onlyOld: 0, onlyNew: 0, differing: 0, examples: [] });
    expect((await found()).cut).toBeUndefined();
  });

  it("finds what only the old copy holds, what only the new one holds, and what differs", async () => {
    await old.command("SET", "lost:1", "written and never replicated");
    await old.command("SET", "both:1", "changed in the old one");
    await taken.command("SET", "both:2", "changed in the new one");
    await taken.command("SET", "new:1", "written since");
    await taken.command("SET", "new:2", "written since");
    await old.command(...FENCE);
    const seen = await found();
    expect(seen).toMatchObject({ onlyOld: 1, onlyNew: 2, differing: 2, compared: 41, shown: "hashes" });
    expect(seen.examples).toContainEqual({ what: "only-old", record: fingerprint(0, "lost:1") });
    expect(seen.examples.filter(({ what }) => what === "differing")).toHaveLength(2);
    expect(JSON.stringify(seen)).not.toContain("lost:1");
    expect(seen.bytesOnlyOld).toBeGreaterThan(0);
    expect(seen.bytesOnlyNew).toBeGreaterThan(0);
  });

  it("gives names only where the plan says so, and no more examples than it says", async () => {
    for (let index = 0; index < 5; index++) await old.command("SET", `lost:${index}`, "x");
    await old.command(...FENCE);
    const seen = await found({ names: true, examples: 2 });
    expect(seen).toMatchObject({ onlyOld: 5, shown: "names" });
    expect(seen.examples.map(({ record }) => record.slice(0, 5))).toEqual(["lost:", "lost:"]);
  });

  it("says so when it was cut by count, by bytes or by time", async () => {
    await old.command(...FENCE);
    for (let index = 0; index < 1_200; index++) await taken.command("SET", `new:${index}`, "x");
    expect((await found({ maxKeys: 500 })).cut).toContain("keys");
    expect((await found({ maxBytes: 10 })).cut).toContain("bytes");
    let now = Date.now();
    const late = await compare({ within: 100 }, { now: () => (now += 1_000) });
    expect(late).toMatchObject({ state: "reached", seen: { cut: expect.stringContaining("100 ms") } });
  });

  it("does not compare a copy that takes writes, and does not call one complete that follows already", async () => {
    expect(await compare()).toMatchObject({ state: "away", seen: { cut: expect.stringContaining("fence it first") } });
    await old.command("REPLICAOF", "127.0.0.1", `${taken.port}`);
    await expect.poll(() => old.info("master_link_status"), { interval: 20 }).toBe("up");
    expect((await found()).cut).toContain("follows already");
  });

  it("compares nothing before its run, and says unknown where one of them does not answer", async () => {
    const { startedAt: _, ...before } = context();
    const parsed = action.input.parse({ url: old.url, region: "r", primary: taken.url, store: "sessions" });
    expect(await action.assess(parsed, before)).toMatchObject({ state: "away" });
    await old.command(...FENCE);
    await taken.kill();
    expect(await compare()).toMatchObject({ state: "unknown" });
  });

  it("lists exactly what a lagging replica had not received", async () => {
    const lag = await startLag(old.port, 300);
    await taken.command("REPLICAOF", "127.0.0.1", `${lag.port}`);
    await expect.poll(() => taken.info("master_link_status"), { interval: 20 }).toBe("up");
    const written = Array.from({ length: 30 }, (_, index) => `record:${index}`);
    for (const key of written) await old.command("SET", key, "x");
    await taken.command("REPLICAOF", "NO", "ONE");
    lag.stop();
    await old.command(...FENCE);
    const arrived = await Promise.all(written.map((key) => taken.command("EXISTS", key)));
    const lost = written.filter((_, index) => arrived[index] !== 1).map((key) => fingerprint(0, key));
    expect(lost.length).toBeGreaterThan(0);
    const seen = await found({ examples: 500 });
    expect(seen.examples.map(({ record }) => record).sort()).toEqual(lost.sort());
  });
});
