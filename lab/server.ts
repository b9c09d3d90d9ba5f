import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SERVER_ENVIRONMENT, SERVER_FLAGS } from "../src/server-flags.ts";
import { labPaths } from "./world/files.ts";

/** The Muster server as a child of `npm start`: what it is given, and what of its output people see. */
export interface Server {
  pid: number | undefined;
  /** Resolves with the address when it is ready, or undefined when it ended before. */
  ready: Promise<string | undefined>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** SIGTERM, and SIGKILL when it is not gone in time. */
  stop(withinMs: number): Promise<void>;
}

const ROOT = join(import.meta.dirname, "..");
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** Muster against the lab: its plan, addresses, people and credentials, and nobody else's. */
export function serverEnvironment(data: string, port: number, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const paths = labPaths(data);
  // What the user's own shell holds for the real cloud must never be sent, not even to the lab.
  const { AWS_SESSION_TOKEN: _token, AWS_PROFILE: _profile, ...rest } = env;
  return {
    MUSTER_PLAN: join(ROOT, "plans", "genai-api.yaml"),
    MUSTER_REPORTS: "reports",
    ...rest,
    MUSTER_DATA: data,
    MUSTER_VARS: paths.vars,
    MUSTER_PEOPLE: paths.people,
    MUSTER_OPEN_SIGN_IN: "loopback",
    MUSTER_PORT: String(port),
    NODE_COMPILE_CACHE: join(paths.lab, "compile-cache"),
    ...(JSON.parse(readFileSync(paths.environment, "utf8")) as Record<string, string>),
    ...besideEnvironment(paths.slackEnvironment),
    ...besideEnvironment(paths.teamsEnvironment),
    ...besideEnvironment(paths.modelEnvironment),
    ...besideEnvironment(paths.pagerDutyEnvironment),
  };
}

/** Of a chat or a model beside the lab, while it runs. */
function besideEnvironment(path: string): Record<string, string> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, string>) : {};
}

export function startServer(data: string, port: number, say: (line: string) => void): Server {
  const logPath = join(data, "server.log");
  mkdirSync(data, { recursive: true });
  writeFileSync(logPath, "", { mode: 0o600 });
  // Tests put a small program in the server's place.
  const entry = process.env.MUSTER_LAB_SERVER ?? join(ROOT, "src", "main.ts");
  const child = spawn(process.execPath, [...SERVER_FLAGS, entry, "serve"], {
    // The channel is there so that the server can notice when this process is killed.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...SERVER_ENVIRONMENT, ...serverEnvironment(data, port, process.env) },
  });
  keepLog(child, logPath, say);
  const exited = new Promise<Awaited<Server["exited"]>>((resolve) => {
    // "close" and not "exit": the last words have been read then.
    child.on("close", (code, signal) => resolve({ code, signal }));
    child.on("error", () => resolve({ code: 1, signal: null }));
  });
  const ready = new Promise<string | undefined>((resolve) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const match = /^ready (\S+)/.exec(line);
      if (match) resolve(match[1]);
      else say(line);
    });
    exited.then(() => resolve(undefined));
  });

  return {
    pid: child.pid,
    ready,
    exited,
    async stop(withinMs) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** All of the log goes to a file; people see errors, and what is not a log line at all. */
function keepLog(child: ChildProcess, path: string, say: (line: string) => void): void {
  let bytes = 0;
  const keep = (line: string) => {
    try {
      appendFileSync(path, `${line}\n`);
    } catch (error) {
      // The server goes on without its log: a full disk, or a directory that somebody has deleted.
      bytes = MAX_LOG_BYTES;
      say(`The log is not kept any more: ${(error as Error).message}`);
    }
  };
  createInterface({ input: child.stderr! }).on("line", (line) => {
    bytes += line.length;
    if (bytes < MAX_LOG_BYTES) keep(line);
    const shown = readable(line);
    if (shown) say(shown);
  });
}

const ERROR_LEVEL = 50;

function readable(line: string): string | undefined {
  if (!line.startsWith("{")) return line;
  try {
    const { level, msg, summary, hint } = JSON.parse(line) as Record<string, unknown>;
    if (typeof level === "number" && level < ERROR_LEVEL) return undefined;
    const text = [summary ?? msg, hint].filter((part) => typeof part === "string" && part !== "").join(" ");
    return text || line;
  } catch {
    return line;
  }
}
