import type { Logger } from "pino";
import { AppError, reportError } from "../errors.ts";
import { instant } from "../format.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import type { Fence } from "../workers/worker.ts";
import type { ChatPort } from "./port.ts";

interface ContactOptions {
  chat: ChatPort;
  journal: Journal;
  clock: Clock;
  logger: Logger;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A hiccup shorter than this is nobody's business. */
const LOST_AFTER_MS = 10_000;

/** Keeps trying with growing pauses while a chat does not answer, and journals once that it is lost and once that it is back. */
export function createContact({ chat, journal, clock, logger }: ContactOptions, fence: Fence) {
  let failures = 0;
  let failingSince: number | undefined;
  let notice: string | undefined;

  async function lost(error: AppError): Promise<void> {
    failingSince ??= clock.now();
    const known = (await journal.load()).chats[chat.id]?.lost !== undefined;
    if (known || (error.retryable && clock.now() - failingSince < LOST_AFTER_MS)) return;
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
    failures = 0;
    failingSince = undefined;
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

  function throttled(pauseMs: number): number {
    notice = `Updates were delayed: ${chat.name} asked to wait until ${instant(new Date(clock.now() + pauseMs).toISOString())}.`;
    return pauseMs;
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
        if (failingSince !== undefined || (await journal.load()).chats[chat.id]?.lost) await restored();
        return undefined;
      } catch (error) {
        if (signal.aborted || !(error instanceof AppError) || error.code === "fenced") throw error;
        if (error.code === "vendor-throttled") return throttled(error.retryAfterMs ?? LONGEST_PAUSE_MS);
        await lost(error);
        const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
        failures += 1;
        return error.retryAfterMs ?? (error.retryable ? pauseMs : LONGEST_PAUSE_MS);
      }
    },
  };
}
