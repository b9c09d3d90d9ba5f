import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { SERVER_ENVIRONMENT, SERVER_FLAGS } from "../src/server-flags.ts";

export interface BenchServer {
  url: string;
  token: string;
  /** From the start of the process to its word that it listens. */
  readyMs: number;
  /** Resident memory; undefined where the system does not tell it. */
  residentMiB(): number | undefined;
  stop(): Promise<void>;
}

/** Of the operator, as the fake Slack has it. */
const SLACK_ACCOUNT = "T0LAB/U001";
const ROOT = join(import.meta.dirname, "..");
/** Nobody listens there, so that a look at the world costs what a refused connection costs. */
const CLOSED = "127.0.0.1:1";
const REGIONS = ["us-east-1", "eu-central"];
const READY_WITHIN_MS = 20_000;

/** A server of its own with an empty journal and the default plan, whose every endpoint is a closed port. */
export async function startServer({
  compileCache,
  more = {},
}: {
  compileCache?: string;
  /** Further variables of its environment. */
  more?: Record<string, string>;
} = {}): Promise<BenchServer> {
  const data = mkdtempSync(join(tmpdir(), "muster-bench-"));
  const token = randomBytes(24).toString("hex");
  const env = writeFiles(data, token);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...SERVER_FLAGS, join(ROOT, "src", "main.ts"), "serve"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: {
      PATH: process.env.PATH,
      ...SERVER_ENVIRONMENT,
      ...env,
      ...more,
      ...(compileCache && { NODE_COMPILE_CACHE: compileCache }),
    },
  });
  const stop = async () => {
    await ended(child);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const url = await readyUrl(child);
    const readyMs = performance.now() - startedAt;
    return { url, token, readyMs, residentMiB: () => residentMiB(child.pid ?? 0), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function writeFiles(data: string, token: string): Record<string, string> {
  const write = (name: string, value: unknown) => {
    const path = join(data, name);
    writeFileSync(path, stringify(value));
    return path;
  };
  const sha256 = createHash("sha256").update(token).digest("hex");
  const roles = ["operator"];
  const tokens = [{ sha256, created: new Date().toISOString() }];
  const people = [{ id: "operator", name: "Operator", roles, tokens, identities: { slack: SLACK_ACCOUNT } }];
  const regions = Object.fromEntries(
    REGIONS.map((code) => [code, { edge: `http://${CLOSED}`, redis: `redis://${CLOSED}` }]),
  );
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: REGIONS.map((name) => ({
      name,
      cluster: { server: `http://${CLOSED}`, "insecure-skip-tls-verify": true },
    })),
    users: [{ name: "muster", user: { token: "none" } }],
    contexts: REGIONS.map((name) => ({ name, context: { cluster: name, user: "muster" } })),
  };
  mkdirSync(join(data, "reports"));
  return {
    MUSTER_DATA: join(data, "journal"),
    MUSTER_REPORTS: join(data, "reports"),
    MUSTER_PLAN: join(ROOT, "plans", "genai-api.yaml"),
    MUSTER_VARS: write("vars.yaml", { publicUrl: `http://${CLOSED}`, regions }),
    MUSTER_PEOPLE: write("people.yaml", { people }),
    MUSTER_PORT: "0",
    MUSTER_LOG_LEVEL: "warn",
    KUBECONFIG: write("kubeconfig", kubeconfig),
    AWS_ENDPOINT_URL_ROUTE_53: `http://${CLOSED}`,
    AWS_ACCESS_KEY_ID: "none",
    AWS_SECRET_ACCESS_KEY: "none",
    AWS_REGION: "us-east-1",
  };
}

/** The address in its line `ready <address>`. */
export function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the server was not ready in time")), READY_WITHIN_MS);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const url = /^ready (\S+)/.exec(line)?.[1];
      if (url) resolve(url);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    const done = () => clearTimeout(timer);
    child.once("exit", done);
    child.stdout!.once("data", done);
  });
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(timer);
}

function residentMiB(pid: number): number | undefined {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(path, "utf8"))?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}
