import type { StoredEvent } from "../../src/journal/store.ts";
import type { Hub } from "./hub.ts";
import type { Instances } from "./instances.ts";
import type { People } from "./people.ts";
import type { Random } from "./random.ts";
import type { Process, Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";
import { FAIR, type VendorWeather } from "./vendor.ts";
import type { World } from "./world.ts";

export interface FaultOptions {
  schedule: Schedule;
  random: Random;
  trace: Trace;
  hub: Hub;
  world: World;
  weather: VendorWeather;
  instances: Instances;
  people: People;
  leaseMs: number;
  /** Somebody rolls out another plan: whoever starts from now on finds that one. */
  changePlan(): void;
}

export interface Faults {
  /** Everything that goes wrong until then, and all that people do meanwhile. */
  begin(untilMs: number): void;
  /** From now on nothing goes wrong any more. */
  end(): void;
  /** Something was written, and its writer does not know yet. */
  written(process: Process, events: readonly StoredEvent[]): void;
  /** A process has sent a probe, and has no answer yet. */
  looking(process: Process): void;
  /** The world has done something, and its sender does not know yet. */
  done(process: Process): void;
}

/** The disaster of one seed: what fails when, and how badly. */
export function createFaults(options: FaultOptions): Faults {
  const { schedule, random, trace, hub, world, weather, instances, people } = options;
  const crashAtWrite = random.pick([0, 0, 0.002, 0.01]);
  const freezeAtWrite = random.pick([0, 0, 0.01, 0.03]);
  const actAtWrite = random.pick([0, 0.01, 0.03]);
  const crashAtEffect = random.pick([0, 0, 0.03, 0.1]);
  // A stream of its own: with and without, everything else goes wrong in the same way.
  const starving = random.fork("starving");
  const starved = new Set<Process>();
  let over = false;
  let endsMs = 0;

  /** Happens again and again, with pauses of about this length. */
  function every(meanMs: number, what: () => void): void {
    const next = () => {
      const pauseMs = random.int(meanMs / 4, meanMs * 2);
      schedule.after(pauseMs, undefined, () => {
        if (over || schedule.nowMs() >= endsMs) return;
        what();
        next();
      });
    };
    next();
  }

  function failRegions(): void {
    const codes = [...world.regions.keys()];
    const first = random.chance(0.75) ? "east" : random.pick(codes);
    schedule.after(random.int(8_000, 30_000), undefined, () => {
      world.setUp(first, false);
      const flaps = random.chance(0.3) ? random.int(1, 4) : random.chance(0.6) ? 1 : 0;
      let atMs = 0;
      for (let flap = 0; flap < flaps; flap++) {
        atMs += random.int(3_000, 60_000);
        schedule.after(atMs, undefined, () => world.setUp(first, true));
        if (flap === flaps - 1) break;
        atMs += random.int(2_000, 20_000);
        schedule.after(atMs, undefined, () => world.setUp(first, false));
      }
    });
    if (random.chance(0.5)) every(60_000, () => world.setUp(random.pick(codes), random.chance(0.6)));
    if (random.chance(0.4)) every(20_000, () => slow(random.pick(codes)));
  }

  function slow(code: string): void {
    const region = world.regions.get(code);
    if (region) region.slow = !region.slow;
  }

  function failStore(): void {
    if (random.chance(0.5)) {
      hub.weather.errorBeforeWrite = random.pick([0.005, 0.03]);
      hub.weather.lostAnswer = random.pick([0.005, 0.03]);
    }
    if (random.chance(0.4)) {
      every(40_000, () => {
        const forMs = random.int(500, 8_000);
        hub.weather.outageUntilMs = schedule.nowMs() + forMs;
        trace.count("store outages");
        trace.say("world", `the store is away for ${forMs} ms`);
      });
    }
  }

  function failVendor(): void {
    const bad = () => random.pick([0, 0.05, 0.15]);
    const worse = random.chance(0.75);
    if (!worse) return;
    Object.assign(weather, {
      refused: bad() / 2,
      throttled: bad(),
      neverArrives: bad(),
      lostAnswer: bad(),
      straggles: bad() / 2,
      late: bad() + 0.1,
      forgotten: bad() / 2,
      unseen: random.pick([0, 0.02, 0.1]),
    });
  }

  function failInstances(): void {
    const someone = () => {
      const all = instances.all();
      return all.length > 0 ? random.pick(all).process : undefined;
    };
    if (random.chance(0.6)) {
      every(random.int(15_000, 60_000), () => {
        const process = someone();
        if (process) instances.crash(process, "killed");
      });
    }
    if (random.chance(0.5)) {
      every(random.int(10_000, 40_000), () => {
        const process = someone();
        if (process) instances.freeze(process, random.int(200, 3 * options.leaseMs));
      });
    }
    if (random.chance(0.2)) every(40_000, () => blind(someone()));
    if (random.chance(0.3)) every(50_000, () => options.changePlan());
    if (starving.chance(0.3)) schedule.after(starving.int(5_000, 40_000), undefined, () => starve(someoneStarving()));
  }

  const someoneStarving = () => {
    const all = instances.all();
    return all.length > 0 ? starving.pick(all).process : undefined;
  };

  /** Hardly any processor time is left for one instance: whenever it looks, it is away before an answer has come. */
  function starve(process: Process | undefined): void {
    if (!process || over) return;
    starved.add(process);
    trace.say(process.name, "has hardly any processor time any more");
    schedule.after(starving.int(5_000, 30_000), undefined, () => starved.delete(process));
  }

  /** The network of one instance is gone for a while: it sees no region, and reaches none. */
  function blind(process: Process | undefined): void {
    if (!process) return;
    world.blind.add(process);
    trace.say(process.name, "sees nothing of the world any more");
    schedule.after(random.int(2_000, 20_000), undefined, () => world.blind.delete(process));
  }

  function lag(): void {
    const behind = () => random.pick([0, 100, 800, 3_000, 9_000, 20_000]);
    for (const store of world.stores.values()) store.setLag(random.int(0, 500));
    if (random.chance(0.7)) {
      every(15_000, () => {
        for (const store of world.stores.values()) store.setLag(behind());
      });
    }
  }

  return {
    begin(untilMs) {
      endsMs = untilMs;
      failRegions();
      failStore();
      failVendor();
      failInstances();
      lag();
      every(random.int(1_500, 6_000), () => people.act());
    },
    end() {
      over = true;
      Object.assign(weather, FAIR);
      Object.assign(hub.weather, { outageUntilMs: 0, errorBeforeWrite: 0, lostAnswer: 0 });
      world.blind.clear();
      for (const store of world.stores.values()) store.setLag(100);
      for (const code of world.regions.keys()) world.setUp(code, random.chance(0.85));
      instances.heal();
    },
    written(process, events) {
      if (over) return;
      if (random.chance(crashAtWrite)) {
        trace.count("crashes at a write");
        instances.crash(process, "killed between a write and its answer");
      } else if (random.chance(freezeAtWrite)) instances.freeze(process, random.int(200, 2 * options.leaseMs));
      if (events.some(({ kind }) => kind === "step.intended") && random.chance(actAtWrite)) people.interfere();
    },
    looking(process) {
      if (!over && starved.has(process)) instances.freeze(process, starving.int(1_100, 2_500));
    },
    done(process) {
      if (over || !random.chance(crashAtEffect)) return;
      trace.count("crashes between an effect and its record");
      instances.crash(process, "killed between an effect and its answer");
    },
  };
}
