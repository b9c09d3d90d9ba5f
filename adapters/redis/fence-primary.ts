import { z } from "zod";
import { defineAction, type RecoveryAction } from "../../src/ports.ts";
import { limitsOf, look } from "../looking.ts";
import type { RedisConnections } from "./connections.ts";
import { confirmUnchanged, FENCE_VALUE, type Instance, persistConfig, readInstance } from "./instance.ts";
import { addressOf, redisCli, targetFields } from "./target.ts";

const Input = z.strictObject(targetFields);
type Input = z.infer<typeof Input>;

const EXPECTED_MS = 2_000;
/** Redis's own default: zero would switch the whole check off. */
const MAX_LAG_SECONDS = "10";

/**
 * The fence is the store's own: a primary that demands more replicas than can exist answers every write with
 * NOREPLICAS, and goes on replicating. It holds where the server can be reached; where it cannot, it cannot be
 * verified either, and people have to accept that.
 */
export function createFencePrimary(connections: RedisConnections): RecoveryAction {
  return defineAction<Input, Instance>({
    id: "redis.fence-primary",
    summary: "The Redis takes no more writes",
    input: Input,
    effect: "fence",
    repeat: "converging",
    onUnknown: "ask",
    onAbort: "finish",
    dependsOn: ({ region }) => [region],
    expectedMs: () => EXPECTED_MS,
    assess: (input, context) =>
      look(context, async (limits) => {
        const seen = await connections.use(input, limits, readInstance);
        const safe = seen.role === "replica" ? !seen.writableReplica : seen.fenced;
        return { state: safe ? "reached" : "away", seen };
      }),
    manual: (input) => ({
      run: [
        `${redisCli(input)} CONFIG SET min-replicas-max-lag ${MAX_LAG_SECONDS}`,
        `${redisCli(input)} CONFIG SET min-replicas-to-write ${FENCE_VALUE}`,
        `${redisCli(input)} CONFIG REWRITE`,
      ],
      check: [`${redisCli(input)} SET muster:fence-check 1`],
      expect:
        "NOREPLICAS (or READONLY, where it is a replica already). If it cannot be reached, see that nothing else can write to it either",
    }),
    apply: (input, seen, context) =>
      connections.use(input, limitsOf(context), async (redis) => {
        await confirmUnchanged(redis, addressOf(input), seen);
        if (seen.role === "replica") await redis.config("SET", "replica-read-only", "yes");
        else {
          if (seen.minReplicasMaxLagSeconds === 0) await redis.config("SET", "min-replicas-max-lag", MAX_LAG_SECONDS);
          await redis.config("SET", "min-replicas-to-write", `${FENCE_VALUE}`);
        }
        return { note: `fence set, ${await persistConfig(redis)}` };
      }),
  });
}
