import { describe, expect, it } from "vitest";
import { createCompare } from "../../adapters/redis/compare.ts";
import { createRedisConnections } from "../../adapters/redis/connections.ts";
import { createFencePrimary } from "../../adapters/redis/fence-primary.ts";
import { createFollow } from "../../adapters/redis/follow.ts";
import { createPing } from "../../adapters/redis/ping.ts";
import { createPromoteReplica } from "../../adapters/redis/promote-replica.ts";
import { createReplicationSource } from "../../adapters/redis/replication.ts";
import { createSnapshot } from "../../adapters/redis/snapshot.ts";
import { apply, look } from "../helpers/action.ts";
import { flavours, type RedisProcess } from "../helpers/redis.ts";
import { useRedis } from "../helpers/use-redis.ts";
import { page } from "./documents.ts";

const [line = ""] = page("docs/permissions.md")
  .lines.map((one) => one.line)
  .filter((one) => one.startsWith("ACL "));
const PASSWORD = "the-password";
const region = "us-east-1";

// The stand-in knows no users.
describe.runIf(flavours.includes("redis-server"))("the rights of docs/permissions.md", () => {
  const connections = createRedisConnections({ secret: () => PASSWORD });
  const { start, poll, synced } = useRedis("redis-server");
  const inputOf = ({ port }: RedisProcess) => ({
    url: `redis://muster@127.0.0.1:${port}`,
    region,
    passwordFrom: "sessions",
  });
  const reached = (...given: Parameters<typeof look>) => poll(async () => (await look(...given)).state).toBe("reached");

  it("let a Redis be probed, sampled, failed over, compared and made to follow, and nothing be asked beyond them", async () => {
    const home = await start();
    const away = await start({ replicaOf: home });
    for (const redis of [home, away]) await redis.command(...line.split(" "));
    await home.command("SET", "record:1", "one");
    await synced(away);
    const limits = { signal: AbortSignal.timeout(5_000), timeoutMs: 2_000 };
    expect(await createPing(connections).run(inputOf(home), limits)).toMatchObject({ ok: true });
    const { region: _, ...copy } = inputOf(home);
    expect(await createReplicationSource(connections).position(copy, limits)).toMatchObject({ role: "primary" });

    const fence = createFencePrimary(connections);
    await apply(fence, inputOf(home));
    await reached(fence, inputOf(home));
    const promote = createPromoteReplica(connections);
    await apply(promote, { ...inputOf(away), store: "sessions" });
    await reached(promote, { ...inputOf(away), store: "sessions" });
    const snapshot = createSnapshot(connections);
    await apply(snapshot, { ...inputOf(home), name: "before-rejoin" });
    const compared = { ...inputOf(home), primary: inputOf(away).url, store: "sessions" };
    await reached(createCompare(connections), compared);
    const follow = createFollow(connections);
    await apply(follow, { ...inputOf(home), primary: inputOf(away).url });
    await reached(follow, { ...inputOf(home), primary: inputOf(away).url });

    for (const redis of [home, away]) expect(await redis.command("ACL", "LOG")).toEqual([]);
    connections.close();
  });
});
