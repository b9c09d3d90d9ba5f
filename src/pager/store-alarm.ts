import type { Logger } from "pino";
import type { Core } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Divergence } from "../journal/history.ts";
import type { Clock } from "../ports.ts";
import { createBackoff } from "../workers/backoff.ts";
import type { Page, PagerPort } from "./port.ts";

interface AlarmOptions {
  pager: PagerPort;
  core: Pick<Core, "plan" | "store">;
  clock: Clock;
  logger: Pick<Logger, "warn">;
  url?: string;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Pages for a store that lost acknowledged events. Apart from the deliveries, because then nobody holds a lease and
 * nothing can be journaled. Every instance pages, under one key, so that people are woken once.
 */
export function createStoreAlarm({ pager, core, clock, logger, url }: AlarmOptions) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const backoff = createBackoff(clock);
  let paged: { key: string; page: Page } | undefined;
  let running: Promise<void> | undefined;

  async function look(): Promise<void> {
    const status = core.store.status();
    // While it is away nobody can say whether it is the one that was.
    if (status.state === "unavailable") return;
    if (status.state === "diverged") {
      const key = keyOf(core.plan.application, status.divergence);
      if (paged?.key === key) return;
      const page = pageOf(core.plan.application, status.divergence, new Date(clock.now()).toISOString(), url);
      await pager.page(key, page, signal);
      paged = { key, page };
      return;
    }
    if (!paged) return;
    await pager.resolve(paged.key, paged.page, signal);
    paged = undefined;
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      if (backoff.isDue("store")) {
        await look().then(
          () => backoff.succeeded(),
          (error: unknown) => {
            if (signal.aborted) return;
            logger.warn({ pager: pager.id, err: error }, "the pager was not told of the store");
            backoff.failed("store", error instanceof AppError ? error.retryAfterMs : undefined);
          },
        );
      }
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async stop() {
      stopping.abort(new Error("stopped"));
      await running;
    },
  };
}

function keyOf(application: string, { known }: Divergence): string {
  return `muster/${application}/store/${known.seq}-${known.hash.slice(0, 12)}`;
}

function pageOf(application: string, { lost, known, head }: Divergence, at: string, url: string | undefined): Page {
  return {
    summary: `${application}: Muster's store lost events ${lost.from} to ${lost.to}; nothing runs until a commander accepts that.`,
    severity: "critical",
    source: application,
    component: "muster store",
    at,
    details: {
      application,
      "seen standing": `event ${known.seq} (${known.hash.slice(0, 12)})`,
      "store ends at": `event ${head.seq} (${head.hash.slice(0, 12)})`,
      "what to do": "Bring back the server that has them, or say /dr store accept as a commander.",
    },
    links: url === undefined ? [] : [{ href: url, text: "Control room" }],
  };
}
