import type { RespClient } from "../resp/client.ts";
import type { RespValue } from "../resp/parse.ts";

/** What a Redis says about itself; `undefined` where it did not answer. */
export type RedisRole = { role: "primary" } | { role: "replica"; host: string; port: number; linkUp: boolean };

export function parseRole(reply: RespValue): RedisRole | undefined {
  if (!Array.isArray(reply)) return undefined;
  if (reply[0] === "master") return { role: "primary" };
  if (reply[0] !== "slave") return undefined;
  return { role: "replica", host: String(reply[1]), port: Number(reply[2]), linkUp: reply[3] === "connected" };
}

export interface RoleCache {
  /** The role as it was at most `maxAgeMs` ago. */
  get(): Promise<RedisRole | undefined>;
  /** Asks again at the next `get`: a write was refused, so what we know is old. */
  forget(): void;
}

export function createRoleCache(client: RespClient, maxAgeMs: number): RoleCache {
  let known: Promise<RedisRole | undefined> | undefined;
  let askedAt = 0;

  return {
    get() {
      if (!known || performance.now() - askedAt > maxAgeMs) {
        askedAt = performance.now();
        known = client.command("ROLE").then(parseRole, () => undefined);
      }
      return known;
    },
    forget: () => {
      known = undefined;
    },
  };
}
