import { z } from "zod";
import { defineReplicationSource, type ReplicationSource } from "../../src/ports.ts";
import type { RedisConnections } from "./connections.ts";
import { readInstance } from "./instance.ts";
import { targetFields } from "./target.ts";

const Input = z.strictObject({ url: targetFields.url, passwordFrom: targetFields.passwordFrom });

/** Positions are bytes of the replication stream; they compare only within one replication id. */
export function createReplicationSource(connections: RedisConnections): ReplicationSource {
  return defineReplicationSource<z.infer<typeof Input>>({
    kind: "redis",
    input: Input,
    async position(input, limits) {
      try {
        const { role, position, history, link, takesWrites } = await connections.use(input, limits, readInstance);
        return {
          role,
          position,
          history,
          ...(link && { linkUp: link.up }),
          writable: role === "primary" && takesWrites,
        };
      } catch {
        return undefined;
      }
    },
  });
}
