import { setTimeout as sleep } from "node:timers/promises";
import type { WireEvent } from "../../src/commands/wire.ts";
import type { Effects } from "./effects.ts";
import { type MusterProcess, startMusterProcess } from "./server.ts";

/**
 * Who goes on when an instance dies or freezes: `restart` is the same machine's next start, on SQLite; `takeover`
 * and `freeze` are another instance that was already running, on PostgreSQL.
 */
export type Succession = "restart" | "takeover" | "freeze";

export interface CastOptions {
  succession: Succession;
  failpoints: string[];
  storeUrl?: string;
  directory: string;
  plan: string;
  effects: Effects;
  /** Who holds the executor's lease at this moment, as the store says. */
  executor(): Promise<string | undefined>;
  /** Somebody else answers from now on. */
  onTalkTo(url: string): void;
}

/** The instances of one story: which one is spoken to, which one dies next, and what a frozen one does when woken. */
export interface Cast {
  begin(): Promise<void>;
  /** Sees to whoever has died or frozen since the last time. */
  attend(): Promise<void>;
  url(): string;
  /** Resolves when whoever is spoken to will not answer any more. */
  silent(): Promise<void>;
  reached(): string[];
  /** Wakes whoever is still frozen, and gives it time to do what it must not. */
  aftermath(): Promise<void>;
  trespasses(events: WireEvent[]): string[];
  end(): Promise<void>;
}

const LEASE_MS = 1_500;
/** Long enough for a woken instance to do what it must not, and shorter than a lease. */
const AFTERMATH_MS = 700;

interface Frozen {
  instance: string;
  process: MusterProcess;
  wokenAt?: number;
  watched?: Promise<void>;
}

export function createCast(options: CastOptions): Cast {
  const { succession, effects, onTalkTo } = options;
  const waiting = [...options.failpoints];
  const all: MusterProcess[] = [];
  const frozen: Frozen[] = [];
  let names = 0;
  let speaking: { instance: string; process: MusterProcess } | undefined;
  let standby: Promise<{ instance: string; process: MusterProcess }> | undefined;

  async function start(failpoints: string[]): Promise<{ instance: string; process: MusterProcess }> {
    names += 1;
    const instance = `muster-${names}`;
    const { directory, plan, storeUrl } = options;
    const store = storeUrl === undefined ? {} : { storeUrl, leaseMs: LEASE_MS };
    const process = await startMusterProcess({ directory, plan, instance, failpoints, ...store });
    all.push(process);
    return { instance, process };
  }

  /** Alone, one start takes all that are left; of several instances each has the next point to itself. */
  const next = (): string[] => {
    if (succession === "restart") return waiting.filter((point) => !reached().includes(point));
    const point = waiting.shift();
    return point === undefined ? [] : [point];
  };
  const reached = () => all.flatMap((one) => one.reached);

  function speakTo(one: { instance: string; process: MusterProcess }): void {
    speaking = one;
    if (one.process.url !== "") onTalkTo(one.process.url);
  }

  async function succeed(): Promise<void> {
    if (succession === "restart") return speakTo(await start(next()));
    const gone = speaking!;
    if (succession === "freeze") frozen.push({ instance: gone.instance, process: gone.process });
    speakTo(await standby!);
    standby = start(next());
    standby.catch(() => {});
  }

  /**
   * Every other one is woken as soon as its successor holds the lease, the rest when all is over. It ends before it
   * could come by the lease again in an honest way.
   */
  function wake(one: Frozen): void {
    const callOff = effects.watch(one.process.pid);
    one.wokenAt = Date.now();
    process.kill(one.process.pid, "SIGCONT");
    one.watched = sleep(AFTERMATH_MS)
      .then(callOff)
      .then(() => one.process.stop());
  }

  return {
    async begin() {
      speakTo(await start(next()));
      if (succession === "restart") return;
      // Only who leads meets its point.
      for (let count = 0; count < 100 && (await options.executor()) === undefined; count++) await sleep(50);
      standby = start(next());
      await standby;
    },
    async attend() {
      const { process: current } = speaking!;
      const ended = current.ended();
      if (ended !== undefined && current.reached.length === 0)
        throw new Error(`${speaking?.instance} ended by itself (${ended}); its log tells why`);
      const gone = current.reached.length > 0 && !frozen.some(({ process }) => process === current);
      if (!gone) {
        const early = frozen.find(({ wokenAt }, index) => wokenAt === undefined && index % 2 === 0);
        const holder = early && (await options.executor());
        if (early && holder !== undefined && !holder.startsWith(`${early.instance}#`)) wake(early);
        return;
      }
      if (succession !== "freeze") await current.exited;
      await succeed();
    },
    url: () => speaking?.process.url ?? "",
    silent: () => speaking?.process.silent ?? Promise.resolve(),
    reached,
    async aftermath() {
      for (const one of frozen) if (one.wokenAt === undefined) wake(one);
      await Promise.all(frozen.map(({ watched }) => watched));
    },
    trespasses(events) {
      return frozen.flatMap(({ instance, process: { pid }, wokenAt }) => {
        if (wokenAt === undefined) return [];
        const requests = effects.writes.filter(({ by }) => by === pid);
        // Who watches and measures has a lease of its own, which may well be free.
        const appended = events.filter(
          ({ actor, at, ...event }) =>
            actor === "system:executor" && event.instance === instance && Date.parse(at) > wokenAt,
        );
        return [
          ...requests.map(({ resource }) => `${instance} asked ${resource} after it was woken`),
          ...appended.map(({ seq, kind }) => `${instance} appended event ${seq} (${kind}) after it was woken`),
        ];
      });
    },
    async end() {
      await standby?.catch(() => {});
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}
