import type { Redis, RedisOptions } from "ioredis";
import { secretVariable } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";
import { deadline, type Limits, untilAborted } from "../looking.ts";
import { isClosed, mapRedisError } from "./errors.ts";
import { addressOf, type Endpoint, endpointOf, type RedisTarget } from "./target.ts";

/** Opens one connection per look. What is learnt from a connection that was there before proves little. */
export interface RedisConnections {
  /** Throws AppError, already told in words. Everything within `use` shares one deadline. */
  use<T>(target: RedisTarget, limits: Limits, use: (redis: Redis) => Promise<T>): Promise<T>;
  /** The password for this target, from its secret or its address. */
  password(target: RedisTarget): string | undefined;
  close(): void;
}

export function createRedisConnections({ secret }: { secret(name: string): string | undefined }): RedisConnections {
  const open = new Set<Redis>();

  function password(target: RedisTarget): string | undefined {
    if (target.passwordFrom === undefined) return endpointOf(target).password;
    const value = secret(target.passwordFrom);
    if (value !== undefined) return value;
    throw new AppError({
      code: "config-invalid",
      summary: `The secret ${target.passwordFrom} for Redis at ${addressOf(target)} is not set.`,
      hint: `Set ${secretVariable(target.passwordFrom)} and start Muster again.`,
    });
  }

  return {
    password,
    async use(target, limits, use) {
      const options = optionsFor(endpointOf(target), password(target), limits.timeoutMs);
      const { Redis } = await import("ioredis");
      const signal = deadline(limits);
      const redis = new Redis(options);
      open.add(redis);
      let lastError: Error | undefined;
      // Without a listener a refused connection would end the process.
      redis.on("error", (error) => {
        lastError = error;
      });
      try {
        return await untilAborted(
          redis.connect().then(() => use(redis)),
          signal,
        );
      } catch (error) {
        // The client says only "Connection is closed" where the event before it said why.
        const closed = error instanceof Error && isClosed(error);
        throw mapRedisError(closed ? (lastError ?? error) : error, addressOf(target));
      } finally {
        redis.disconnect();
        open.delete(redis);
      }
    },
    close() {
      for (const redis of open) redis.disconnect();
    },
  };
}

function optionsFor(
  { host, port, tls, username }: Endpoint,
  password: string | undefined,
  timeoutMs: number,
): RedisOptions & { replyMapping?: "legacy" } {
  return {
    host,
    port,
    ...(tls && { tls: {} }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    lazyConnect: true,
    enableOfflineQueue: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // Nothing is repeated behind our back: a command that got no answer may have been carried out.
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // The ready check would wait while the server loads its data, and that is an answer that we want to see.
    enableReadyCheck: false,
    // Plain RESP2 works with every server since Redis 2.
    protocol: 2,
    disableClientInfo: true,
  };
}
