import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createRedisConnections } from "../../adapters/redis/connections.ts";
import { createPing } from "../../adapters/redis/ping.ts";
import { createReplicationSource } from "../../adapters/redis/replication.ts";
import { flavour, useRedis } from "../helpers/use-redis.ts";

const limits = { signal: new AbortController().signal, timeoutMs: 10_000 };
/** For a Redis that does not answer. */
const short = { ...limits, timeoutMs: 300 };

describe(`reading from ${flavour}`, () => {
  const connections = createRedisConnections({ secret: () => undefined });
  const ping = createPing(connections);
  const replication = createReplicationSource(connections);
  const { start } = useRedis();

  it("tells a good Redis from one that is gone, and from one that is frozen", async () => {
    const redis = await start();
    expect(await ping.run({ url: redis.url }, limits)).toMatchObject({ ok: true, detail: "PONG" });
    redis.freeze();
    const frozen = await ping.run({ url: redis.url }, short);
    expect(frozen).toMatchObject({ ok: false, detail: "did not answer in time" });
    expect(frozen.latencyMs).toBeLessThan(limits.timeoutMs / 2);
    await redis.kill();
    expect(await ping.run({ url: redis.url }, limits)).toMatchObject({
      ok: false,
      detail: "cannot be reached (ECONNREFUSED)",
    });
  });

  it("says the same of a Redis that ends the connection, however far the client has read that", async () => {
    const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const target = { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const closed = { code: "vendor-unavailable", summary: expect.stringContaining("closed the connection") };
    await expect(connections.use(target, limits, (redis) => redis.info())).rejects.toMatchObject(closed);
    const whenEnded = connections.use(target, limits, async (redis) => {
      await once((redis as unknown as { stream: Socket }).stream, "end");
      return redis.info();
    });
    await expect(whenEnded).rejects.toMatchObject(closed);
    server.close();
  });

  it("leaves no connection behind", async () => {
    const redis = await start();
    for (let n = 0; n < 5; n += 1) await ping.run({ url: redis.url }, limits);
    if (flavour === "redis-server") await expect.poll(() => redis.info("connected_clients")).toBe("1");
  });

  it("compares the positions of a primary and its replica in one history", async () => {
    const primary = await start();
    const replica = await start({ replicaOf: primary });
    await primary.command("SET", "record:1", "one");
    await expect.poll(() => replica.command("GET", "record:1")).toBe("one");
    await expect
      .poll(async () => {
        const [first, second] = await Promise.all(
          [primary, replica].map(({ url }) => replication.position({ url }, limits)),
        );
        return { same: first?.history === second?.history, behind: (first?.position ?? 0) - (second?.position ?? 0) };
      })
      .toEqual({ same: true, behind: 0 });
    expect(await replication.position({ url: primary.url }, limits)).toMatchObject({ role: "primary", writable: true });
    expect(await replication.position({ url: replica.url }, limits)).toMatchObject({
      role: "replica",
      linkUp: true,
      writable: false,
    });
  });

  it("says that a fenced primary takes no writes, and that a promotion begins another history", async () => {
    const primary = await start();
    const before = await replication.position({ url: primary.url }, limits);
    await primary.command("CONFIG", "SET", "min-replicas-to-write", "2147483647");
    expect(await replication.position({ url: primary.url }, limits)).toMatchObject({
      role: "primary",
      writable: false,
    });
    await primary.command("REPLICAOF", "127.0.0.1", "1");
    expect(await replication.position({ url: primary.url }, limits)).toMatchObject({ role: "replica", linkUp: false });
    await primary.command("REPLICAOF", "NO", "ONE");
    expect((await replication.position({ url: primary.url }, limits))?.history).not.toBe(before?.history);
  });

  it("has no position for a Redis that does not answer", async () => {
    const redis = await start();
    redis.freeze();
    expect(await replication.position({ url: redis.url }, short)).toBeUndefined();
  });
});
