import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { serverEnvironment } from "../../lab/server.ts";
import { FAILPOINT_MARK } from "../../src/journal/failpoint.ts";

/** The real server, as a process of its own that can be killed and frozen. */
export interface MusterProcess {
  url: string;
  pid: number;
  /** The failpoints that it has reached so far. */
  reached: string[];
  /** Resolves when the process is gone. */
  exited: Promise<NodeJS.Signals | number | null>;
  /** Resolves when a failpoint is reached or the process is gone: it answers nobody from then on. */
  silent: Promise<void>;
  /** How it ended; undefined while it runs. */
  ended(): NodeJS.Signals | number | undefined;
  stop(): Promise<void>;
}

export interface MusterProcessOptions {
  directory: string;
  plan: string;
  instance: string;
  failpoints: string[];
  storeUrl?: string;
  leaseMs?: number;
}

const ENTRY = join(import.meta.dirname, "..", "..", "src", "main.ts");
const START_TIMEOUT_MS = 30_000;
const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export async function startMusterProcess(options: MusterProcessOptions): Promise<MusterProcess> {
  const { directory, failpoints, storeUrl, instance, leaseMs = 2_000 } = options;
  const child = spawn(process.execPath, [ENTRY, "serve"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...serverEnvironment(directory, 0, process.env),
      NODE_COMPILE_CACHE: join(import.meta.dirname, "..", "..", "node_modules", ".cache", "muster-crash"),
      MUSTER_PLAN: options.plan,
      MUSTER_REPORTS: join(directory, "reports"),
      MUSTER_INSTANCE: instance,
      MUSTER_LOG_LEVEL: "warn",
      MUSTER_REQUEST_TIMEOUT_MS: "1000",
      MUSTER_LEASE_MS: `${leaseMs}`,
      ...(storeUrl !== undefined && { MUSTER_STORE: storeUrl }),
      ...(failpoints.length > 0 && { MUSTER_TEST_FAILPOINT: failpoints.join(",") }),
    },
  });
  alive.add(child);
  let how: NodeJS.Signals | number | undefined;
  const exited = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on("close", (code, signal) => {
      alive.delete(child);
      how = signal ?? code ?? undefined;
      resolve(signal ?? code);
    });
  });
  const log = join(directory, `${instance}.log`);
  const reached: string[] = [];
  const silent = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr! }).on("line", (line) => {
      appendFileSync(log, `${line}\n`);
      if (!line.startsWith(FAILPOINT_MARK)) return;
      reached.push(line.slice(FAILPOINT_MARK.length));
      resolve();
    });
    exited.then(() => resolve());
  });
  const url = await new Promise<string>((resolve, reject) => {
    const fail = () => reject(new Error(`the server did not start:\n${tail(log)}`));
    const timer = setTimeout(fail, START_TIMEOUT_MS);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.startsWith("ready ")) resolve(line.slice(6));
    });
    // One that is killed while it starts is ready for nobody; its successor is started like any other's.
    exited
      .then((how) => (how === "SIGKILL" && reached.length > 0 ? resolve("") : fail()))
      .finally(() => clearTimeout(timer));
  });
  return {
    url,
    pid: child.pid ?? 0,
    reached,
    exited,
    silent,
    ended: () => how,
    async stop() {
      child.kill("SIGCONT");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function tail(path: string): string {
  try {
    return readFileSync(path, "utf8").split("\n").slice(-20).join("\n");
  } catch {
    return "(it wrote nothing)";
  }
}
