import { z } from "zod";
import { defineAction, type RecoveryAction } from "../../src/ports.ts";
import { limitsOf, look } from "../looking.ts";
import type { RedisConnections } from "./connections.ts";
import { confirmUnchanged, type Instance, persistConfig, readInstance } from "./instance.ts";
import { addressOf, redisCli, targetFields } from "./target.ts";

const Input = z.strictObject({
  ...targetFields,
  store: z.string().min(1).describe("Name of the plan's store whose copy this is"),
});
type Input = z.infer<typeof Input>;

const EXPECTED_MS = 3_000;

export function createPromoteReplica(connections: RedisConnections): RecoveryAction {
  return defineAction<Input, Instance>({
    id: "redis.promote-replica",
    summary: "The Redis is a primary and takes writes",
    input: Input,
    effect: "promotion",
    // REPLICAOF NO ONE does nothing on a primary, so whether the first one arrived does not matter.
    repeat: "converging",
    onUnknown: "ask",
    onAbort: "finish",
    dependsOn: ({ region }) => [region],
    store: ({ store }) => store,
    expectedMs: () => EXPECTED_MS,
    assess: (input, context) =>
      look(context, async (limits) => {
        const seen = await connections.use(input, limits, readInstance);
        return { state: seen.role === "primary" && seen.takesWrites ? "reached" : "away", seen };
      }),
    blockers: whyNot,
    manual: (input) => ({
      run: [
        `${redisCli(input)} CONFIG SET min-replicas-to-write 0`,
        `${redisCli(input)} REPLICAOF NO ONE`,
        `${redisCli(input)} CONFIG REWRITE`,
      ],
      check: [`${redisCli(input)} ROLE`],
      expect: "master. Only when the old primary is fenced or surely gone: two primaries diverge",
    }),
    apply: (input, seen, context) =>
      connections.use(input, limitsOf(context), async (redis) => {
        await confirmUnchanged(redis, addressOf(input), seen);
        // Lifted first: a replica refuses writes anyway, and after the promotion nobody may be refused.
        if (seen.minReplicasToWrite > 0) await redis.config("SET", "min-replicas-to-write", "0");
        await redis.call("REPLICAOF", "NO", "ONE");
        // Otherwise a restart would make it a replica of the region that failed.
        const kept = await persistConfig(redis);
        const lifted = seen.minReplicasToWrite > 0 ? `min-replicas-to-write ${seen.minReplicasToWrite} → 0, ` : "";
        return { note: `${lifted}promoted at position ${seen.position}, ${kept}` };
      }),
  });
}

/** A promotion cannot be taken back, so every doubt about what this copy holds stops it here. */
function whyNot(seen: Instance, input: Input): string[] {
  const address = addressOf(input);
  if (seen.loading) return [`Redis at ${address} is still loading its data`];
  if (seen.role === "primary") {
    if (seen.takesWrites) return [];
    // Whether another copy took over since it was fenced cannot be seen here; two primaries would diverge.
    return [
      `Redis at ${address} is a primary that refuses writes, not a replica: if no other copy took over, lift that by hand with CONFIG SET min-replicas-to-write 0`,
    ];
  }
  if (seen.link?.syncing)
    return [`Redis at ${address} is in the middle of a full sync: its data set is about to be replaced`];
  // A replica that restarted while its primary was away has no position but may hold all its data. Without any
  // history a server shows position 1: https://github.com/redis/redis/blob/7.0/src/server.c (genRedisInfoString)
  if (!seen.link?.up && seen.position <= 1 && seen.keys === 0)
    return [`Redis at ${address} never finished a sync and holds no data`];
  return [];
}
