import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createRedisConnections } from "../../adapters/redis/connections.ts";
import { createFencePrimary } from "../../adapters/redis/fence-primary.ts";
import { createFollow } from "../../adapters/redis/follow.ts";
import { createSnapshot } from "../../adapters/redis/snapshot.ts";
import { actionContext, everythingIn } from "../contracts/recovery-action.ts";
import { apply, blockersOf, look, seenBy } from "../helpers/action.ts";
import { dumpsOf, type RedisProcess, startLag } from "../helpers/redis.ts";
import { flavour, useRedis } from "../helpers/use-redis.ts";

const FENCE = "2147483647";
const secrets: Record<string, string> = { wrong: "not-the-password" };

describe(`following and saving on ${flavour}`, () => {
  const connections = createRedisConnections({ secret: (name) => secrets[name] });
  const fence = createFencePrimary(connections);
  const follow = createFollow(connections);
  const snapshot = createSnapshot(connections);
  const region = "us-east-1";
  const { start, poll, synced } = useRedis();

  describe("redis.follow", () => {
    const input = (from: RedisProcess, to: RedisProcess) => ({ url: from.url, region, primary: to.url });

    it("takes a follower that lags a little behind steady writes for caught up, whatever its way to the primary", async () => {
      const primary = await start();
      const returned = await start();
      const lag = await startLag(primary.port, 100);
      await returned.command("REPLICAOF", "127.0.0.1", `${lag.port}`);
      await synced(returned);
      const timer = setInterval(() => primary.command("INCR", "record").catch(() => {}), 5);
      onTestFinished(() => {
        clearInterval(timer);
        lag.stop();
      });
      const wanted = [follow, input(returned, primary), { requestTimeoutMs: 2_000 }] as const;
      // The first look comes while the first sync may still be under way.
      await poll(async () => (await look(...wanted)).state).toBe("reached");
      for (let n = 0; n < 3; n += 1)
        expect(await look(...wanted)).toMatchObject({ state: "reached", seen: { behind: 0 } });
    });

    it("does not take a replica of another primary for a follower of this one", async () => {
      const primary = await start();
      const other = await start();
      for (let n = 0; n < 20; n += 1) await other.command("SET", `record:${n}`, "x".repeat(100));
      const replica = await start({ replicaOf: other });
      await synced(replica);
      expect(await look(follow, input(replica, primary))).toMatchObject({ state: "away" });
    });

    it.runIf(flavour === "redis-server")("shows no password when the server refuses to be told it", async () => {
      const primary = await start({ password: "right" });
      const returned = await start({ password: "right" });
      await returned.command("ACL", "SETUSER", "default", "-config|set");
      secrets.right = "right-and-secret";
      await primary.command("CONFIG", "SET", "requirepass", secrets.right);
      await returned.command("ACL", "SETUSER", "default", `>${secrets.right}`);
      const wanted = { ...input(returned, primary), passwordFrom: "right" };
      const error = await apply(follow, wanted).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: "vendor-rejected",
        retryable: false,
        summary: expect.stringContaining("NOPERM"),
      });
      expect(everythingIn(error)).not.toContain(secrets.right);
    });

    it("is moving while it is told to follow a primary that it cannot reach", async () => {
      const primary = await start({ password: "right" });
      secrets.right = "right";
      const returned = await start({ password: "right" });
      await returned.command("CONFIG", "SET", "masterauth", "wrong");
      await returned.command("REPLICAOF", "127.0.0.1", `${primary.port}`);
      expect(await look(follow, { ...input(returned, primary), passwordFrom: "right" })).toMatchObject({
        state: "moving",
      });
    });

    it("is unknown when the primary does not answer, whatever the follower says", async () => {
      const primary = await start();
      const replica = await start({ replicaOf: primary });
      await synced(replica);
      primary.freeze();
      expect(await look(follow, input(replica, primary))).toMatchObject({ state: "unknown" });
    });

    it("is blocked from following a replica, a fenced primary, or itself", async () => {
      const primary = await start();
      const replica = await start({ replicaOf: primary });
      await synced(replica);
      expect(await blockersOf(follow, input(primary, replica))).toEqual([
        expect.stringContaining("is a replica itself"),
      ]);
      const fenced = await start({ config: [`min-replicas-to-write ${FENCE}`] });
      expect(await blockersOf(follow, input(primary, fenced))).toEqual([expect.stringContaining("takes no writes")]);
      expect(await blockersOf(follow, input(primary, primary))).toEqual([expect.stringContaining("the same Redis")]);
    });

    it("is blocked from discarding what is being written, until that copy is fenced", async () => {
      const primary = await start();
      const returned = await start();
      await returned.command("SET", "only:here", "1");
      expect(await blockersOf(follow, input(returned, primary))).toEqual([expect.stringContaining("fence it first")]);
      await apply(fence, { url: returned.url, region });
      expect(await blockersOf(follow, input(returned, primary))).toEqual([]);
    });

    it("is not blocked before the run by what earlier steps will change", async () => {
      const primary = await start();
      const replica = await start({ replicaOf: primary });
      await synced(replica);
      const { startedAt: _, ...before } = actionContext();
      const wanted = follow.input.parse(input(primary, replica));
      const assessment = await follow.assess(wanted, before);
      if (assessment.state !== "away") throw new Error(assessment.state);
      expect(follow.blockers?.(assessment.seen, wanted)).toEqual([]);
    });

    it("does not follow a primary that was fenced since it looked", async () => {
      const primary = await start();
      const returned = await start();
      const wanted = follow.input.parse(input(returned, primary));
      const seen = await seenBy(follow, input(returned, primary));
      await primary.command("CONFIG", "SET", "min-replicas-to-write", FENCE);
      await expect(follow.apply!(wanted, seen, actionContext())).rejects.toMatchObject({ code: "vendor-conflict" });
      expect(await returned.info("role")).toBe("master");
    });
  });

  describe("redis.snapshot", () => {
    const input = ({ url }: RedisProcess) => ({ url, region, name: "diverged-run-1" });
    const saved = async (redis: RedisProcess) => {
      const { handle } = await apply(snapshot, input(redis));
      await poll(async () => (await look(snapshot, input(redis), { handle: handle! })).state).toBe("reached");
      return handle!;
    };

    it("keeps the data under its own name and puts the server's file name back", async () => {
      const redis = await start();
      await redis.command("SET", "only:here", "divergent-value");
      await saved(redis);
      expect(dumpsOf(redis)).toEqual(["diverged-run-1.rdb"]);
      expect(readFileSync(join(redis.directory, "diverged-run-1.rdb"), "latin1")).toContain("divergent-value");
      expect(await redis.command("CONFIG", "GET", "dbfilename")).toEqual(["dbfilename", "dump.rdb"]);
    });

    it("makes the copy again when the handle was lost, and puts a name of ours that stayed in force back", async () => {
      const redis = await start();
      await redis.command("SET", "only:here", "1");
      await redis.command("CONFIG", "SET", "dbfilename", "diverged-run-1.rdb");
      expect(await look(snapshot, input(redis))).toMatchObject({ state: "away" });
      await saved(redis);
      expect(await redis.command("CONFIG", "GET", "dbfilename")).toEqual(["dbfilename", "dump.rdb"]);
    });

    it("does not take another run's copy, nor one from before a restart, for its own", async () => {
      const redis = await start();
      const handle = await saved(redis);
      expect(await look(snapshot, { ...input(redis), name: "diverged-run-2" }, { handle })).toMatchObject({
        state: "away",
      });
      await redis.kill();
      await redis.startAgain();
      // A save of somebody else's since then proves nothing about ours.
      await redis.command("BGSAVE");
      await poll(() => redis.info("rdb_bgsave_in_progress")).toBe("0");
      expect(await look(snapshot, input(redis), { handle })).toMatchObject({ state: "away" });
    });

    it("is blocked where the server does not let its file name be changed, and says what it needs", async () => {
      const redis = await start({ config: ["enable-protected-configs no"] });
      expect(await blockersOf(snapshot, input(redis))).toEqual([expect.stringContaining("enable-protected-configs")]);
      await expect(apply(snapshot, input(redis))).rejects.toMatchObject({ code: "vendor-rejected" });
    });

    it("takes no name that could leave the server's directory", () => {
      for (const name of ["../x", "a/b", ".hidden", ""]) {
        expect(snapshot.input.safeParse({ url: "redis://127.0.0.1", region, name }).success, name).toBe(false);
      }
    });
  });
});
