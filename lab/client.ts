import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError, type ErrorCode, type ErrorReport } from "../src/errors.ts";
import type { Verification } from "./traffic/verify.ts";
import type { FaultOrder } from "./world/faults.ts";
import { labPaths, type WorldFile } from "./world/files.ts";
import type { TrafficStats } from "./world/traffic.ts";
import type { LabState } from "./world/view.ts";

/** The lab's control API, for those who start, rehearse and test. Muster itself never uses it. */
export interface LabClient {
  pid: number;
  state(): Promise<LabState>;
  traffic(): Promise<TrafficStats>;
  /** Reads every acknowledged record back from the current primary. */
  verify(): Promise<Verification>;
  /** Answers whether something changed. */
  fault(order: FaultOrder): Promise<boolean>;
  /** Says that the world is in use; without it, it ends by itself after ten minutes. */
  heartbeat(): Promise<void>;
  /** Ends the world and everything in it; resolves when it is gone. */
  stop(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 20_000;
const SIGN_OF_LIFE_MS = 1500;
const STOP_WITHIN_MS = 1800;

/** The world that runs for this data directory, or undefined. */
export async function attachLab(data: string): Promise<LabClient | undefined> {
  const file = readWorldFile(labPaths(resolve(data)).world);
  if (!file || !isAlive(file.pid)) return undefined;
  const lab = createLabClient(file);
  try {
    await lab.heartbeat();
    return lab;
  } catch (error) {
    // Another program may have been given the number, or the port, of a world that was killed.
    if ((error as Error).name !== "TimeoutError") return undefined;
    throw new AppError({
      code: "vendor-unavailable",
      summary: `The lab's world (process ${file.pid}) runs and does not answer.`,
      hint: `Try again; if it stays so, end it with \`kill -9 ${file.pid}\` and start anew: it goes on where it was.`,
      cause: error,
    });
  }
}

/** Attaches to the running world or starts one, detached. Resolves as soon as its files and doors are there. */
export async function startLab(
  data: string,
  { env = process.env, timeoutMs = 10_000 }: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<{ lab: LabClient; started: boolean }> {
  const running = await attachLab(data);
  if (running) return { lab: running, started: false };
  const directory = resolve(data);
  const paths = labPaths(directory);
  const log = openLog(paths.lab, paths.log);
  const child = spawn(process.execPath, [join(import.meta.dirname, "world-main.ts"), "--data", directory], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...env, NODE_COMPILE_CACHE: join(paths.lab, "compile-cache") },
  });
  child.unref();
  let ended = false;
  child.on("exit", () => {
    ended = true;
  });
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !ended) {
    const file = readWorldFile(paths.world);
    if (file && file.pid === child.pid) return { lab: createLabClient(file), started: true };
    await new Promise((wait) => setTimeout(wait, 15));
  }
  if (!ended) child.kill("SIGKILL");
  throw refusal(paths.log, ended);
}

function openLog(directory: string, path: string): number {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return openSync(path, "w", 0o600);
  } catch (error) {
    throw new AppError({
      code: "config-invalid",
      summary: `The data directory cannot be used: ${(error as Error).message}.`,
      hint: "Name one that can be written, with --data or MUSTER_DATA.",
      cause: error,
    });
  }
}

function readWorldFile(path: string): WorldFile | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as WorldFile;
  } catch {
    return undefined;
  }
}

/** The world's last words, which are one line of JSON when it knows what is wrong. */
function refusal(log: string, ended: boolean): AppError {
  const lines = readFileSync(log, "utf8").trim().split("\n");
  try {
    const { code, summary, hint } = JSON.parse(lines.at(-1) ?? "") as {
      code: ErrorCode;
      summary: string;
      hint: string;
    };
    return new AppError({ code, summary, hint });
  } catch {
    const summary = ended
      ? "The lab's world ended before it was ready."
      : "The lab's world did not become ready in time.";
    return new AppError({ code: "internal", summary, hint: `Its log is ${log}.` });
  }
}

/** Nobody listens where the world had its door. */
export function isRefused(error: unknown): boolean {
  return (error as { cause?: { code?: string } }).cause?.code === "ECONNREFUSED";
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function createLabClient({ pid, controlUrl, token }: WorldFile): LabClient {
  async function call<Answer>(
    method: "GET" | "POST",
    path: string,
    body?: object,
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<Answer> {
    const response = await fetch(controlUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = (await response.json()) as Answer | ErrorReport;
    if (!response.ok) throw new AppError(answer as ErrorReport);
    return answer as Answer;
  }

  /** A dead process keeps its number until its parent has asked after it; its doors close at once. */
  async function isGone(): Promise<boolean> {
    if (!isAlive(pid)) return true;
    return call("POST", "/heartbeat", undefined, SIGN_OF_LIFE_MS).then(() => false, isRefused);
  }

  return {
    pid,
    state: () => call("GET", "/state"),
    traffic: () => call("GET", "/traffic"),
    verify: () => call("POST", "/traffic/verify"),
    fault: async (order) => (await call<{ changed: boolean }>("POST", "/faults", order)).changed,
    heartbeat: async () => void (await call("POST", "/heartbeat", undefined, SIGN_OF_LIFE_MS)),
    async stop() {
      // A world that does not answer is ended by force; its reaper clears up.
      await call("POST", "/stop", undefined, SIGN_OF_LIFE_MS).catch(() => isAlive(pid) && process.kill(pid, "SIGKILL"));
      const deadline = performance.now() + STOP_WITHIN_MS;
      while (!(await isGone())) {
        if (performance.now() > deadline) {
          process.kill(pid, "SIGKILL");
          return;
        }
        await new Promise((wait) => setTimeout(wait, 20));
      }
    },
  };
}
