import { AppError } from "../../src/errors.ts";
import type { AppendRequest, JournalStore, Lease, StoredEvent } from "../../src/journal/store.ts";
import { createMemoryJournal, type MemoryJournal } from "./memory-store.ts";
import type { Random } from "./random.ts";
import { EPOCH_MS, type Process, type Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";

/** How the way to the store behaves, from now on. */
export interface StoreWeather {
  /** Nothing gets through until then. */
  outageUntilMs: number;
  errorBeforeWrite: number;
  lostAnswer: number;
}

export interface Hub {
  journal: MemoryJournal;
  weather: StoreWeather;
  /** One process's own way to the store. */
  connect(owner: Process): JournalStore;
}

export interface HubOptions {
  schedule: Schedule;
  random: Random;
  trace: Trace;
  /** Told at once of everything that stands from now on, before its writer knows. */
  appended(owner: Process, events: StoredEvent[], fence: AppendRequest["fence"]): void;
  granted(owner: Process, lease: Lease): void;
}

const SLOWEST_WAY_MS = 40;
const GIVE_UP_MS = 1_000;

/** The store as processes reach it: calls travel, arrive even when their caller has died, and may be lost either way. */
export function createHub({ schedule, random, trace, appended, granted }: HubOptions): Hub {
  const journal = createMemoryJournal(() => EPOCH_MS + schedule.nowMs());
  const weather: StoreWeather = { outageUntilMs: 0, errorBeforeWrite: 0, lostAnswer: 0 };
  const subscribers: { owner: Process; wake: () => unknown }[] = [];
  const away = () => weather.outageUntilMs > schedule.nowMs();
  const wayMs = () => random.int(0, random.chance(0.1) ? SLOWEST_WAY_MS : 4);

  function notify(): void {
    for (const { owner, wake } of subscribers) if (owner.alive) schedule.after(wayMs(), owner, () => void wake());
  }

  /** A call that writes: it travels, it happens, and its answer travels back. */
  function travel<T>(owner: Process, what: string, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        trace.say(owner.name, `store: ${what}: ${why}`);
        schedule.after(random.int(1, GIVE_UP_MS), owner, () => reject(unavailable(why)));
      };
      if (away()) return fail("no way to the store");
      if (random.chance(weather.errorBeforeWrite)) {
        trace.count("store errors before a write");
        return fail("failed before it was written");
      }
      schedule.after(wayMs(), undefined, () => {
        let answer: () => void;
        try {
          const result = work();
          answer = () => resolve(result);
        } catch (error) {
          answer = () => reject(error);
        }
        if (away() || random.chance(weather.lostAnswer)) {
          trace.count("store answers lost after a write");
          return fail("done, and the answer was lost");
        }
        schedule.after(wayMs(), owner, answer);
      });
    });
  }

  /** A call that reads is answered at once: what it says may be old by the time that something is made of it. */
  async function look<T>(work: () => T): Promise<T> {
    if (away()) throw unavailable("no way to the store");
    return work();
  }

  return {
    journal,
    weather,
    connect(owner) {
      const mine: { owner: Process; wake: () => unknown }[] = [];
      return {
        append: (request) =>
          travel(owner, `append of ${request.events.map(({ kind }) => kind).join(", ")}`, () => {
            const result = journal.append(request);
            if (result.outcome === "fenced") trace.count("writes refused from an old epoch");
            if (result.outcome === "appended" && result.events.length > 0) {
              appended(owner, result.events, request.fence);
              notify();
            }
            return result;
          }),
        read: (request) => look(() => journal.read(request)),
        findByKey: (key) => look(() => journal.findByKey(key)),
        head: () => look(() => journal.head()),
        subscribe(listener) {
          const one = { owner, wake: () => subscribers.includes(one) && listener() };
          subscribers.push(one);
          mine.push(one);
          return () => void remove(subscribers, one);
        },
        acquireLease: (name, holder, ttlMs) =>
          travel(owner, `lease ${name}`, () => {
            const lease = journal.acquireLease(name, holder, ttlMs);
            if (lease) granted(owner, lease);
            return lease;
          }),
        releaseLease: (name, holder, epoch) =>
          travel(owner, `release of ${name}`, () => journal.releaseLease(name, holder, epoch)),
        leases: () => look(() => journal.leases()),
        getRecord: (key) => look(() => journal.getRecord(key)),
        setRecord: (key, value, fence) => travel(owner, `record ${key}`, () => journal.setRecord(key, value, fence)),
        deleteRecord: (key) => travel(owner, `record ${key}`, () => journal.deleteRecord(key)),
        async close() {
          for (const one of mine) remove(subscribers, one);
        },
      };
    },
  };
}

function remove<T>(list: T[], one: T): void {
  const at = list.indexOf(one);
  if (at >= 0) list.splice(at, 1);
}

function unavailable(why: string): AppError {
  return new AppError({
    code: "store-unavailable",
    summary: `The journal cannot be reached: ${why}.`,
    retryable: true,
  });
}
