import type { Redis } from "ioredis";
import { z } from "zod";
import { type ActionContext, type Assessment, defineAction, type RecoveryAction } from "../../src/ports.ts";
import { deadline, type Limits, limitsOf, look, pause } from "../looking.ts";
import type { RedisConnections } from "./connections.ts";
import { changedSince } from "./errors.ts";
import { confirmUnchanged, type Instance, persistConfig, readInstance } from "./instance.ts";
import { addressOf, endpointOf, RedisUrl, redisCli, targetFields } from "./target.ts";

const Input = z.strictObject({
  ...targetFields,
  primary: RedisUrl.describe("Address of the Redis to follow; the same password is used for both"),
});
type Input = z.infer<typeof Input>;

interface Seen {
  follower: Instance;
  primary: Instance;
  /** Bytes that the follower did not have yet of what the primary had a moment before. */
  behind: number;
  /** Looked at for readiness: roles and fences are still those before the earlier steps of the runbook. */
  ahead: boolean;
}

const EXPECTED_MS = 30_000;
/** With writes going on, a follower is caught up when it has what the primary had this long ago. */
const CAUGHT_UP_WITHIN_MS = 1_000;
const POLL_MS = 50;

export function createFollow(connections: RedisConnections): RecoveryAction {
  const primaryOf = ({ primary, passwordFrom }: Input) => ({ url: primary, passwordFrom });

  /** The primary is read first: what the follower has afterwards can only be more. */
  async function read(input: Input, whole: Limits, ahead: boolean): Promise<Seen> {
    // Both looks share the time of one.
    const limits = { ...whole, signal: deadline(whole) };
    const primary = await connections.use(primaryOf(input), limits, readInstance);
    const deadlineAt = performance.now() + Math.min(CAUGHT_UP_WITHIN_MS, limits.timeoutMs / 2);
    return connections.use(input, limits, async (redis) => {
      for (;;) {
        const follower = await readInstance(redis);
        const behind = Math.max(0, primary.position - follower.position);
        const waiting = behind > 0 && follows(follower, primary) && performance.now() < deadlineAt;
        if (!waiting) return { follower, primary, behind, ahead };
        await pause(POLL_MS, limits.signal);
      }
    });
  }

  async function assess(input: Input, context: ActionContext): Promise<Assessment<Seen>> {
    const ahead = context.startedAt === undefined;
    return look(context, async (limits) => judge(await read(input, limits, ahead), input));
  }

  return defineAction<Input, Seen>({
    id: "redis.follow",
    summary: "The Redis follows the primary and has caught up",
    input: Input,
    effect: "follower",
    // REPLICAOF the primary that it already follows does nothing.
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "finish",
    dependsOn: ({ region }) => [region],
    expectedMs: () => EXPECTED_MS,
    assess,
    blockers: whyNot,
    manual: (input) => {
      const { host, port } = endpointOf(primaryOf(input));
      return {
        run: [`${redisCli(input)} REPLICAOF ${host} ${port}`, `${redisCli(input)} CONFIG REWRITE`],
        check: [`${redisCli(input)} INFO replication`],
        expect: `role:slave, master_link_status:up, and master_repl_offset as in: ${redisCli(primaryOf(input))} INFO replication`,
      };
    },
    apply: async (input, seen, context) => {
      const limits = limitsOf(context);
      const primary = await connections.use(primaryOf(input), limits, readInstance);
      // What was a writable primary when people looked may have been left since; following it would lose data.
      if (primary.history !== seen.primary.history || !primary.takesWrites)
        throw changedSince(addressOf(primaryOf(input)));
      return connections.use(input, limits, async (redis) => {
        await confirmUnchanged(redis, addressOf(input), seen.follower);
        return { note: await startFollowing(redis, input) };
      });
    },
  });

  async function startFollowing(redis: Redis, input: Input): Promise<string> {
    const { host, port, username } = endpointOf(primaryOf(input));
    const password = connections.password(primaryOf(input));
    if (password !== undefined) await redis.config("SET", "masterauth", password);
    if (username !== undefined) await redis.config("SET", "masteruser", username);
    await redis.call("REPLICAOF", host, `${port}`);
    return `follows ${host}:${port}, ${await persistConfig(redis)}`;
  }
}

/** One history with the link up: addresses may differ from where each looks, histories do not. */
function follows(follower: Instance, primary: Instance): boolean {
  return follower.role === "replica" && follower.link?.up === true && follower.history === primary.history;
}

function judge(seen: Seen, input: Input): Assessment<Seen> {
  const { follower, primary, behind } = seen;
  if (follows(follower, primary)) {
    if (behind === 0) return { state: "reached", seen };
    return { state: "moving", seen, progress: `${behind} bytes behind` };
  }
  const pointed = follower.link?.primary === addressOf({ url: input.primary });
  // Told to follow it already: connecting, loading or syncing.
  if (pointed)
    return { state: "moving", seen, progress: follower.link?.syncing ? "full sync under way" : "link not up yet" };
  return { state: "away", seen };
}

/** Following discards what the follower alone holds, and following the wrong side loses the service's data. */
function whyNot({ follower, primary, ahead }: Seen, input: Input): string[] {
  const [from, to] = [addressOf(input), addressOf({ url: input.primary })];
  if (follower.runId === primary.runId) return [`${from} and ${to} are the same Redis`];
  if (follower.history === "" || primary.history === "")
    return [`Redis at ${from} or ${to} does not tell its replication id`];
  // Before the run, earlier steps have yet to promote and to fence; these are asked again when the step is due.
  if (ahead) return [];
  const reasons: string[] = [];
  if (primary.role !== "primary") reasons.push(`Redis at ${to} is a replica itself (of ${primary.link?.primary})`);
  else if (!primary.takesWrites) reasons.push(`Redis at ${to} takes no writes: it is not the primary that serves`);
  if (follower.takesWrites && follower.keys > 0)
    reasons.push(`Redis at ${from} takes writes now: fence it first, or they are lost`);
  return reasons;
}
