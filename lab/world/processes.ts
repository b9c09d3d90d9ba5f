import { type ChildProcess, fork, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import type { ReaperOrder } from "../reaper.ts";

export interface Child {
  name: string;
  pid: number;
  /** Sends an order to a Node child; nothing happens when it is gone. */
  send(order: object): void;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone. */
  exited: Promise<void>;
  isAlive(): boolean;
}

export interface Processes {
  /** Starts one of the lab's own modules with its configuration. */
  startModule(name: string, module: string, config: object, onMessage: (message: never) => void): Child;
  startCommand(name: string, command: string, args: string[]): Child;
  list(): { name: string; pid: number }[];
  /** Ends everything at once; resolves when it is gone. */
  killAll(): Promise<void>;
}

const LAB = join(import.meta.dirname, "..");
/** Pods must be small: 20 of them and a world live on one laptop. */
const NODE_FLAGS = [
  "--max-semi-space-size=1",
  "--max-old-space-size=96",
  "--v8-pool-size=1",
  "--disable-warning=ExperimentalWarning",
];

/** Starts and knows every child of the world, and tells the reaper about each of them. */
export function createProcesses(directory: string): Processes {
  const children = new Map<number, Child>();
  const log = openSync(join(directory, "processes.log"), "a", 0o600);
  const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(directory, "compile-cache") };
  let reaper = startReaper();
  let ending = false;

  function startReaper(): ChildProcess {
    const started = fork(join(LAB, "reaper.ts"), ["{}"], {
      execArgv: NODE_FLAGS,
      env,
      stdio: ["ignore", log, log, "ipc"],
    });
    for (const pid of children.keys()) started.send({ add: pid } satisfies ReaperOrder);
    started.on("exit", () => {
      if (!ending) reaper = startReaper();
    });
    started.on("error", () => {});
    return started;
  }

  function tellReaper(order: ReaperOrder): void {
    if (reaper.connected) reaper.send(order, () => {});
  }

  function adopt(name: string, process_: ChildProcess): Child {
    const exited = new Promise<void>((resolve) => {
      process_.on("exit", () => resolve());
      process_.on("error", () => resolve());
    });
    const child: Child = {
      name,
      pid: process_.pid ?? -1,
      exited,
      isAlive: () => process_.pid !== undefined && process_.exitCode === null && process_.signalCode === null,
      send: (order) => void (process_.connected && process_.send(order, () => {})),
      signal: (signal) => void process_.kill(signal),
    };
    if (process_.pid === undefined) return child;
    children.set(child.pid, child);
    tellReaper({ add: child.pid });
    exited.then(() => {
      children.delete(child.pid);
      tellReaper({ remove: child.pid });
    });
    return child;
  }

  return {
    startModule(name, module, config, onMessage) {
      if (ending) return neverStarted(name);
      const args = [JSON.stringify(config)];
      const process_ = fork(join(LAB, module), args, { execArgv: NODE_FLAGS, env, stdio: ["ignore", log, log, "ipc"] });
      process_.on("message", (message) => onMessage(message as never));
      return adopt(name, process_);
    },
    startCommand(name, command, args) {
      if (ending) return neverStarted(name);
      return adopt(name, spawn(command, args, { env, stdio: ["ignore", log, log] }));
    },
    list: () => [...children.values()].map(({ name, pid }) => ({ name, pid })),
    async killAll() {
      ending = true;
      const all = [...children.values()];
      for (const child of all) child.signal("SIGKILL");
      await Promise.all(all.map((child) => child.exited));
      const reaped = new Promise((resolve) => reaper.once("exit", resolve));
      if (reaper.connected) reaper.disconnect();
      await Promise.race([reaped, new Promise((resolve) => setTimeout(resolve, 300))]);
    },
  };
}

/** Supervisors that still want to replace what was ended with the world get this. */
function neverStarted(name: string): Child {
  return { name, pid: -1, exited: new Promise(() => {}), isAlive: () => false, send() {}, signal() {} };
}
