import type { Logger } from "pino";
import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence, JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import type { AppState } from "../state.ts";
import { createBackoff, FAILING_AFTER_MS } from "../workers/backoff.ts";
import { createWaker } from "../workers/waker.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { isLate, nextStep, type Step } from "./decide-sending.ts";
import type { Destination, Message } from "./port.ts";
import { createQueue, type Queue } from "./queue.ts";
import { createTold } from "./told.ts";

export interface DeliveryOptions {
  destination: Destination;
  application: string;
  journal: Journal;
  store: JournalStore;
  clock: Clock;
  logger: Logger;
}

/**
 * A follower that tells one destination one thing for each event: in order, one call at a time and no faster than its
 * pace. That a message is about to be sent stands in a record before the call. Whatever the other side does, no run
 * and no other destination notices.
 */
export function createDelivery(options: DeliveryOptions) {
  const { destination, journal, clock } = options;

  return {
    async work({ fence, signal }: WorkerContext): Promise<void> {
      const waker = createWaker((listener) => journal.subscribe(listener), clock);
      const queue = createQueue(options);
      const sender = createSender(options, queue, fence, signal);
      try {
        while (!signal.aborted) {
          const state = await journal.load();
          const pending = await queue.pending(state);
          const step = nextStep({
            ...sender.pauses,
            destination,
            state,
            pending,
            sending: await queue.sending(),
            now: clock.now(),
          });
          if (step) {
            await sender.carryOut(step, state);
            continue;
          }
          if (pending.length === 0) await queue.rest(fence);
          await waker.wait(undefined, signal);
        }
      } finally {
        waker.close();
      }
    },
  };
}

function createSender(options: DeliveryOptions, queue: Queue, fence: Fence, signal: AbortSignal) {
  const { destination, application, clock, logger } = options;
  const told = createTold(options, fence);
  // A message that is refused for itself must not keep the next one waiting.
  const heads = createBackoff(clock);
  const others = createBackoff(clock);
  let failing: string | undefined;
  /** The one behind it was taken: if it is not taken now either, the message itself is at fault. */
  let suspect: string | undefined;
  let merging = true;
  const backoffOf = ({ id }: Message) => (failing === undefined || failing === id ? heads : others);

  async function call({ do: what, message }: Extract<Step, { message: Message; parts: Message[] }>) {
    const marker = `${application}/${message.id}`;
    const found = what === "resume" ? await destination.find?.(marker, { message, signal }) : undefined;
    if (found !== undefined) return { ref: found };
    const ref = await destination.send(message, { marker, late: isLate(destination, message, clock.now()), signal });
    return ref === undefined ? {} : { ref };
  }

  /** Taken or refused: either way the other side is there. */
  function answered(message: Message): void {
    backoffOf(message).succeeded();
    if (failing === undefined || failing === message.id) {
      failing = suspect = undefined;
      return;
    }
    suspect = failing;
    heads.retryNow();
  }

  async function failed(message: Message, parts: Message[], error: AppError, state: AppState): Promise<void> {
    logger.warn({ destination: destination.id, message: message.id, err: error }, "it was not delivered");
    if (error.code === "vendor-throttled") {
      for (const one of [heads, others]) one.rest(error.retryAfterMs);
      // It answered that it did not take it.
      return await queue.forget(message.id, fence);
    }
    const givenUp = !error.retryable || suspect === message.id;
    if (givenUp && parts.length > 1) {
      merging = false;
      return await queue.forget(message.id, fence);
    }
    const forMs = backoffOf(message).failed(message.id, error.retryAfterMs);
    failing ??= message.id;
    if (givenUp || forMs >= FAILING_AFTER_MS) {
      for (const one of parts) await told.failed(one, error, !givenUp);
    }
    if (!givenUp) return;
    answered(message);
    await queue.settle(parts, state, fence);
  }

  async function send(step: Extract<Step, { message: Message; parts: Message[] }>, state: AppState): Promise<void> {
    const { message, parts } = step;
    try {
      await queue.begin({ id: message.id, ids: parts.map(({ id }) => id) }, fence);
      const { ref } = await call(step);
      await told.sent(message, parts, ref);
      await queue.settle(parts, state, fence);
      answered(message);
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError) || error.code === "fenced") throw error;
      // The store's own trouble says nothing about the destination.
      if (error.code.startsWith("store-")) throw error;
      await failed(message, parts, error, state);
    } finally {
      await clock.sleep(destination.paceMs, signal).catch(() => {});
    }
  }

  return {
    pauses: {
      isDue: (message: Message) => backoffOf(message).isDue(message.id),
      failingSince: ({ id }: Message) => heads.failingSince(id),
      get merging() {
        return merging;
      },
    },
    async carryOut(step: Step, state: AppState): Promise<void> {
      switch (step.do) {
        case "skip":
          await told.skipped(step.message, step.reason);
          return await queue.settle([step.message], state, fence);
        case "settle":
          return await queue.settle(step.parts, state, fence);
        default:
          return await send(step, state);
      }
    },
  };
}
