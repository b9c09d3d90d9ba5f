import type { RecoveryAction } from "../../src/ports.ts";
import { type Copies, createCopies } from "./copies.ts";
import type { Process, Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";

export interface Region {
  code: string;
  up: boolean;
  slow: boolean;
}

/** One thing that actions bring to a wanted value. It remembers since when it has had which. */
export interface Resource {
  value: string;
  version: number;
  moving?: { want: string; untilMs: number };
  history: { value: string; fromMs: number }[];
}

/** One request for a change, as it left a process. */
export interface Request {
  id: number;
  sender: Process;
  sentMs: number;
  /** `<run>/<step>/<attempt>`. */
  token: string;
  action: Pick<RecoveryAction, "id" | "effect" | "repeat">;
  resource: string;
  want: string;
  arrivedMs?: number;
  /** Said no: nothing was or will be changed by it. */
  refused?: string;
  /** It changed the world, or set off the change. */
  transition?: boolean;
  /** For a promotion that took place: the writes that were given up, in milliseconds. */
  lossMs?: number;
}

/** A look at a region that found nobody there, for whatever reason outside of the process that looked. */
export interface Miss {
  region: string;
  by: Process;
  askedMs: number;
}

export interface World {
  regions: Map<string, Region>;
  resources: Map<string, Resource>;
  stores: Map<string, Copies>;
  requests: Request[];
  resource(name: string): Resource;
  setUp(region: string, up: boolean): void;
  /** Is it to be seen from this process? One whose network is gone sees nothing. */
  sees(from: Process, region: string): boolean;
  blind: Set<Process>;
  misses: Miss[];
  missed(miss: Miss): void;
  /** The change takes place now, or begins; false when the world was so already. */
  change(request: Request, afterMs: number): boolean;
}

export interface WorldOptions {
  schedule: Schedule;
  trace: Trace;
  regions: string[];
  home: string;
  stores: string[];
  transition(request: Request): void;
}

/** Regions, what runs in them, and what was asked of it: kept by the world itself, whatever Muster believes. */
export function createWorld(options: WorldOptions): World {
  const { schedule, trace, home, transition } = options;
  const regions = new Map(options.regions.map((code): [string, Region] => [code, { code, up: true, slow: false }]));
  const resources = new Map<string, Resource>();
  const blind = new Set<Process>();
  const misses: Miss[] = [];
  const isUp = (region: string) => regions.get(region)?.up ?? true;
  const stores = new Map(
    options.stores.map((name): [string, Copies] => [
      name,
      createCopies(options.regions, home, () => schedule.nowMs(), isUp),
    ]),
  );

  function resource(name: string): Resource {
    const known = resources.get(name);
    if (known) return known;
    const [kind] = name.split("/");
    const value = kind === "traffic" || kind === "primary" ? home : "";
    const made: Resource = { value, version: 1, history: [{ value, fromMs: 0 }] };
    resources.set(name, made);
    return made;
  }

  function settle(one: Resource, value: string): void {
    one.value = value;
    one.version++;
    delete one.moving;
    one.history.push({ value, fromMs: schedule.nowMs() });
  }

  /** What a finished change means for the data stores. */
  function takeEffect(request: Request): void {
    const [, name = "", region = ""] = request.resource.split("/");
    const store = stores.get(name);
    if (!store) return;
    if (request.action.effect === "fence") store.fence(region);
    if (request.action.effect === "follower") store.follow(region);
    if (request.action.effect !== "promotion") return;
    request.lossMs = store.promote(request.want);
    trace.count("promotions");
    // A copy that is promoted takes writes, whatever fenced it before.
    settle(resource(`fence/${name}/${request.want}`), "");
  }

  return {
    regions,
    resources,
    stores,
    requests: [],
    resource,
    blind,
    misses,
    missed: (miss) => void misses.push(miss),
    setUp(code, up) {
      const region = regions.get(code);
      if (!region || region.up === up) return;
      for (const store of stores.values()) store.advance();
      region.up = up;
      trace.count(up ? "region returns" : "region failures");
      trace.say("world", `${code} ${up ? "answers again" : "goes down"}`);
    },
    sees: (from, region) => !blind.has(from) && isUp(region),
    change(request, afterMs) {
      const one = resource(request.resource);
      const repeatable = request.action.repeat !== "once";
      if (repeatable && (one.value === request.want || one.moving?.want === request.want)) return false;
      request.transition = true;
      transition(request);
      if (afterMs === 0) {
        settle(one, request.want);
        takeEffect(request);
        return true;
      }
      one.moving = { want: request.want, untilMs: schedule.nowMs() + afterMs };
      schedule.after(afterMs, undefined, () => {
        if (one.moving?.want !== request.want) return;
        trace.say("world", `${request.resource} is ${request.want} now`);
        trace.count("late effects");
        settle(one, request.want);
        takeEffect(request);
      });
      return true;
    },
  };
}
