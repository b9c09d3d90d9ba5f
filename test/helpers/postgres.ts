import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client, type QueryResult } from "pg";
import { freePort } from "./free-port.ts";

const run = promisify(execFile);
const START_TIMEOUT_MS = 20_000;

const binaries = findBinaries();
export const postgresInstalled = binaries !== undefined;
if (!postgresInstalled) {
  const missing = "PostgreSQL is not installed (Debian: apt-get install postgresql)";
  if (process.env.CI === "true") throw new Error(`${missing}, and CI leaves no suite out.`);
  // This helper is used outside of Vitest too, which its own package does not allow.
  const { __vitest_worker__: worker } = globalThis as { __vitest_worker__?: { filepath?: string } };
  console.warn(`${missing}: LEFT OUT is ${worker?.filepath ?? "what needs it"}`);
}

export interface PostgresServer {
  port: number;
  /** The address of one of its databases, as the superuser `postgres` unless told otherwise. */
  url(database: string, user?: string): string;
  /** The name of an empty database; give it back with `emptyDatabase`. */
  createDatabase(): Promise<string>;
  emptyDatabase(name: string): Promise<void>;
  /** As an operator beside Muster would. */
  query(sql: string, values?: unknown[], database?: string): Promise<QueryResult>;
  /** `fast` ends every session and writes all to the disk. */
  stop(): Promise<void>;
  /** kill -9 of the postmaster. */
  kill(): Promise<void>;
  /** After `stop` or `kill`, on the same port, with the same files. */
  start(): Promise<void>;
  /** A streaming standby of this server. */
  startStandby(settings?: Record<string, string>): Promise<PostgresServer>;
}

export interface PostgresHost {
  /** `files` are put into its data directory first: text by name. */
  startServer(settings?: Record<string, string>, files?: Record<string, string>): Promise<PostgresServer>;
  /** Ends every server and removes every file. */
  dispose(): Promise<void>;
}

/** Real servers on free loopback ports, in one temporary directory, run by a user that is not root. */
export function createPostgresHost(): PostgresHost {
  if (binaries === undefined) throw new Error("PostgreSQL is not installed.");
  const user = serverUser();
  const root = mkdtempSync(join(tmpdir(), "muster-postgres-"));
  own(root);
  const environment = { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: "UTC" };
  const options = { ...user, cwd: root, env: environment };
  const running: { stop(): Promise<void> }[] = [];
  let count = 0;

  const call = (program: string, args: string[]) => run(join(binaries, program), args, options);

  function own(directory: string): void {
    const { uid, gid } = user;
    if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
  }

  function newDirectory(): string {
    count += 1;
    const directory = join(root, `${count}`);
    mkdirSync(directory, { mode: 0o700 });
    own(directory);
    return directory;
  }

  async function serve(directory: string, settings: Record<string, string>): Promise<PostgresServer> {
    const port = await freePort();
    const all = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", ...SETTINGS, ...settings };
    const args = ["-D", directory, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
    const url = (database: string, name = "postgres") => `postgres://${name}@127.0.0.1:${port}/${database}`;
    let child: ChildProcess | undefined;
    const free: string[] = [];
    let databases = 0;

    async function query(sql: string, values: unknown[] = [], database = "postgres"): Promise<QueryResult> {
      const client = new Client({ connectionString: url(database), connectionTimeoutMillis: 5_000 });
      client.on("error", () => {});
      try {
        await client.connect();
        return await client.query(sql, values);
      } finally {
        await client.end();
      }
    }

    async function start(): Promise<void> {
      const deadline = Date.now() + START_TIMEOUT_MS;
      for (;;) {
        child ??= spawnGuarded(join(binaries as string, "postgres"), args, options);
        try {
          await query("SELECT 1");
          return;
        } catch (error) {
          if (Date.now() > deadline) throw error;
        }
        // After a kill, what is left of the old server keeps the new one out for a moment.
        if (child.exitCode !== null) child = undefined;
        await sleep(20);
      }
    }

    async function end(signal: "SIGINT" | "SIGKILL"): Promise<void> {
      if (!child || child.exitCode !== null) return;
      const ended = once(child, "exit");
      const [pid] = readFileSync(join(directory, "postmaster.pid"), "utf8").split("\n");
      process.kill(Number(pid), signal);
      await ended;
      child = undefined;
    }

    const server: PostgresServer = {
      port,
      url,
      query,
      start,
      async createDatabase() {
        const empty = free.pop();
        if (empty !== undefined) return empty;
        databases += 1;
        const name = `journal_${databases}`;
        await query(`CREATE DATABASE ${name}`);
        return name;
      },
      async emptyDatabase(name) {
        await query(`ALTER DATABASE ${name} RESET ALL`);
        await query("DROP SCHEMA IF EXISTS muster CASCADE", [], name);
        free.push(name);
      },
      stop: () => end("SIGINT"),
      kill: () => end("SIGKILL"),
      async startStandby(more = {}) {
        const copy = newDirectory();
        const from = ["-h", "127.0.0.1", "-p", `${port}`, "-U", "postgres"];
        await call("pg_basebackup", [...from, "-D", copy, "-R", "-X", "stream", "-c", "fast", "--no-sync"]);
        return serve(copy, { ...settings, ...more });
      },
    };
    running.push(server);
    await start();
    return server;
  }

  return {
    async startServer(settings = {}, files = {}) {
      const directory = newDirectory();
      await call("initdb", [
        "-D",
        directory,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
      ]);
      for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(directory, name), text, { mode: 0o600 });
        own(join(directory, name));
      }
      return serve(directory, settings);
    },
    async dispose() {
      await Promise.all(running.map((server) => server.stop()));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Small, and quick to follow a promotion; nothing here makes a commit less durable. */
const SETTINGS = {
  shared_buffers: "16MB",
  max_connections: "60",
  wal_retrieve_retry_interval: "100ms",
  logging_collector: "off",
};

/** For tests in which no server dies. */
export const VOLATILE = { fsync: "off", full_page_writes: "off" };

/** A process that ends with this one, however this one ends: its guard waits for the end of its input. */
function spawnGuarded(program: string, args: string[], options: { cwd: string }): ChildProcess {
  const guard =
    '"$0" "$@" & server=$!; (read -r _ <&3; kill -QUIT $server) & guard=$!; wait $server; kill $guard; wait $guard';
  const child = spawn("sh", ["-c", guard, program, ...args], {
    ...options,
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  child.stdio[3]?.on("error", () => {});
  return child;
}

/** PostgreSQL refuses root: `postgres` where there is such a user, else `nobody`. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string, name: string) =>
    Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
  for (const name of ["postgres", "nobody"]) {
    try {
      return { uid: id("-u", name), gid: id("-g", name) };
    } catch {
      // The next one.
    }
  }
  throw new Error("There is no unprivileged user to run PostgreSQL as.");
}

/** Debian keeps them out of the path. */
function findBinaries(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((one, other) => Number(other) - Number(one)) : [];
  const places = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")];
  return places.find((place) => ["initdb", "postgres", "pg_basebackup"].every((name) => existsSync(join(place, name))));
}
