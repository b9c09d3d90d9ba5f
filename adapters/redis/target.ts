import { z } from "zod";
import { secretVariable } from "../../src/config.ts";

/** Which Redis a step is about. URLs in plans hold no password: `passwordFrom` names the secret instead. */
export interface RedisTarget {
  url: string;
  passwordFrom?: string | undefined;
}

export const RedisUrl = z.string().refine((value) => parseRedisUrl(value) !== undefined, {
  message: 'write an address such as "redis://host:6379" or "rediss://host:6380"',
});

export const targetFields = {
  url: RedisUrl.describe("Address of the Redis, as redis://host:port (rediss:// for TLS)"),
  region: z.string().min(1).describe("Code of the region that this Redis runs in"),
  passwordFrom: z
    .string()
    .min(1)
    .optional()
    .describe("Name of the secret that holds its password; never the password itself"),
};

export interface Endpoint {
  host: string;
  port: number;
  tls: boolean;
  username?: string;
  password?: string;
}

function parseRedisUrl(value: string): Endpoint | undefined {
  if (!URL.canParse(value)) return undefined;
  const { protocol, hostname, port, username, password } = new URL(value);
  if ((protocol !== "redis:" && protocol !== "rediss:") || hostname === "") return undefined;
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port || 6379),
    tls: protocol === "rediss:",
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
}

export function endpointOf(target: RedisTarget): Endpoint {
  const endpoint = parseRedisUrl(target.url);
  if (endpoint === undefined) throw new TypeError("The input schema lets only Redis addresses through");
  return endpoint;
}

/** `host:port`: the only form in which an address appears in messages, so that no password ever does. */
export function addressOf(target: RedisTarget): string {
  const { host, port } = endpointOf(target);
  return `${host}:${port}`;
}

/** The client's command for a person: the password comes from the secret's variable and stands in no history. */
export function redisCli(target: RedisTarget): string {
  const { host, port, tls, username } = endpointOf(target);
  const password = target.passwordFrom === undefined ? "" : `REDISCLI_AUTH="$${secretVariable(target.passwordFrom)}" `;
  return `${password}redis-cli -h ${host} -p ${port}${tls ? " --tls" : ""}${username ? ` --user ${username}` : ""}`;
}
