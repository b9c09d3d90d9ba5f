import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attachLab } from "../../lab/client.ts";
import { labPaths } from "../../lab/world/files.ts";
import { findRedis } from "../../lab/world/redis-server.ts";
import { eventually } from "../lab/eventually.ts";
import { allGone, calm, readyPods, regionOf, type TryWorld, tryWorld } from "../lab/try-world.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("The lab's world", () => {
  let world: TryWorld;
  beforeAll(async () => {
    world = await tryWorld();
    await calm(world);
  });
  afterAll(() => world.end());

  const lastPrimaries = async () => (await world.lab.traffic()).last10Seconds;

  it("serves through the public name and says how it is", async () => {
    expect(await world.ask("public", "/health")).toMatchObject({ status: 200, body: { region: "us-east-1" } });
    expect(await world.ask("eu-central", "/health/detailed")).toEqual({
      status: 200,
      body: { status: "ok", region: "eu-central", ready: 2, desired: 2, store: { role: "replica", linkUp: true } },
    });
    const { body } = await world.ask("us-east-1", "/stats");
    expect(body).toMatchObject({ windowSeconds: 10, errors: 0 });
    expect((body as { requests: number }).requests).toBeGreaterThan(0);
    expect((await world.lab.verify()).lost.count).toBe(0);
  });

  it("refuses orders without its token, orders that it does not know, and paths that it has not", async () => {
    const { addresses } = await world.lab.state();
    const { token } = JSON.parse(readFileSync(labPaths(world.data).world, "utf8"));
    const post = (path: string, body: string, bearer = token) =>
      fetch(addresses.control + path, { method: "POST", headers: { authorization: `Bearer ${bearer}` }, body });
    expect((await post("/faults", '{"kind":"kill","region":"us-east-1"}', "wrong")).status).toBe(401);
    expect((await post("/faults", '{"kind":"kill","region":"mars"}')).status).toBe(400);
    expect((await post("/faults", "{")).status).toBe(400);
    expect((await post("/faults", "x".repeat(20_000))).status).toBe(413);
    expect((await post("/nothing", "{}")).status).toBe(404);
    expect(readyPods(await world.region("us-east-1"))).toBe(10);
  });

  it("starts and stops processes when a deployment is scaled", async () => {
    expect(await world.scale("eu-central", 4)).toBe(200);
    await eventually(async () => {
      const region = await world.region("eu-central");
      expect(readyPods(region)).toBe(4);
      expect(region.deployments[0]).toMatchObject({ replicas: 4, readyReplicas: 4 });
    });
    const pids = (await world.region("eu-central")).pods.map(({ pid }) => pid);
    expect(await world.scale("eu-central", 2)).toBe(200);
    await allGone(pids.slice(2), 5000);
    await eventually(async () => expect(readyPods(await world.region("eu-central"))).toBe(2));
  });

  it("replaces a pod that dies", async () => {
    const victim = (await world.region("eu-central")).pods[0]!;
    process.kill(victim.pid, "SIGKILL");
    await eventually(async () =>
      expect((await world.region("eu-central")).pods.some(({ pid }) => pid === victim.pid)).toBe(false),
    );
    await eventually(async () => expect(readyPods(await world.region("eu-central"))).toBe(2));
  });

  it("moves traffic by weight once the change is INSYNC and the TTL is over, and the writes still go to the primary", async () => {
    await world.weights({ "us-east-1": 50, "eu-central": 50 });
    await eventually(async () => {
      const { byRegion } = await lastPrimaries();
      expect(byRegion["eu-central"] ?? 0).toBeGreaterThan(20);
      expect(byRegion["us-east-1"] ?? 0).toBeGreaterThan(20);
    }, 15_000);
    expect(Object.keys((await lastPrimaries()).byPrimary)).toEqual(["us-east-1"]);
    await world.weights({ "us-east-1": 100, "eu-central": 0 });
    // Only those that ignore the TTL may stay, and they never left.
    await eventually(async () => expect((await lastPrimaries()).byRegion["eu-central"]).toBeUndefined(), 20_000);
  });

  it("breaks and mends one API at a time, and names go on resolving", async () => {
    await world.lab.fault({ kind: "break-api", api: "route53", mode: "unavailable" });
    await expect(world.weights({ "us-east-1": 1, "eu-central": 1 })).rejects.toThrow();
    await world.lab.fault({ kind: "break-api", api: "kubernetes:eu-central", mode: "throttle" });
    expect(await world.scale("eu-central", 3)).toBe(429);
    expect(await world.ask("public", "/health")).toMatchObject({ status: 200 });
    expect((await world.lab.state()).apiFaults).toEqual({
      route53: "unavailable",
      "kubernetes:eu-central": "throttle",
    });
    await world.lab.fault({ kind: "mend-api", api: "route53" });
    await world.lab.fault({ kind: "mend-api", api: "kubernetes:eu-central" });
    await world.weights({ "us-east-1": 100, "eu-central": 0 });
    expect(await world.scale("eu-central", 2)).toBe(200);
    expect((await world.lab.state()).apiFaults).toEqual({});
  });

  it("slows a region down", async () => {
    await world.lab.fault({ kind: "slow", region: "eu-central", delayMs: 300 });
    const before = performance.now();
    await world.ask("eu-central", "/health");
    expect(performance.now() - before).toBeGreaterThan(290);
    expect(await world.lab.fault({ kind: "slow", region: "eu-central", delayMs: 0 })).toBe(true);
    expect(await world.lab.fault({ kind: "slow", region: "eu-central", delayMs: 0 })).toBe(false);
  });

  it("cuts a region off, so that everything from outside hangs, and lets it come back", async () => {
    await world.lab.fault({ kind: "partition", region: "us-east-1" });
    expect((await world.ask("us-east-1", "/health", 300)).status).toBe("TimeoutError");
    await expect(world.redis("us-east-1", "PING")).rejects.toThrow("No answer");
    await expect(world.scale("us-east-1", 9)).rejects.toThrow();
    await eventually(async () => expect((await world.lab.traffic()).outage?.firstGoodAt).toBeUndefined());
    // The replica on the other side notices, although no connection was closed.
    await eventually(async () => expect((await world.region("eu-central")).redis.linkUp).toBe(false), 10_000);
    await world.lab.fault({ kind: "heal", region: "us-east-1" });
    await eventually(async () => expect((await world.ask("us-east-1", "/health")).status).toBe(200));
    await eventually(async () => expect((await world.region("eu-central")).redis.linkUp).toBe(true), 15_000);
    await eventually(async () => expect((await world.lab.traffic()).outage?.endedBy).toBe("us-east-1"));
    expect((await world.lab.verify()).lost.count).toBe(0);
    expect((await world.region("us-east-1")).deployments[0]?.replicas).toBe(10);
  });

  it("cuts a partitioned replica from the primary outside, too", async () => {
    await world.lab.fault({ kind: "partition", region: "eu-central" });
    await eventually(async () => expect((await world.region("eu-central")).redis.linkUp).toBe(false), 10_000);
    expect(await world.ask("public", "/health")).toMatchObject({ status: 200 });
    await world.lab.fault({ kind: "heal", region: "eu-central" });
    await eventually(async () => expect((await world.region("eu-central")).redis.linkUp).toBe(true), 15_000);
  });

  it("freezes a region, which hangs, and thaws it where it was", async () => {
    const { pods } = await world.region("us-east-1");
    await world.lab.fault({ kind: "freeze", region: "us-east-1" });
    expect((await world.ask("us-east-1", "/health", 300)).status).toBe("TimeoutError");
    await pause(1500);
    expect((await world.lab.traffic()).outage?.firstGoodAt).toBeUndefined();
    await world.lab.fault({ kind: "thaw", region: "us-east-1" });
    await eventually(async () => expect((await world.ask("us-east-1", "/health")).status).toBe(200));
    expect((await world.region("us-east-1")).pods).toEqual(pods);
    await eventually(async () => expect((await world.lab.verify()).lost.count).toBe(0));
  });
});

const [chosen, standIn] = [findRedis(process.env.MUSTER_LAB_REDIS), findRedis("stand-in")];
const flavours = chosen.flavour === standIn.flavour ? [standIn] : [chosen, standIn];

describe.each(flavours)("A region that dies with $label", ({ flavour, label }) => {
  let world: TryWorld;
  beforeAll(async () => {
    world = await tryWorld(flavour === "stand-in" ? { MUSTER_LAB_REDIS: "stand-in" } : {});
    await calm(world);
  });
  afterAll(() => world.end());

  it("takes acknowledged writes with it when its replication lags, and the traffic generator counts them", async () => {
    await world.lab.fault({ kind: "replication-lag", region: "us-east-1", lagMs: 400 });
    await pause(2500);
    await world.lab.fault({ kind: "kill", region: "us-east-1" });
    expect((await world.ask("us-east-1", "/health")).status).toBe("ECONNREFUSED");
    expect((await world.ask("public", "/health")).status).toBe(502);
    await expect(world.scale("us-east-1", 1)).rejects.toThrow();
    await pause(1200);
    await eventually(async () =>
      expect((await world.lab.traffic()).outage).toMatchObject({ seconds: expect.any(Number) }),
    );
    await world.redis("eu-central", "REPLICAOF", "NO", "ONE");
    await world.scale("eu-central", 10);
    await world.weights({ "us-east-1": 0, "eu-central": 100 });
    await eventually(async () => expect((await world.lab.traffic()).outage?.endedBy).toBe("eu-central"), 15_000);
    await eventually(async () => expect((await world.lab.state()).primary).toBe("eu-central"));
    expect((await world.region("eu-central")).redis.label).toBe(label);
    const { lost, splitBrain, primary } = await world.lab.verify();
    expect(primary).toBe("eu-central");
    // 40 a second, 0.4 s of them on their way.
    expect(lost.count).toBeGreaterThan(4);
    expect(lost.count).toBeLessThan(40);
    expect(lost.spanSeconds).toBeLessThan(1);
    expect(splitBrain.count).toBe(0);
  });

  it("comes back with its old Redis as a primary that takes writes, and what it takes is split brain", async () => {
    const before = await world.lab.verify();
    await world.lab.fault({ kind: "restore", region: "us-east-1" });
    await eventually(async () => expect(readyPods(await world.region("us-east-1"))).toBe(10), 15_000);
    await eventually(async () => {
      const { redis } = await world.region("us-east-1");
      expect(redis).toMatchObject({ role: "primary", minReplicasToWrite: 0 });
    });
    expect((await world.region("us-east-1")).replicationLagMs).toBe(400);
    expect(await world.redis("us-east-1", "DBSIZE")).toBeGreaterThan(50);
    // Those that ignore the TTL still write there.
    await eventually(async () => expect((await world.lab.verify()).splitBrain.count).toBeGreaterThan(5), 15_000);
    expect((await world.lab.verify()).lost).toEqual(before.lost);
    expect((await world.lab.state()).primary).toBe("eu-central");
  });

  it("stays fenced and a follower through a stop and a start", async () => {
    await world.redis("us-east-1", "CONFIG", "SET", "min-replicas-to-write", 2_147_483_647);
    await eventually(async () =>
      expect((await world.region("us-east-1")).redis.minReplicasToWrite).toBe(2_147_483_647),
    );
    const follow = new URL((await world.region("eu-central")).addresses.redis);
    await world.redis("us-east-1", "REPLICAOF", "127.0.0.1", follow.port);
    await world.lab.fault({ kind: "replication-lag", region: "us-east-1", lagMs: 0 });
    await eventually(async () => expect((await world.region("us-east-1")).redis.linkUp).toBe(true), 15_000);
    const before = await world.lab.state();
    await world.again();
    await calm(world, { "us-east-1": 10, "eu-central": 10 });
    const after = await world.lab.state();
    expect(after.addresses).toEqual(before.addresses);
    expect(after.zones).toEqual(before.zones);
    expect(after.eras).toEqual(before.eras);
    for (const code of ["us-east-1", "eu-central"]) {
      const b = regionOf(before, code);
      expect(regionOf(after, code).addresses).toEqual(b.addresses);
      await eventually(async () =>
        expect({ ...(await world.region(code)).redis, pid: 0 }).toEqual({ ...b.redis, pid: 0 }),
      );
    }
    // The numbers of the records go on in a new million.
    await eventually(async () => expect((await world.lab.traffic()).last?.record).toBeGreaterThan(2_000_000));
    expect((await world.lab.verify()).lost.count).toBe(0);
  });

  it("has forgotten its fence and whom it followed when it died and is restored", async () => {
    await world.lab.fault({ kind: "kill", region: "us-east-1" });
    await world.lab.fault({ kind: "restore", region: "us-east-1" });
    await eventually(async () => {
      const { redis } = await world.region("us-east-1");
      expect(redis).toMatchObject({ role: "primary", minReplicasToWrite: 0 });
      expect(redis.replicaOf).toBeUndefined();
    });
    // That is no promotion: the other region's acknowledgements still count.
    expect((await world.lab.state()).primary).toBe("eu-central");
  });
});

describe("A world", () => {
  it("loses nothing that was acknowledged when a region dies and replication did not lag, and stays killed when it is stopped", async () => {
    const world = await tryWorld();
    try {
      await calm(world);
      await pause(1000);
      await world.lab.fault({ kind: "kill", region: "us-east-1" });
      await world.redis("eu-central", "REPLICAOF", "NO", "ONE");
      await world.weights({ "us-east-1": 0, "eu-central": 100 });
      await eventually(async () => expect((await world.lab.traffic()).outage?.endedBy).toBe("eu-central"), 15_000);
      const verified = await world.lab.verify();
      expect(verified.acknowledged).toBeGreaterThan(30);
      expect(verified.lost.count).toBe(0);
      await world.again();
      expect((await world.region("us-east-1")).killed).toBe(true);
      expect((await world.region("us-east-1")).pods).toEqual([]);
      await eventually(async () => expect((await world.ask("public", "/health")).status).toBe(200), 10_000);
    } finally {
      await world.end();
    }
  });

  it("leaves no process behind when it is killed with -9, a frozen region and Redis included, and goes on from there", async () => {
    const world = await tryWorld();
    try {
      await calm(world);
      await world.lab.fault({ kind: "freeze", region: "eu-central" });
      const { processes, pid, addresses } = await world.lab.state();
      expect(processes.length).toBeGreaterThan(16);
      process.kill(pid, "SIGKILL");
      await allGone(
        processes.map((child) => child.pid),
        3000,
      );
      expect(await attachLab(world.data)).toBeUndefined();
      await world.again();
      const state = await world.lab.state();
      expect(state.addresses).toEqual(addresses);
      expect(regionOf(state, "eu-central").frozen).toBe(true);
      await eventually(
        async () => expect((await world.ask("eu-central", "/health", 200)).status).toBe("TimeoutError"),
        10_000,
      );
      await world.lab.fault({ kind: "thaw", region: "eu-central" });
      await calm(world);
    } finally {
      await world.end();
    }
  });

  it("ends by itself when nobody uses it any more", async () => {
    // On a busy machine what is asked after six seconds may be answered after nine.
    const world = await tryWorld({ MUSTER_LAB_IDLE_MS: "10000" });
    try {
      const { processes, pid } = await world.lab.state();
      await pause(6_000);
      await world.lab.heartbeat();
      await pause(6_000);
      expect((await attachLab(world.data))?.pid).toBe(pid);
      await allGone([pid, ...processes.map((child) => child.pid)], 30_000);
    } finally {
      await world.end();
    }
  });
});
