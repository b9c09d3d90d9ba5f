import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { toJson, wireEvent } from "../commands/wire.ts";
import type { Core } from "../core.ts";
import { AppError } from "../errors.ts";
import type { HttpContext, HttpEnv, StreamSlots } from "./options.ts";

const PAGE = 200;
const HEARTBEAT_MS = 15_000;

/** Nobody can take the places of all others: a window that is open, or a script that went wrong, counts for its person. */
export function createStreamSlots(max: number, maxEach: number): StreamSlots {
  const taken: string[] = [];
  return {
    take: (caller) => {
      const who = caller?.principal ?? "";
      if (taken.length >= max) throw noSlot(`All ${max} live connections are taken.`);
      if (taken.filter((one) => one === who).length >= maxEach)
        throw noSlot(`All ${maxEach} live connections that one person may have are taken.`);
      taken.push(who);
      let held = true;
      return () => {
        if (held) taken.splice(taken.indexOf(who), 1);
        held = false;
      };
    },
  };
}

function noSlot(summary: string): AppError {
  const hint = "Close another window or wait a little.";
  return new AppError({ code: "rate-limited", summary, hint, retryable: true });
}

/** The journal as server-sent events. A reader that is slow slows only itself: one page is read when one was taken. */
export async function journalFeed(c: Context<HttpEnv>, { core, streams }: HttpContext): Promise<Response> {
  const from = c.req.header("last-event-id") ?? c.req.query("after");
  let after = from === undefined ? (await core.state()).seq : readSeq(from);
  const release = streams.take(c.get("caller"));
  const again = c.get("again");
  return streamSSE(c, async (stream) => {
    const changes = createWaker(core);
    stream.onAbort(changes.wake);
    try {
      await stream.write(": connected\n\n");
      while (!stream.aborted && !stream.closed) {
        if (!(await again())) break;
        const events = await core.journal.query({ after, limit: PAGE });
        for (const event of events) {
          await stream.writeSSE({ id: String(event.seq), event: "journal", data: toJson(wireEvent(event)) });
          after = event.seq;
        }
        if (events.length === 0 && !(await changes.wait(HEARTBEAT_MS))) await stream.write(": heartbeat\n\n");
      }
    } finally {
      changes.stop();
      release();
    }
  });
}

function readSeq(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const summary = `"${text.slice(0, 60)}" is not a sequence.`;
  throw new AppError({ code: "bad-input", summary, hint: "Give the sequence of the last event you have, or none." });
}

/** Waits for the journal to grow, or for a while; a change in between is not missed. */
export function createWaker(core: Core) {
  let pending = false;
  let resolve: (() => void) | undefined;
  const wake = () => {
    pending = true;
    resolve?.();
  };
  const stop = core.journal.subscribe(wake);
  return {
    wake,
    stop,
    /** True when something happened, false when the time ran out. */
    wait: async (ms: number): Promise<boolean> => {
      if (!pending) {
        await new Promise<void>((done) => {
          const timer = setTimeout(done, ms);
          resolve = () => {
            clearTimeout(timer);
            done();
          };
        });
      }
      resolve = undefined;
      const happened = pending;
      pending = false;
      return happened;
    },
  };
}
