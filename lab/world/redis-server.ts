import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseRole, type RedisRole } from "../region/role.ts";
import { createRespClient } from "../resp/client.ts";
import type { Child, Processes } from "./processes.ts";
import type { RedisSettings, RegionPorts } from "./state.ts";

/** `redis` is the real server; the stand-in says what it is wherever its figures are shown. */
export interface RedisFlavour {
  flavour: "redis" | "stand-in";
  /** "Redis 7.0.15" or "Redis stand-in". */
  label: string;
  majorVersion: number;
}

export function findRedis(forced: string | undefined): RedisFlavour {
  const standIn: RedisFlavour = { flavour: "stand-in", label: "Redis stand-in", majorVersion: 7 };
  if (forced === "stand-in") return standIn;
  const { stdout } = spawnSync("redis-server", ["--version"], { encoding: "utf8", timeout: 2000 });
  const version = /v=((\d+)\.[\d.]+)/.exec(stdout ?? "");
  const majorVersion = Number(version?.[2] ?? 0);
  return majorVersion >= 6 ? { flavour: "redis", label: `Redis ${version![1]}`, majorVersion } : standIn;
}

export interface RedisFiles {
  directory: string;
  ports: RegionPorts;
  settings: RedisSettings;
  majorVersion: number;
}

/** The configuration file; Redis changes it itself when it is told CONFIG REWRITE. */
function configuration({ directory, ports, settings, majorVersion }: RedisFiles): string {
  const lines = [
    "bind 127.0.0.1",
    `port ${ports.redisServer}`,
    `dir ${JSON.stringify(directory)}`,
    "appendonly yes",
    'save ""',
    "maxmemory 256mb",
    // Without it, a first synchronisation waits five seconds for further replicas.
    "repl-diskless-sync yes",
    "repl-diskless-sync-delay 0",
    // A cut link is noticed in seconds, as a lab's reader is less patient than an operator's night.
    "repl-timeout 5",
    "repl-ping-replica-period 1",
    // Replicas are reached, and known to the other region's gate, by their own region's gate.
    "replica-announce-ip 127.0.0.1",
    `replica-announce-port ${ports.redis}`,
    `min-replicas-to-write ${settings.minReplicasToWrite}`,
  ];
  if (settings.replicaOf) lines.push(`replicaof ${settings.replicaOf.host} ${settings.replicaOf.port}`);
  // Redis 7 protects dbfilename; saving a diverged copy under its own name needs it. It waits for replicas at
  // its end unless told otherwise.
  if (majorVersion >= 7) lines.push("enable-protected-configs local", "shutdown-timeout 0");
  return `${lines.join("\n")}\n`;
}

/** `reconfigure` writes the file anew; otherwise Redis goes on with what it had rewritten into it. */
export function startRedis(
  processes: Processes,
  code: string,
  { flavour }: RedisFlavour,
  files: RedisFiles,
  reconfigure: boolean,
): Child {
  mkdirSync(files.directory, { recursive: true });
  const path = join(files.directory, "redis.conf");
  if (reconfigure || !existsSync(path)) writeFileSync(path, configuration(files), { mode: 0o600 });
  const name = `redis ${code}`;
  if (flavour === "redis") return processes.startCommand(name, "redis-server", [path]);
  return processes.startModule(name, "redis-stand-in/main.ts", { region: code, path }, () => {});
}

export interface RedisSeen {
  role: RedisRole;
  settings: RedisSettings;
}

export interface RedisWatch {
  /** Asks now; undefined when it does not answer. */
  look(): Promise<RedisSeen | undefined>;
  close(): void;
}

/** Asks a Redis, past its gate, what it is at this moment. */
export function watchRedis(port: number): RedisWatch {
  const client = createRespClient({ port, timeoutMs: 400, name: "lab-world" });
  return {
    async look() {
      try {
        const [roleReply, configReply] = await Promise.all([
          client.command("ROLE"),
          client.command("CONFIG", "GET", "min-replicas-to-write"),
        ]);
        const role = parseRole(roleReply);
        if (!role) return undefined;
        const minReplicasToWrite = Array.isArray(configReply) ? Number(configReply[1] ?? 0) : 0;
        const replicaOf = role.role === "replica" ? { replicaOf: { host: role.host, port: role.port } } : {};
        return { role, settings: { ...replicaOf, minReplicasToWrite } };
      } catch {
        return undefined;
      }
    },
    close: () => client.close(),
  };
}
