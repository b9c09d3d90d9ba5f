import type { Logger } from "pino";
import { commands } from "../../commands/index.ts";
import { createDispatcher, type Dispatcher } from "../../src/commands/dispatch.ts";
import type { Core } from "../../src/core.ts";
import { createCore } from "../../src/create-core.ts";
import { adoptPlan } from "../../src/plans/adopt.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { Registry } from "../../src/ports.ts";
import { createRegistry } from "./actions.ts";
import type { Hub } from "./hub.ts";
import { EVERYBODY } from "./persons.ts";
import type { Random } from "./random.ts";
import { createClock, type Process, type Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";
import type { Vendor, VendorWeather } from "./vendor.ts";
import type { World } from "./world.ts";

/** One Muster: the process, and what it runs while it lives. */
export interface Instance {
  name: string;
  process: Process;
  core: Core;
  dispatcher: Dispatcher;
  actions: Registry["actions"];
}

export interface Instances {
  /** Those that people can speak to. */
  reachable(): Instance[];
  all(): Instance[];
  start(name: string, plan: Plan): void;
  crash(process: Process, why: string): void;
  freeze(process: Process, forMs: number): void;
  /** Lets everything run again that was frozen, and starts what is not running. */
  heal(): void;
}

export interface InstancesOptions {
  schedule: Schedule;
  random: Random;
  trace: Trace;
  hub: Hub;
  world: World;
  vendor: Vendor;
  weather: VendorWeather;
  leaseMs: number;
  requestTimeoutMs: number;
  /** The plan that a start finds on its disk. */
  planNow(): Plan;
  /** A process has just sent a probe. */
  looking(process: Process): void;
  /** Production would log this as a failure. */
  failed(what: string): void;
}

export function createInstances(options: InstancesOptions): Instances {
  const { schedule, random, trace, hub } = options;
  const running = new Map<string, Instance>();

  function start(name: string, plan: Plan): void {
    const process: Process = { name, alive: true, frozen: false };
    const store = hub.connect(process);
    const registry = createRegistry({ ...options, owner: process });
    const clock = createClock(schedule, process);
    const logger = traceLogger(trace, name, options.failed);
    const { core, journal, workers } = createCore({
      plan,
      registry,
      store,
      instance: name,
      clock,
      logger,
      leaseMs: options.leaseMs,
      requestTimeoutMs: options.requestTimeoutMs,
      reportsDirectory: "",
      nextTurn: (callback) => void schedule.after(0, process, callback),
    });
    const dispatcher = createDispatcher({ core, commands, directory: { list: () => [...EVERYBODY] }, logger });
    running.set(name, { name, process, core, dispatcher, actions: registry.actions });
    trace.say(name, `starts with the plan ${plan.digest.slice(0, 8)}`);
    adoptPlan(journal, plan).then(
      () => {
        // Documents are files; everything else runs as in production.
        for (const worker of workers) if (worker.name !== "reporter") worker.start();
      },
      () => crash(process, "it could not adopt its plan"),
    );
  }

  function crash(process: Process, why: string): void {
    if (!process.alive) return;
    process.alive = false;
    running.delete(process.name);
    trace.count("crashes");
    trace.say(process.name, `dies: ${why}`);
    // Whoever watches over processes starts it again.
    schedule.after(random.int(200, 15_000), undefined, () => {
      if (!running.has(process.name)) start(process.name, options.planNow());
    });
  }

  function thaw(process: Process): void {
    if (!process.frozen) return;
    process.frozen = false;
    trace.say(process.name, "wakes up");
    schedule.thaw(process);
  }

  return {
    start,
    crash,
    reachable: () => [...running.values()].filter(({ process }) => !process.frozen),
    all: () => [...running.values()],
    freeze(process, forMs) {
      if (process.frozen || !process.alive) return;
      process.frozen = true;
      trace.count("freezes");
      trace.say(process.name, `freezes for ${forMs} ms`);
      schedule.after(forMs, undefined, () => thaw(process));
    },
    heal() {
      for (const { process } of running.values()) thaw(process);
    },
  };
}

/** What production would log, in the trace. */
function traceLogger(trace: Trace, name: string, failed: (what: string) => void): Logger {
  const say = (fields: { err?: unknown }, message: string) => {
    const why = fields.err instanceof Error ? `: ${fields.err.message}` : "";
    trace.say(name, `log: ${message}${why}`);
    if (/^worker failed|threw|could not be journaled/.test(message)) failed(`${name} logs "${message}${why}"`);
  };
  const silent = () => {};
  return { error: say, warn: say, info: silent, debug: silent } as unknown as Logger;
}
