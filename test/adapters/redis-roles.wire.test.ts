import { describe, expect, it } from "vitest";
import { createRedisConnections } from "../../adapters/redis/connections.ts";
import { createFencePrimary } from "../../adapters/redis/fence-primary.ts";
import { createPromoteReplica } from "../../adapters/redis/promote-replica.ts";
import { apply, blockersOf, look } from "../helpers/action.ts";
import type { RedisProcess } from "../helpers/redis.ts";
import { flavour, useRedis } from "../helpers/use-redis.ts";

const FENCE = "2147483647";
const secrets: Record<string, string> = { wrong: "not-the-password" };

describe(`fencing and promoting on ${flavour}`, () => {
  const connections = createRedisConnections({ secret: (name) => secrets[name] });
  const fence = createFencePrimary(connections);
  const promote = createPromoteReplica(connections);
  const region = "us-east-1";
  const { start, poll, synced, durable } = useRedis();

  describe("redis.fence-primary", () => {
    it("makes a primary refuse writes, and keeps that over a restart", async () => {
      const primary = await start();
      await primary.command("SET", "before", "1");
      await apply(fence, { url: primary.url, region });
      await expect(primary.command("SET", "after", "1")).rejects.toThrow("NOREPLICAS");
      await primary.kill();
      await primary.startAgain();
      expect(await look(fence, { url: primary.url, region })).toMatchObject({ state: "reached" });
      await expect(primary.command("SET", "after", "1")).rejects.toThrow("NOREPLICAS");
    });

    it("switches the check on where a maximum lag of zero had switched it off", async () => {
      const primary = await start({ config: ["min-replicas-max-lag 0", `min-replicas-to-write ${FENCE}`] });
      expect(await look(fence, { url: primary.url, region })).toMatchObject({ state: "away" });
      await apply(fence, { url: primary.url, region });
      await expect(primary.command("SET", "after", "1")).rejects.toThrow("NOREPLICAS");
    });

    it("takes a replica for fenced, as it takes no writes", async () => {
      const primary = await start();
      const replica = await start({ replicaOf: primary });
      await synced(replica);
      expect(await look(fence, { url: replica.url, region })).toMatchObject({ state: "reached" });
    });

    it.runIf(flavour === "redis-server")("does not take a replica that clients may write to for fenced", async () => {
      const primary = await start();
      const replica = await start({ replicaOf: primary, config: ["replica-read-only no"] });
      await synced(replica);
      expect(await look(fence, { url: replica.url, region })).toMatchObject({ state: "away" });
      await apply(fence, { url: replica.url, region });
      await expect(replica.command("SET", "after", "1")).rejects.toThrow("READONLY");
    });

    it("names a secret that is not set, and a password that is refused, without showing one", async () => {
      const primary = await start({ password: "right" });
      const unset = await look(fence, { url: primary.url, region, passwordFrom: "sessions" });
      expect(unset).toMatchObject({ state: "unknown", reason: expect.stringContaining("The secret sessions") });
      const wrong = await look(fence, { url: primary.url, region, passwordFrom: "wrong" });
      expect(wrong).toMatchObject({
        state: "unknown",
        reason: expect.stringContaining("does not accept our password"),
      });
      const inUrl = primary.url.replace("//", "//:not-the-password@");
      const refused = await look(fence, { url: inUrl, region });
      expect(refused.state).toBe("unknown");
      expect(JSON.stringify([unset, wrong, refused])).not.toContain("not-the-password");
    });
  });

  describe("redis.promote-replica", () => {
    const input = ({ url }: RedisProcess) => ({ url, region, store: "sessions" });

    it("lets a copy that was fenced once take writes, and keeps that over a restart", async () => {
      const primary = await start();
      await primary.command("SET", "record:1", "one");
      const replica = await start({ replicaOf: primary, config: [`min-replicas-to-write ${FENCE}`] });
      await poll(() => replica.command("GET", "record:1")).toBe("one");
      await durable(replica);
      await primary.kill();
      expect(await blockersOf(promote, input(replica))).toEqual([]);
      await apply(promote, input(replica));
      expect(await look(promote, input(replica))).toMatchObject({ state: "reached" });
      await replica.command("SET", "record:2", "two");
      await replica.kill();
      await replica.startAgain();
      expect(await look(promote, input(replica))).toMatchObject({ state: "reached" });
      expect(await replica.command("GET", "record:1")).toBe("one");
    });

    it("lifts a demand for replicas that a lone primary could not meet, and says so", async () => {
      const primary = await start();
      const replica = await start({ replicaOf: primary, config: ["min-replicas-to-write 1"] });
      await synced(replica);
      const { note } = await apply(promote, input(replica));
      expect(note).toContain("min-replicas-to-write 1 → 0");
      await replica.command("SET", "record:1", "one");
    });

    it("is blocked for a replica that never had any data", async () => {
      const gone = await start();
      await gone.kill();
      const replica = await start({ replicaOf: gone });
      expect(await blockersOf(promote, input(replica))).toEqual([expect.stringContaining("never finished a sync")]);
    });

    it("is not blocked for a replica that restarted with its data while its primary was away", async () => {
      const primary = await start();
      await primary.command("SET", "record:1", "one");
      const replica = await start({ replicaOf: primary });
      await poll(() => replica.command("GET", "record:1")).toBe("one");
      await durable(replica);
      await primary.kill();
      await replica.kill();
      await replica.startAgain();
      expect(await blockersOf(promote, input(replica))).toEqual([]);
    });

    it("is blocked for a fenced primary: another copy may have taken over", async () => {
      const primary = await start({ config: [`min-replicas-to-write ${FENCE}`] });
      expect(await blockersOf(promote, input(primary))).toEqual([expect.stringContaining("not a replica")]);
    });
  });
});
