import type { Redis } from "ioredis";
import { changedSince } from "./errors.ts";

/** No primary ever has so many replicas, so with this value it refuses every write. */
export const FENCE_VALUE = 2147483647;

/** What one Redis says about itself. */
export interface Instance {
  role: "primary" | "replica";
  /** The history that positions count in. A promotion begins a new one. */
  history: string;
  /** Changes at every start of the server. */
  runId: string;
  position: number;
  keys: number;
  loading: boolean;
  /** Replica only. */
  link?: { primary: string; up: boolean; syncing: boolean };
  minReplicasToWrite: number;
  minReplicasMaxLagSeconds: number;
  /** Replicas in good standing, as min-replicas-to-write counts them. */
  goodReplicas: number;
  /** A replica of which the configuration lets clients write to it. */
  writableReplica: boolean;
  /** Refuses every write by the fence's value, as long as it is a primary. */
  fenced: boolean;
  takesWrites: boolean;
}

/**
 * Reads only, and only with commands that a server answers while it loads, and as a replica without a primary.
 * `CONFIG GET` of a name that the server does not know answers nothing, which means the default.
 */
export async function readInstance(redis: Redis): Promise<Instance> {
  const [info, minReplicas, readOnly] = await Promise.all([
    redis.info(),
    readConfig(redis, "min-replicas-*"),
    readConfig(redis, "replica-read-only"),
  ]);
  return describeInstance(parseInfo(info), { ...minReplicas, ...readOnly });
}

function describeInstance(info: Record<string, string>, config: Record<string, string>): Instance {
  const replica = info.role === "slave";
  const minReplicasToWrite = Number(config["min-replicas-to-write"] ?? 0);
  const minReplicasMaxLagSeconds = Number(config["min-replicas-max-lag"] ?? 10);
  const goodReplicas = Number(info.min_slaves_good_slaves ?? info.connected_slaves ?? 0);
  const counts = minReplicasToWrite > 0 && minReplicasMaxLagSeconds > 0;
  const writableReplica = replica && config["replica-read-only"] === "no";
  return {
    role: replica ? "replica" : "primary",
    history: info.master_replid ?? "",
    runId: info.run_id ?? "",
    position: Number((replica ? info.slave_repl_offset : info.master_repl_offset) ?? 0),
    keys: countKeys(info),
    loading: info.loading === "1",
    ...(replica && {
      link: {
        primary: `${info.master_host}:${info.master_port}`,
        up: info.master_link_status === "up",
        syncing: info.master_sync_in_progress === "1",
      },
    }),
    minReplicasToWrite,
    minReplicasMaxLagSeconds,
    goodReplicas,
    writableReplica,
    fenced: counts && minReplicasToWrite === FENCE_VALUE,
    takesWrites: replica ? writableReplica : !counts || goodReplicas >= minReplicasToWrite,
  };
}

/** The keyspace section has a line per database: `db0:keys=12,expires=0,avg_ttl=0`. */
function countKeys(info: Record<string, string>): number {
  const databases = Object.entries(info).filter(([name]) => /^db\d+$/.test(name));
  return databases.reduce((sum, [, line]) => sum + Number(/^keys=(\d+)/.exec(line)?.[1] ?? 0), 0);
}

export function parseInfo(info: string): Record<string, string> {
  const lines = info.split(/\r?\n/).filter((line) => line.includes(":") && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
}

export async function readConfig(redis: Redis, pattern: string): Promise<Record<string, string>> {
  const flat = (await redis.config("GET", pattern)) as string[];
  const entries: [string, string][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) entries.push([flat[index]!, flat[index + 1]!]);
  return Object.fromEntries(entries);
}

/**
 * Refuses to go on when the instance is not in the role and history that were seen: a worker that was frozen
 * between looking and writing could otherwise fence or discard what has become the active copy. Redis has no
 * command that checks and writes in one, so a gap of about one round trip remains.
 */
export async function confirmUnchanged(
  redis: Redis,
  address: string,
  seen: Pick<Instance, "role" | "history" | "runId">,
): Promise<void> {
  const info = parseInfo(await redis.info());
  const role = info.role === "slave" ? "replica" : "primary";
  if (role !== seen.role || info.master_replid !== seen.history || (info.run_id ?? "") !== seen.runId)
    throw changedSince(address);
}

/** Keeps a change over a restart of the server. Not every server has a file to write to, so a failure is a note. */
export async function persistConfig(redis: Redis): Promise<string> {
  try {
    await redis.config("REWRITE");
    return "kept over a restart";
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ReplyError") throw error;
    return "not kept over a restart: the server has no configuration file that it can rewrite";
  }
}
