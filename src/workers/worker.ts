import type { Logger } from "pino";
import { AppError } from "../errors.ts";
import type { Fence, JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import { type HeldLease, holdLease, pollMs } from "./lease.ts";

export interface WorkerContext {
  /** Goes with every append, so that an overtaken worker can write nothing. */
  fence: Fence;
  /**
   * True unless nobody ever held the lease: an earlier holder, be it this very process before a failure or before it
   * was started again, may have a request on its way. What it intended is assessed before it is repeated.
   */
  tookOver: boolean;
  /** To be asked right before the world is changed: false when another instance may hold the lease by now. */
  holds(): boolean;
  /** Aborted when the worker is stopped or its lease is lost. */
  signal: AbortSignal;
}

export interface Worker {
  name: string;
  start(): void;
  stop(): Promise<void>;
}

export interface WorkerOptions {
  name: string;
  store: JournalStore;
  instance: string;
  clock: Clock;
  logger: Logger;
  /** Within this time another instance goes on when this one is silent. */
  leaseMs: number;
  /** May nobody work, whoever holds the lease? Asked of the store before each beginning. */
  isHalted?(): Promise<boolean>;
  /**
   * Works until the signal is aborted; one that returns earlier gives the lease up, and begins anew when nobody else has
   * taken it. An error is logged and the work begins anew after a pause.
   */
  work(context: WorkerContext): Promise<void>;
}

const RESTART_PAUSE_MS = 1_000;

/**
 * The one loop that makes the outside follow the journal: hold the lease, work, renew; step back when it is lost.
 * The executor, the detector, readiness and every follower run in one of these.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { name, clock, logger, leaseMs } = options;
  const stopping = new AbortController();
  const pause = (ms: number) => clock.sleep(ms, stopping.signal).catch(() => {});
  let running: Promise<void> | undefined;
  let steppedBack = false;

  async function turn(): Promise<void> {
    if (await options.isHalted?.()) return pause(RESTART_PAUSE_MS);
    const lease = await holdLease(options);
    // Whoever gave it back may have done so because it found a reason to halt.
    if (lease && (await options.isHalted?.())) return lease.release();
    if (lease) {
      steppedBack = false;
      await work(options, lease, stopping.signal);
      // Who gives its work up by itself leaves it to others for as long as they take to notice.
      return pause(Math.max(RESTART_PAUSE_MS, 2 * pollMs(leaseMs)));
    }
    if (steppedBack) logger.warn({ worker: name }, "overtaken by another instance; waiting for its lease");
    steppedBack = false;
    await pause(pollMs(leaseMs));
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await turn();
      } catch (error) {
        if (stopping.signal.aborted) return;
        steppedBack = error instanceof AppError && error.code === "fenced";
        logger.warn(
          { worker: name, err: error },
          steppedBack ? "lease lost; stepping back" : "worker failed; starting it again",
        );
        await pause(RESTART_PAUSE_MS);
      }
    }
  }

  return {
    name,
    start() {
      running ??= loop();
    },
    async stop() {
      stopping.abort(new Error("stopped"));
      await running;
    },
  };
}

async function work(options: WorkerOptions, lease: HeldLease, stopping: AbortSignal): Promise<void> {
  const { name, logger } = options;
  const { epoch, lost, holds } = lease;
  logger.debug({ worker: name, epoch }, "lease held");
  try {
    const signal = AbortSignal.any([stopping, lost]);
    await options.work({ fence: { lease: name, epoch }, tookOver: epoch > 1, holds, signal });
  } finally {
    await lease.release();
  }
  if (lost.aborted) throw lost.reason;
}
