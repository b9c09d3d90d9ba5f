import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";

/**
 * The real server where it is installed, and always the lab's stand-in, which makes the same promises; with
 * MUSTER_LAB_REDIS=stand-in as on a machine that has no Redis.
 */
export type Flavour = "redis-server" | "stand-in";

const installed = spawnSync("redis-server", ["--version"], { encoding: "utf8", timeout: 2000 });
const majorVersion = Number(/v=(\d+)/.exec(installed.stdout ?? "")?.[1] ?? 0);

const forced = process.env.MUSTER_LAB_REDIS === "stand-in";

export const flavours: Flavour[] = majorVersion >= 6 && !forced ? ["redis-server", "stand-in"] : ["stand-in"];
if (flavours.length === 1 && !forced) {
  const missing = "redis-server is not installed (Debian: apt-get install redis-server)";
  if (process.env.CI === "true") throw new Error(`${missing}, and CI leaves no suite out.`);
  console.warn(`${missing}: Redis is the lab's stand-in only, and what that cannot do is LEFT OUT.`);
}

export interface RedisProcess {
  url: string;
  port: number;
  directory: string;
  /** Sends a command as an operator beside Muster would. */
  command(...parts: string[]): Promise<unknown>;
  /** One field of INFO. */
  info(name: string): Promise<string | undefined>;
  freeze(): void;
  thaw(): void;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, with its files and its configuration file as they are. */
  startAgain(): Promise<void>;
}

export interface RedisOptions {
  /** Further lines of the configuration file. */
  config?: string[];
  replicaOf?: Pick<RedisProcess, "port">;
  password?: string;
}

export interface RedisHost {
  start(options?: RedisOptions): Promise<RedisProcess>;
  dispose(): Promise<void>;
}

const START_ATTEMPTS = 20;
const STAND_IN = fileURLToPath(new URL("../../lab/redis-stand-in/main.ts", import.meta.url));

/** Starts Redis servers in a temporary directory, and ends every one of them at `dispose`. */
export function createRedisHost(flavour: Flavour): RedisHost {
  const root = mkdtempSync(join(tmpdir(), "muster-redis-"));
  const started: { kill(): Promise<void>; client: Redis }[] = [];

  async function start({ config = [], replicaOf, password }: RedisOptions = {}): Promise<RedisProcess> {
    const port = await freePort();
    const directory = join(root, `${port}`);
    const path = join(directory, "redis.conf");
    mkdirSync(directory);
    const lines = [`port ${port}`, "bind 127.0.0.1", `dir ${JSON.stringify(directory)}`, 'save ""', "appendonly yes"];
    if (flavour === "stand-in" || majorVersion >= 7) lines.push("enable-protected-configs local");
    if (flavour === "redis-server") lines.push("repl-diskless-sync yes", "repl-diskless-sync-delay 0");
    if (replicaOf) lines.push(`replicaof 127.0.0.1 ${replicaOf.port}`);
    if (password) lines.push(`requirepass ${password}`, `masterauth ${password}`);
    // Redis lets the last of two lines win, the stand-in too.
    writeFileSync(path, `${[...lines, ...config].join("\n")}\n`);

    let child = run(flavour, path);
    const kill = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    };
    const auth = password === undefined ? {} : { password };
    const client = new Redis({
      port,
      host: "127.0.0.1",
      ...auth,
      protocol: 2,
      disableClientInfo: true,
      retryStrategy: () => 20,
      // A busy machine takes its time to start a server.
      maxRetriesPerRequest: 500,
    });
    client.on("error", () => {});
    started.push({ kill, client });
    await client.ping();

    return {
      url: `redis://127.0.0.1:${port}`,
      port,
      directory,
      command: (name, ...parts) => client.call(name, ...parts),
      info: async (name) => new RegExp(`^${name}:(.*)\r$`, "m").exec(await client.info())?.[1],
      freeze: () => child.kill("SIGSTOP"),
      thaw: () => child.kill("SIGCONT"),
      kill,
      async startAgain() {
        await kill();
        child = run(flavour, path);
        // The client gives a command up sooner than a busy machine starts a server.
        for (let attempt = 1; ; attempt++) {
          const answered = await client.ping().catch((error: unknown) => {
            if (attempt === START_ATTEMPTS) throw error;
          });
          if (answered) return;
        }
      },
    };
  }

  return {
    start,
    async dispose() {
      for (const { client } of started) client.disconnect();
      await Promise.all(started.map(({ kill }) => kill()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function run(flavour: Flavour, path: string): ChildProcess {
  const stdio = "ignore" as const;
  if (flavour === "redis-server") return spawn("redis-server", [path], { stdio });
  return spawn(process.execPath, [STAND_IN, JSON.stringify({ region: "test", path })], { stdio });
}

/** Names of the dump files that a Redis has written. */
export function dumpsOf({ directory }: RedisProcess): string[] {
  return readdirSync(directory).filter((name) => name.endsWith(".rdb"));
}

/** Passes bytes on to a port, those that come back `delayMs` late: a replica behind it lags that much. */
export async function startLag(port: number, delayMs: number): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => [near, far].map((one) => one.destroy()));
    }
    near.on("data", (chunk) => far.write(chunk));
    far.on("data", (chunk) => setTimeout(() => near.write(chunk), delayMs));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
