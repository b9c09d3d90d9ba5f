import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdapters } from "../../adapters/index.ts";
import type { AppState } from "../../src/state.ts";
import { approver1, approver2, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createRedisHost, flavours, type RedisHost, type RedisProcess, startLag } from "../helpers/redis.ts";

const LAG_MS = 400;

/** A planned move of a Redis whose replica gets everything late, while a client writes as fast as it may. */
describe(`a promotion behind a lagging replica, on ${flavours[0]}`, { timeout: 30_000 }, () => {
  let host: RedisHost;
  let primary: RedisProcess;
  let replica: RedisProcess;
  let lag: { port: number; stop(): void };
  let muster: TestMuster;
  let adapters: ReturnType<typeof createAdapters>;
  const acknowledged: string[] = [];

  beforeEach(async () => {
    host = createRedisHost(flavours[0]!);
    primary = await host.start();
    await primary.command("SET", "before", "it had data");
    lag = await startLag(primary.port, LAG_MS);
    replica = await host.start();
    await replica.command("REPLICAOF", "127.0.0.1", `${lag.port}`);
    await expect.poll(() => replica.info("master_link_status"), { timeout: 15_000, interval: 50 }).toBe("up");
    adapters = createAdapters({ secret: () => undefined, requestTimeoutMs: 1_000 });
    acknowledged.length = 0;
  });
  afterEach(async () => {
    await muster.stop();
    await adapters.close();
    lag.stop();
    await host.dispose();
  });

  async function propose(): Promise<AppState> {
    const fence = { url: primary.url, region: "east" };
    const promote = { url: replica.url, region: "west", store: "db" };
    const plan = makePlan(
      {
        failover: {
          steps: [
            makeStep("fence", { uses: "redis.fence-primary", with: fence }),
            makeStep("promote", { uses: "redis.promote-replica", with: promote, needs: ["fence"] }),
          ],
        },
      },
      {
        stores: {
          db: {
            kind: "redis",
            service: "api",
            lossBudgetSeconds: 0,
            copies: { east: { url: primary.url }, west: { url: replica.url } },
          },
        },
      },
    );
    muster = startMuster(plan, { registry: adapters.registry }, undefined, { requestTimeoutMs: 1_000 });
    await muster.verdict("east", "healthy");
    await muster.verdict("west", "healthy");
    await expect.poll(() => primary.info("master_repl_offset")).toBe(await settled());
    await muster.core.runs.propose("failover", { target: "west" }, operator);
    return muster.journal.load();
  }

  /** The position of the replica once it has everything. */
  async function settled(): Promise<string | undefined> {
    await expect
      .poll(async () => (await primary.info("master_repl_offset")) === (await replica.info("slave_repl_offset")), {
        interval: 20,
      })
      .toBe(true);
    return replica.info("slave_repl_offset");
  }

  /** Writes until the fence refuses it. */
  async function writeOn(): Promise<void> {
    for (let index = 0; ; index++) {
      try {
        await primary.command("SET", `record:${index}`, "x");
      } catch {
        return;
      }
      acknowledged.push(`record:${index}`);
    }
  }

  it("is held, and goes on by itself when every acknowledged write has arrived: nothing is lost", async () => {
    const { approvals } = await propose();
    expect(approvals["ap-1"]).toMatchObject({ mustAccept: [], envelope: { lossCeilingSeconds: { db: 0 } } });
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    const writing = writeOn();
    muster.start("executor");
    const state = await muster.until(({ approvals: all }) => all["ap-2"] !== undefined);
    await writing;
    expect(state.approvals["ap-2"]).toMatchObject({ beside: "ap-1", mustAccept: [{ id: "loss:db" }] });
    expect(state.runs["run-1"]?.steps[1]).toMatchObject({ phase: "pending", intents: 0 });
    expect(await replica.info("role")).toBe("slave");
    muster.start("sampler");
    const done = await muster.until(({ runs }) => runs["run-1"]?.phase === "completed", 15_000);
    expect(done.approvals["ap-2"]).toMatchObject({ phase: "closed", decisions: [] });
    expect(acknowledged.length).toBeGreaterThan(0);
    const there = await Promise.all(acknowledged.map((key) => replica.command("EXISTS", key)));
    expect(there.filter((one) => one !== 1)).toEqual([]);
  });

  it("loses what two people accepted by name, and the journal said how much before", async () => {
    await propose();
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
    // The link breaks with what is on its way: waiting does not help.
    const writing = writeOn();
    await expect.poll(() => acknowledged.length).toBeGreaterThan(0);
    lag.stop();
    muster.start("executor");
    await muster.until(({ approvals }) => approvals["ap-2"] !== undefined);
    await writing;
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-2", ["loss:db"], one);
    const state = await muster.until(({ runs, approvals }) => {
      return runs["run-1"]?.phase === "completed" || approvals["ap-3"] !== undefined;
    }, 10_000);
    const loss = state.runs["run-1"]?.steps[1]?.loss?.loss;
    const there = await Promise.all(acknowledged.map((key) => replica.command("EXISTS", key)));
    expect(there.filter((one) => one !== 1).length).toBeGreaterThan(0);
    expect(loss?.kind === "measured" && loss.bytes).toBeGreaterThan(0);
  });
});
