import { z } from "zod";
import type { Divergence } from "../../src/detection/events.ts";
import { Duration } from "../../src/plans/duration.ts";
import { type ActionContext, type Assessment, defineAction, type RecoveryAction } from "../../src/ports.ts";
import { look } from "../looking.ts";
import { compareCopies } from "./compare-copies.ts";
import type { RedisConnections } from "./connections.ts";
import { parseInfo, readInstance } from "./instance.ts";
import { addressOf, RedisUrl, redisCli, targetFields } from "./target.ts";

const Input = z.strictObject({
  ...targetFields,
  primary: RedisUrl.describe("Address of the Redis that took over; the same password is used for both"),
  store: z.string().min(1).describe("Name of the plan's store whose copies these are"),
  maxKeys: z.int().min(1).max(10_000_000).default(200_000).describe("Keys that are compared at most in each copy"),
  maxBytes: z.int().min(1).default(268_435_456).describe("Bytes of values that are read from the old copy at most"),
  within: Duration.default(60_000).describe("How long the comparison may take; less than the timeout of the step"),
  examples: z.int().min(0).max(500).default(20).describe("How many records the journal and the report list"),
  names: z.boolean().default(false).describe("List keys as they are; else a fingerprint, for keys may be about people"),
});
type Input = z.infer<typeof Input>;

const EXPECTED_MS = 5_000;
const NOTHING: Divergence = {
  onlyOld: 0,
  onlyNew: 0,
  differing: 0,
  compared: 0,
  cut: "nothing was compared yet",
  shown: "hashes",
  examples: [],
};

/**
 * What a returned copy holds that the one which took over does not, before it is made a follower and forgets it.
 * Values are compared by the server's own serialisation (DUMP): equal values that two servers encode differently
 * count as differing, never the other way round. Expiry times are not compared.
 */
export function createCompare(connections: RedisConnections): RecoveryAction {
  const primaryOf = ({ primary, passwordFrom }: Input) => ({ url: primary, passwordFrom });

  async function assess(input: Input, context: ActionContext): Promise<Assessment<Divergence>> {
    // Before the run the copy is not fenced, or not even back: there is nothing to compare yet.
    if (context.startedAt === undefined) return { state: "away", seen: NOTHING };
    return look(context, async (limits): Promise<Assessment<Divergence>> => {
      // A server that hangs is noticed in the time of one request, before the long look begins.
      const before = await connections.use(input, limits, readInstance);
      if (before.takesWrites) {
        const cut = `Redis at ${addressOf(input)} takes writes, so that it cannot be compared: fence it first`;
        return { state: "away", seen: { ...NOTHING, cut } };
      }
      await connections.use(primaryOf(input), limits, (redis) => redis.ping());
      const whole = { ...limits, timeoutMs: input.within + limits.timeoutMs };
      return connections.use(input, whole, (old) =>
        connections.use(primaryOf(input), whole, async (now): Promise<Assessment<Divergence>> => {
          const found = await compareCopies(old, now, { ...input, now: context.now, signal: whole.signal });
          const history = bytesBeyond(before, parseInfo(await now.info()));
          const followed =
            before.role === "replica" ? "it follows already: what it alone held before is gone" : undefined;
          const cut = followed ?? found.cut;
          return { state: "reached", seen: { ...found, ...history, ...(cut !== undefined && { cut }) } };
        }),
      );
    });
  }

  return defineAction<Input, Divergence>({
    id: "redis.compare",
    summary: "What only the returned Redis holds is known",
    input: Input,
    effect: "check",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: ({ region }) => [region],
    expectedMs: () => EXPECTED_MS,
    manual: (input) => ({
      run: [`${redisCli(input)} --scan > old-keys`, `${redisCli(primaryOf(input))} --scan > new-keys`],
      check: ["sort old-keys > old-sorted; sort new-keys > new-sorted; comm -23 old-sorted new-sorted"],
      expect:
        "no line: each is a key that only the old copy holds. Values that differ need DUMP of each key on both sides",
    }),
    assess,
    compares: {
      storeKind: "redis",
      store: ({ store }) => store,
      found: (seen) => seen,
    },
  });
}

/** A promotion remembers the history that it left and where: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/ */
function bytesBeyond(
  old: { history: string; position: number },
  now: Record<string, string>,
): { bytesOnlyOld?: number; bytesOnlyNew?: number } {
  const forkedAt = Number(now.second_repl_offset ?? -1) - 1;
  if (forkedAt < 0 || now.master_replid2 !== old.history) return {};
  return {
    bytesOnlyOld: Math.max(0, old.position - forkedAt),
    bytesOnlyNew: Math.max(0, Number(now.master_repl_offset ?? 0) - forkedAt),
  };
}
