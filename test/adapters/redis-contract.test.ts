import { describe, expect } from "vitest";
import { createRedisConnections } from "../../adapters/redis/connections.ts";
import { createFencePrimary } from "../../adapters/redis/fence-primary.ts";
import { createFollow } from "../../adapters/redis/follow.ts";
import { createPromoteReplica } from "../../adapters/redis/promote-replica.ts";
import { createSnapshot } from "../../adapters/redis/snapshot.ts";
import type { RecoveryAction } from "../../src/ports.ts";
import { type RecoveryWorld, recoveryActionContract } from "../contracts/recovery-action.ts";
import { createRedisHost, dumpsOf, type Flavour, flavours, type RedisProcess } from "../helpers/redis.ts";

const PASSWORD = "password-that-nobody-may-see";

interface Scene {
  /** The Redis that the action is about. */
  subject: RedisProcess;
  input: object;
  interfere?(): Promise<void>;
}

/** A world of Redis servers with a password, and one action on one of them. */
async function createWorld(
  flavour: Flavour,
  create: (connections: ReturnType<typeof createRedisConnections>) => RecoveryAction,
  arrange: (primary: RedisProcess, replica: RedisProcess) => Promise<Scene>,
): Promise<RecoveryWorld> {
  const host = createRedisHost(flavour);
  const primary = await host.start({ password: PASSWORD });
  const replica = await host.start({ password: PASSWORD, replicaOf: primary });
  await primary.command("SET", "record:1", "one");
  await expect.poll(() => replica.command("GET", "record:1"), { timeout: 5_000 }).toBe("one");
  const { subject, input, interfere } = await arrange(primary, replica);
  const connections = createRedisConnections({ secret: (name) => (name === "sessions" ? PASSWORD : undefined) });
  return {
    action: create(connections),
    input: { url: subject.url, passwordFrom: "sessions", ...input },
    state: async () => ({
      role: await subject.info("role"),
      history: await subject.info("master_replid"),
      primary: await subject.info("master_port"),
      config: await subject.command("CONFIG", "GET", "min-replicas-*"),
      dumpName: await subject.command("CONFIG", "GET", "dbfilename"),
      dumps: dumpsOf(subject),
    }),
    ...(flavour === "redis-server" && { writes: () => writesOf(subject) }),
    ...(interfere && { interfere }),
    disconnect: () => subject.kill(),
    freeze: async () => subject.freeze(),
    async dispose() {
      connections.close();
      await host.dispose();
    },
  };
}

/** How often the server was told anything that changes it. */
async function writesOf({ command }: RedisProcess): Promise<number> {
  const stats = String(await command("INFO", "commandstats"));
  const calls = [
    ...stats.matchAll(/^cmdstat_(config\|set|config\|rewrite|replicaof|slaveof|bgsave|set):calls=(\d+)/gm),
  ];
  return calls.reduce((sum, [, , count]) => sum + Number(count), 0);
}

describe.each(flavours)("on %s", (flavour) => {
  const region = "us-east-1";

  recoveryActionContract({
    name: "redis.fence-primary",
    secrets: [PASSWORD],
    create: () =>
      createWorld(flavour, createFencePrimary, async (primary, replica) => ({
        subject: primary,
        input: { region },
        // It was made a follower and a primary again: another history, which is not ours to fence.
        interfere: async () => {
          await primary.command("REPLICAOF", "127.0.0.1", `${replica.port}`);
          await primary.command("REPLICAOF", "NO", "ONE");
        },
      })),
  });

  recoveryActionContract({
    name: "redis.promote-replica",
    secrets: [PASSWORD],
    create: () =>
      createWorld(flavour, createPromoteReplica, async (_, replica) => ({
        subject: replica,
        input: { region, store: "sessions" },
        interfere: async () => {
          await replica.command("REPLICAOF", "NO", "ONE");
          await replica.command("CONFIG", "SET", "min-replicas-to-write", "2147483647");
        },
      })),
  });

  recoveryActionContract({
    name: "redis.follow",
    secrets: [PASSWORD],
    create: () =>
      createWorld(flavour, createFollow, async (primary, replica) => {
        // As after a failover: the other copy serves, and this one comes back with a history of its own.
        await replica.command("REPLICAOF", "NO", "ONE");
        await primary.command("CONFIG", "SET", "min-replicas-to-write", "2147483647");
        return {
          subject: primary,
          input: { region, primary: replica.url },
          interfere: async () => {
            await primary.command("REPLICAOF", "127.0.0.1", "1");
            await primary.command("REPLICAOF", "NO", "ONE");
          },
        };
      }),
  });

  recoveryActionContract({
    name: "redis.snapshot",
    secrets: [PASSWORD],
    provesItself: false,
    create: () =>
      createWorld(flavour, createSnapshot, async (primary, replica) => ({
        subject: primary,
        input: { region, name: "diverged-run-1" },
        interfere: async () => {
          await primary.command("REPLICAOF", "127.0.0.1", `${replica.port}`);
          await primary.command("REPLICAOF", "NO", "ONE");
        },
      })),
  });
});
