import { AppError } from "../../src/errors.ts";
import type { Second } from "../traffic/ledger.ts";
import type { TrafficConfig, TrafficOrder } from "../traffic/main.ts";
import type { Outage } from "../traffic/outages.ts";
import type { Verification } from "../traffic/verify.ts";
import type { Child, Processes } from "./processes.ts";
import type { Era } from "./state.ts";

export interface ClassStats {
  clients: number;
  acknowledged: number;
  failed: number;
  /** The last minute, a row a second. */
  seconds: Second[];
}

export interface TrafficStats {
  startedAt: string;
  ratePerSecond: number;
  classes: { "ttl-honouring": ClassStats; sticky: ClassStats };
  last: { record: number; at: number; region: string; primary: string } | null;
  last10Seconds: { byRegion: Record<string, number>; byPrimary: Record<string, number> };
  /** As the clients that honour the TTL saw them, oldest first. Times are ISO 8601. */
  outages: (Omit<Outage, "lastGoodAt" | "firstGoodAt"> & { lastGoodAt: string; firstGoodAt?: string })[];
  /** The last of them; it has no `firstGoodAt` while it lasts. */
  outage: TrafficStats["outages"][number] | null;
}

export interface Traffic {
  start(): void;
  pid(): number | undefined;
  stats(): Promise<TrafficStats>;
  verify(eras: Era[], primary: { region: string; port: number }): Promise<Verification>;
}

const ANSWER_WITHIN_MS = 15_000;
const RECORDS_PER_START = 1_000_000;

interface Waiter {
  resolve(data: unknown): void;
  reject(error: Error): void;
}

/** The traffic generator's process, and asking it. Each start numbers its records from a new million. */
export function createTraffic(
  processes: Processes,
  config: Omit<TrafficConfig, "firstRecord">,
  nextStart: () => number,
): Traffic {
  const waiting = new Map<number, Waiter>();
  let child: Child | undefined;
  let nextId = 1;

  function ask(order: { kind: "stats" } | Omit<Extract<TrafficOrder, { kind: "verify" }>, "id">): Promise<unknown> {
    if (!child?.isAlive()) return Promise.reject(away("is not running"));
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(away("did not answer"))), ANSWER_WITHIN_MS);
      const settle = (act: () => void) => {
        clearTimeout(timer);
        waiting.delete(id);
        act();
      };
      waiting.set(id, {
        resolve: (data) => settle(() => resolve(data)),
        reject: (error) => settle(() => reject(error)),
      });
      child?.send({ ...order, id } satisfies TrafficOrder);
    });
  }

  function start(): void {
    const firstRecord = nextStart() * RECORDS_PER_START + 1;
    child = processes.startModule(
      "traffic",
      "traffic/main.ts",
      { ...config, firstRecord },
      (message: TrafficAnswer) => {
        const waiter = waiting.get(message.id);
        if ("error" in message) waiter?.reject(away(`could not read the records back: ${message.error}`));
        else waiter?.resolve(message.data);
      },
    );
  }

  return {
    start,
    pid: () => child?.pid,
    stats: () => ask({ kind: "stats" }) as Promise<TrafficStats>,
    verify: (eras, primary) => ask({ kind: "verify", eras, primary }) as Promise<Verification>,
  };
}

type TrafficAnswer = { id: number; data: unknown } | { id: number; error: string };

function away(what: string): AppError {
  return new AppError({ code: "vendor-unavailable", summary: `The traffic generator ${what}.`, retryable: true });
}
