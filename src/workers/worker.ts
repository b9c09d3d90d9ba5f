import type { Logger } from "pino";
import { AppError } from "../errors.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";

export interface Fence {
  lease: string;
  epoch: number;
}

export interface WorkerContext {
  /** Goes with every append, so that an overtaken worker can write nothing. */
  fence: Fence;
  /** True when somebody else held the lease before: what they intended must be assessed before it is repeated. */
  tookOver: boolean;
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
  leaseMs: number;
  /** Works until the signal is aborted. An error is logged and the work begins anew after a pause. */
  work(context: WorkerContext): Promise<void>;
}

const RESTART_PAUSE_MS = 1_000;

/**
 * The one loop that makes the outside follow the journal: hold the lease, work, renew; step back when it is lost.
 * The executor, the detector, readiness and every follower run in one of these.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { name, clock, logger } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await holdAndWork(options, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        const overtaken = error instanceof AppError && error.code === "fenced";
        logger.warn(
          { worker: name, err: error },
          overtaken ? "overtaken by another instance; stepping back" : "worker failed; starting it again",
        );
      }
      await clock.sleep(RESTART_PAUSE_MS, stopping.signal).catch(() => {});
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

async function holdAndWork(options: WorkerOptions, stopping: AbortSignal): Promise<void> {
  const { name, store, instance, clock, leaseMs, logger } = options;
  const lease = await store.acquireLease(name, instance, leaseMs);
  if (!lease) {
    await clock.sleep(leaseMs / 3, stopping).catch(() => {});
    return;
  }
  logger.debug({ worker: name, epoch: lease.epoch }, "lease held");
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  const renewing = renew(options, lease.epoch, signal).catch((error) => lost.abort(error));
  try {
    const fence = { lease: name, epoch: lease.epoch };
    await options.work({ fence, tookOver: lease.epoch > 1, signal });
  } finally {
    lost.abort(new Error("work ended"));
    await renewing;
    await store.releaseLease(name, instance, lease.epoch).catch(() => {});
  }
  if (lost.signal.reason instanceof AppError) throw lost.signal.reason;
}

/** Renews at a third of the lease's time; rejects as soon as the lease is somebody else's. */
async function renew(options: WorkerOptions, epoch: number, signal: AbortSignal): Promise<void> {
  const { name, store, instance, clock, leaseMs } = options;
  let heldUntil = clock.monotonic() + leaseMs;
  while (!signal.aborted) {
    await clock.sleep(leaseMs / 3, signal).catch(() => {});
    if (signal.aborted) return;
    const asked = clock.monotonic();
    const lease = await store.acquireLease(name, instance, leaseMs).catch(() => null);
    if (lease === null && clock.monotonic() < heldUntil) continue;
    if (!lease || lease.epoch !== epoch) {
      throw new AppError({ code: "fenced", summary: `The lease "${name}" is held by another instance now.` });
    }
    heldUntil = asked + leaseMs;
  }
}
