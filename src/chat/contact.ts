import type { Logger } from "pino";
import { AppError, reportError } from "../errors.ts";
import { instant } from "../format.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import { createBackoff, FAILING_AFTER_MS, LONGEST_PAUSE_MS } from "../workers/backoff.ts";
import type { ChatPort } from "./port.ts";

interface ContactOptions {
  chat: ChatPort;
  journal: Journal;
  clock: Clock;
  logger: Logger;
}

/** Keeps trying with growing pauses while a chat does not answer, and journals once that it is lost and once that it is back. */
export function createContact({ chat, journal, clock, logger }: ContactOptions, fence: Fence) {
  const backoff = createBackoff(clock);
  let notice: string | undefined;

  async function lost(error: AppError, forMs: number): Promise<void> {
    const known = (await journal.load()).chats[chat.id]?.lost !== undefined;
    if (known || (error.retryable && forMs < FAILING_AFTER_MS)) return;
    const { code, summary, hint } = reportError(error);
    logger.warn({ chat: chat.id, err: error }, "the chat cannot be reached");
    await journal.commit(
      ({ chats }) => {
        const { lost: since, changes = 0 } = chats[chat.id] ?? {};
        if (since !== undefined) return [];
        const data = { chat: chat.id, code, summary, hint };
        return [{ key: `chat/${chat.id}/${changes + 1}`, kind: "chat.lost", actor: `system:${chat.id}`, data }];
      },
      { fence },
    );
  }

  async function restored(): Promise<void> {
    backoff.succeeded();
    await journal.commit(
      ({ chats }) => {
        const { lost: before, changes = 0 } = chats[chat.id] ?? {};
        if (before === undefined) return [];
        const data = { chat: chat.id, since: before.since };
        return [{ key: `chat/${chat.id}/${changes + 1}`, kind: "chat.restored", actor: `system:${chat.id}`, data }];
      },
      { fence },
    );
  }

  function throttled(error: AppError): void {
    backoff.rest(error.retryAfterMs);
    const until = new Date(clock.now() + backoff.waitMs(chat.id)).toISOString();
    notice = `Updates were delayed: ${chat.name} asked to wait until ${instant(until)}.`;
  }

  return {
    /** What people should be told once about a delay. */
    takeNotice(): string | undefined {
      const told = notice;
      notice = undefined;
      return told;
    },

    /** Answers with how long to wait before the next call when this one failed; the lease's loss is thrown. */
    async during(call: () => Promise<void>, signal: AbortSignal): Promise<number | undefined> {
      try {
        await call();
        if (backoff.failingSince(chat.id) !== undefined || (await journal.load()).chats[chat.id]?.lost)
          await restored();
        return undefined;
      } catch (error) {
        if (signal.aborted || !(error instanceof AppError) || error.code === "fenced") throw error;
        if (error.code === "vendor-throttled") throttled(error);
        else {
          // Only a person can mend a refusal: it is not asked for every second meanwhile.
          const pauseMs = error.retryAfterMs ?? (error.retryable ? undefined : LONGEST_PAUSE_MS);
          await lost(error, backoff.failed(chat.id, pauseMs));
        }
        return backoff.waitMs(chat.id);
      }
    },
  };
}
