import { afterEach, beforeEach, expect } from "vitest";
import { createRedisHost, type Flavour, flavours, type RedisHost, type RedisProcess } from "./redis.ts";

/** What is nearest to production on this machine. */
export const flavour: Flavour = flavours[0] ?? "stand-in";

/** Redis servers of their own for each test of a block. */
export function useRedis(of: Flavour = flavour) {
  let host: RedisHost;
  beforeEach(() => {
    host = createRedisHost(of);
  });
  afterEach(() => host.dispose());

  const poll = <T>(read: () => Promise<T>) => expect.poll(read, { interval: 20 });
  return {
    start: (...options: Parameters<RedisHost["start"]>) => host.start(...options),
    poll,
    synced: (replica: RedisProcess) => poll(() => replica.info("master_link_status")).toBe("up"),
    /** After a full sync Redis writes its append-only file anew; a kill before that is done loses the copy. */
    durable: (replica: RedisProcess) => poll(() => replica.info("aof_rewrite_in_progress")).toBe("0"),
  };
}
