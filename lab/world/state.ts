import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../../src/errors.ts";
import type { Deployment } from "../control-planes/kubernetes-objects.ts";
import type { ResourceRecordSet } from "../control-planes/route53-batch.ts";

export type ApiFault = "unavailable" | "hang" | "throttle";

export interface RegionPorts {
  edge: number;
  redis: number;
  kubernetes: number;
  /** Redis itself, behind the gate. */
  redisServer: number;
}

/** How a Redis is set at run time, beyond its file; put back when the world starts again. */
export interface RedisSettings {
  replicaOf?: { host: string; port: number };
  minReplicasToWrite: number;
}

export interface RegionState {
  code: string;
  ports: RegionPorts;
  deployments: Deployment[];
  redis: RedisSettings;
  killed: boolean;
  frozen: boolean;
  partitioned: boolean;
  slowMs: number;
  replicationLagMs: number;
}

/** From `since` on, the Redis of `region` is the one whose acknowledgement counts. */
export interface Era {
  region: string;
  since: number;
}

/** Everything about the world that outlives its processes. Plain JSON. */
export interface WorldState {
  version: 1;
  createdAt: string;
  ports: { control: number; front: number; resolver: number; route53: number };
  tokens: { control: string; kubernetes: string };
  aws: { accessKeyId: string; secretAccessKey: string };
  regions: RegionState[];
  zones: { id: string; name: string; records: ResourceRecordSet[] }[];
  /** Key: `route53` or `kubernetes:<region>`. */
  apiFaults: Record<string, ApiFault>;
  eras: Era[];
  /** How often the traffic generator was started: each start numbers its records from a new million. */
  trafficStarts: number;
}

export function readState(path: string): WorldState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const state = JSON.parse(readFileSync(path, "utf8")) as WorldState;
    if (state.version === 1 && Array.isArray(state.regions)) return state;
  } catch {
    // Falls through to the one message about a file that cannot be used.
  }
  throw new AppError({
    code: "store-damaged",
    summary: `The lab's state file ${path} is damaged or of another version.`,
    hint: "Begin anew with `npm run reset`.",
  });
}

/** Never half a file: written beside it and moved over it. */
export function writeAtomically(path: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}

/** Writes the state soon after each change, many changes at once. */
export function createStateFile(path: string, state: WorldState): { changed(): void; flush(): void } {
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writeAtomically(path, JSON.stringify(state, null, 2));
  };
  return {
    changed: () => {
      timer ??= setTimeout(flush, 20);
    },
    flush,
  };
}
