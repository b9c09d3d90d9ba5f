import { createHash } from "node:crypto";
import type { Logger } from "pino";
import { nextPosting, unclearPosting } from "../comms/decide-delivery.ts";
import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import type { UpdateState } from "../state.ts";
import { type Backoff, createBackoff, FAILING_AFTER_MS } from "../workers/backoff.ts";
import { createWaker } from "../workers/waker.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { createTruthCheck } from "./check.ts";
import { createDeliverer } from "./deliver.ts";
import type { StatusPagePort } from "./port.ts";
import { type PublicPage, publicPage } from "./views.ts";

export interface FollowerOptions {
  page: StatusPagePort;
  plan: Plan;
  journal: Journal;
  store: JournalStore;
  clock: Clock;
  logger: Logger;
}

/**
 * A follower: keeps one status page at what was decided, one call at a time and no faster than the page's pace.
 * Updates come first. Whatever the page does, no run and no other page notices.
 */
export function createFollower(options: FollowerOptions) {
  const { page, plan, journal, clock, logger } = options;

  return {
    async work({ fence, signal }: WorkerContext): Promise<void> {
      const waker = createWaker((listener) => journal.subscribe(listener), clock);
      const deliverer = createDeliverer({ ...options, fence, signal });
      // What is refused for itself must not keep the next update waiting.
      const posting = createBackoff(clock);
      const showing = createBackoff(clock);
      const reading = createBackoff(clock);
      const check = createTruthCheck({ ...options, fence, signal });
      let shown: string | undefined;

      /** Makes a call; a failure is kept for later, and only the lease's loss and our own bugs are thrown. */
      const attempt = async (backoff: Backoff, what: string, call: () => Promise<void>, update?: UpdateState) => {
        try {
          await call();
          backoff.succeeded();
        } catch (error) {
          if (signal.aborted || !(error instanceof AppError) || error.code === "fenced") throw error;
          logger.warn({ page: page.id, what, err: error }, "the status page did not do it");
          if (error.code === "vendor-throttled") {
            for (const one of [posting, showing, reading]) one.rest(error.retryAfterMs);
            return;
          }
          const forMs = backoff.failed(what, error.retryAfterMs);
          if (update && (forMs >= FAILING_AFTER_MS || !error.retryable)) await deliverer.failed(update, error);
        } finally {
          await clock.sleep(page.paceMs, signal).catch(() => {});
        }
      };

      try {
        while (!signal.aborted) {
          const state = await journal.load();
          const update = nextPosting(plan, state, page.id);
          if (update && posting.isDue(update.updateId)) {
            await attempt(posting, update.updateId, () => deliverer.deliver(state, update), update);
            continue;
          }
          const unclear = update ? undefined : unclearPosting(state, page.id);
          if (unclear && posting.isDue(unclear.updateId)) {
            await attempt(posting, unclear.updateId, () => deliverer.settle(state, unclear));
            continue;
          }
          const now = publicPage(plan, state, new Date(clock.now()).toISOString(), { destination: page.id });
          const digest = now && digestOf(now, page.refreshMs);
          if (now && digest !== shown && showing.isDue("page")) {
            await attempt(showing, "page", async () => {
              await page.show(now, signal);
              shown = digest;
            });
            continue;
          }
          // Last, so that it is not read while it is behind by our own doing.
          if (check.isDue(state) && reading.isDue("read")) {
            await attempt(reading, "read", async () => {
              if (await check.look(state)) shown = undefined;
            });
            continue;
          }
          await waker.wait(undefined, signal);
        }
      } finally {
        waker.close();
      }
    },
  };
}

/** Of all that is shown but the moment. */
function digestOf({ at, ...page }: PublicPage, refreshMs: number | undefined): string {
  const turn = refreshMs === undefined ? 0 : Math.floor(Date.parse(at) / refreshMs);
  return createHash("sha256")
    .update(`${turn} ${JSON.stringify(page)}`)
    .digest("base64url");
}
