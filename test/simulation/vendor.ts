import { AppError } from "../../src/errors.ts";
import type { ActionContext } from "../../src/ports.ts";
import type { Random } from "./random.ts";
import type { Process, Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";
import type { Request, World } from "./world.ts";

/** How often requests for a change fare badly, from now on; shares of one. */
export interface VendorWeather {
  refused: number;
  throttled: number;
  neverArrives: number;
  lostAnswer: number;
  /** Given up by its sender, and arrives long after. */
  straggles: number;
  /** Taken, and done some time later. */
  late: number;
  /** Taken, and never done. */
  forgotten: number;
  unseen: number;
}

export const FAIR: VendorWeather = {
  refused: 0,
  throttled: 0,
  neverArrives: 0,
  lostAnswer: 0,
  straggles: 0,
  late: 0.2,
  forgotten: 0,
  unseen: 0,
};

export interface VendorOptions {
  schedule: Schedule;
  random: Random;
  trace: Trace;
  world: World;
  weather: VendorWeather;
  requestTimeoutMs: number;
  sent(request: Request): void;
  /** It has arrived and done what it does; its sender has no answer yet. */
  arrived(request: Request): void;
}

export interface Vendor {
  /** Reads after a short way. `undefined` when nothing is to be seen. */
  look<T>(from: Process, region: string, read: () => T): Promise<T | undefined>;
  send(
    request: Omit<Request, "id" | "sentMs">,
    region: string,
    seenVersion: number | undefined,
    context: ActionContext,
  ): Promise<{ handle?: string }>;
}

type Fate = "done" | "refused" | "throttled" | "neverArrives" | "lostAnswer" | "straggles" | "late" | "forgotten";

/** The way to the world: requests travel, arrive even when nobody waits for them any more, and may fare badly. */
export function createVendor(options: VendorOptions): Vendor {
  const { schedule, random, trace, world, weather, requestTimeoutMs, sent, arrived } = options;

  function fateOf(): Fate {
    const { unseen: _, ...fates } = weather;
    const bad = Object.values(fates).reduce((sum, share) => sum + share, 0);
    return random.weighted<Fate>({ ...fates, done: Math.max(0, 1 - bad) });
  }

  function wayOf(fate: Fate): number {
    if (fate === "straggles") return random.int(requestTimeoutMs, 3 * requestTimeoutMs);
    return random.chance(0.15) ? random.int(1, requestTimeoutMs - 1) : random.int(1, 60);
  }

  /** What happens when it gets there; the error that is its answer, if that is one. */
  function arrive(request: Request, region: string, fate: Fate, seenVersion: number | undefined): AppError | undefined {
    request.arrivedMs = schedule.nowMs();
    const refuse = (code: "vendor-rejected" | "vendor-conflict" | "vendor-throttled", retryable: boolean) => {
      request.refused = code;
      trace.count("refused requests");
      return new AppError({ code, summary: `${request.resource}: ${code}`, retryable });
    };
    if (!(world.regions.get(region)?.up ?? true)) {
      request.refused = "unreachable";
      return lost(request.resource);
    }
    if (fate === "refused") return refuse("vendor-rejected", false);
    if (fate === "throttled") return refuse("vendor-throttled", true);
    const resource = world.resource(request.resource);
    const stale = request.action.repeat === "conditional" && seenVersion !== resource.version;
    const busy = resource.moving !== undefined && resource.moving.want !== request.want;
    if (stale || busy) return refuse("vendor-conflict", true);
    if (fate === "forgotten") return undefined;
    const changed = world.change(request, fate === "late" ? random.int(200, 6_000) : 0);
    trace.count(changed ? "effects" : "repeated requests");
    return undefined;
  }

  return {
    look: (from, region, read) =>
      new Promise((resolve) => {
        const unseen = random.chance(weather.unseen);
        schedule.after(random.int(1, 10), from, () =>
          resolve(unseen || !world.sees(from, region) ? undefined : read()),
        );
      }),
    send: (asked, region, seenVersion, { signal }) =>
      new Promise((resolve, reject) => {
        const request: Request = { ...asked, id: world.requests.length + 1, sentMs: schedule.nowMs() };
        const { sender } = request;
        world.requests.push(request);
        trace.count("requests");
        const fate = world.blind.has(sender) ? "neverArrives" : fateOf();
        trace.say(sender.name, `asks ${request.resource} to be ${request.want} (${request.token}; ${fate})`);
        sent(request);
        const giveUp = schedule.after(requestTimeoutMs, sender, () => {
          if (fate === "lostAnswer") trace.count("lost answers");
          reject(lost(request.resource));
        });
        // Whoever stops waiting does not call back what is on its way.
        schedule.onAbort(signal, () => reject(lost(request.resource)));
        if (fate === "neverArrives") return;
        const wayMs = wayOf(fate);
        schedule.after(wayMs, undefined, () => {
          const error = arrive(request, region, fate, seenVersion);
          const outcome = request.refused ?? (request.transition ? "changed" : "no change");
          trace.say("world", `${request.resource} is asked to be ${request.want} (${request.token}): ${outcome}`);
          arrived(request);
          if (fate === "lostAnswer" || request.refused === "unreachable") return;
          schedule.after(random.int(1, 60), sender, () => {
            giveUp();
            if (error) reject(error);
            else resolve({ handle: `request-${request.id}` });
          });
        });
      }),
  };
}

function lost(resource: string): AppError {
  return new AppError({
    code: "vendor-unavailable",
    summary: `${resource} did not answer.`,
    hint: "Look whether it happened.",
    retryable: true,
  });
}
