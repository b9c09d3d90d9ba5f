import { expect } from "vitest";
import { createCompare } from "../../adapters/redis/compare.ts";
import { createRedisConnections, type RedisConnections } from "../../adapters/redis/connections.ts";
import { createFencePrimary } from "../../adapters/redis/fence-primary.ts";
import { createFollow } from "../../adapters/redis/follow.ts";
import { createPromoteReplica } from "../../adapters/redis/promote-replica.ts";
import { createSnapshot } from "../../adapters/redis/snapshot.ts";
import type { RecoveryAction } from "../../src/ports.ts";
import { createRedisHost, dumpsOf, type Flavour, type RedisHost, type RedisProcess } from "../helpers/redis.ts";
import { type RecoveryWorld, recoveryActionContract } from "./recovery-action.ts";

const PASSWORD = "password-that-nobody-may-see";
const region = "us-east-1";

interface Scene {
  /** The Redis that the action is about. */
  subject: RedisProcess;
  input: object;
  interfere(): Promise<void>;
  /** For a check: brings about what it waits for. */
  satisfy?(): Promise<unknown>;
}

type SatisfiedWorld = RecoveryWorld & { satisfy(): Promise<void> };

/** One action on one Redis with a password. */
async function createWorld(
  flavour: Flavour,
  create: (connections: RedisConnections) => RecoveryAction,
  arrange: (host: RedisHost) => Promise<Scene>,
): Promise<RecoveryWorld> {
  const host = createRedisHost(flavour);
  const { subject, input, interfere, satisfy } = await arrange(host);
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
    interfere,
    ...(satisfy && { satisfy: async () => void (await satisfy()) }),
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

async function startPrimary(host: RedisHost): Promise<RedisProcess> {
  const primary = await host.start({ password: PASSWORD });
  await primary.command("SET", "record:1", "one");
  return primary;
}

async function startPair(host: RedisHost): Promise<{ primary: RedisProcess; replica: RedisProcess }> {
  const primary = await startPrimary(host);
  const replica = await host.start({ password: PASSWORD, replicaOf: primary });
  await expect.poll(() => replica.command("GET", "record:1"), { interval: 20 }).toBe("one");
  return { primary, replica };
}

/** As somebody who makes it a follower and a primary again: it has another history then, which nobody looked at. */
async function beginAnotherHistory({ command }: RedisProcess): Promise<void> {
  await command("REPLICAOF", "127.0.0.1", "1");
  await command("REPLICAOF", "NO", "ONE");
}

const FENCE = ["CONFIG", "SET", "min-replicas-to-write", "2147483647"] as const;

/** The contract of all actions on Redis, on one kind of server. */
export function redisActionContracts(flavour: Flavour): void {
  recoveryActionContract({
    name: `redis.fence-primary on ${flavour}`,
    secrets: [PASSWORD],
    create: () =>
      createWorld(flavour, createFencePrimary, async (host) => {
        const subject = await startPrimary(host);
        return { subject, input: { region }, interfere: () => beginAnotherHistory(subject) };
      }),
  });

  recoveryActionContract({
    name: `redis.promote-replica on ${flavour}`,
    secrets: [PASSWORD],
    create: () =>
      createWorld(flavour, createPromoteReplica, async (host) => {
        const { replica: subject } = await startPair(host);
        const interfere = async () => {
          await subject.command("REPLICAOF", "NO", "ONE");
          await subject.command(...FENCE);
        };
        return { subject, input: { region, store: "sessions" }, interfere };
      }),
  });

  recoveryActionContract({
    name: `redis.follow on ${flavour}`,
    secrets: [PASSWORD],
    create: () =>
      createWorld(flavour, createFollow, async (host) => {
        // As after a failover: the other copy serves, and this one comes back with a history of its own.
        const { primary: subject, replica: primary } = await startPair(host);
        await primary.command("REPLICAOF", "NO", "ONE");
        await subject.command(...FENCE);
        return { subject, input: { region, primary: primary.url }, interfere: () => beginAnotherHistory(subject) };
      }),
  });

  recoveryActionContract({
    name: `redis.compare on ${flavour}`,
    secrets: [PASSWORD],
    create: () =>
      createWorld(flavour, createCompare, async (host) => {
        const { primary: subject, replica: primary } = await startPair(host);
        await primary.command("REPLICAOF", "NO", "ONE");
        return {
          subject,
          input: { region, primary: primary.url, store: "sessions" },
          interfere: () => beginAnotherHistory(subject),
          satisfy: () => subject.command(...FENCE),
        };
      }),
    satisfy: (world) => (world as SatisfiedWorld).satisfy(),
  });

  recoveryActionContract({
    name: `redis.snapshot on ${flavour}`,
    secrets: [PASSWORD],
    provesItself: false,
    create: () =>
      createWorld(flavour, createSnapshot, async (host) => {
        const subject = await startPrimary(host);
        return { subject, input: { region, name: "diverged-run-1" }, interfere: () => beginAnotherHistory(subject) };
      }),
  });
}
