import { hash } from "node:crypto";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Caller } from "../../core.ts";
import type { Html } from "../../html.ts";
import { createWaker } from "../feed.ts";
import type { HttpContext, HttpEnv } from "../options.ts";

/** What the page is made of: element ids with their markup, in the page's order. */
export interface Fragments {
  side: Html;
  /** What stands in the way of believing the rest; empty when nothing does. */
  store: string;
  messages: { id: string; markup: Html }[];
  /** What waits for people, and stays in sight. */
  questions: Html;
  /** Something runs or expires, so that times go on counting without any event. */
  ticking: boolean;
}

const SETTLE_MS = 120;
const TICK_MS = 1_000;
const HEARTBEAT_MS = 15_000;

/** Sends each element again when it looks different from what this connection was sent last. */
export function roomStream(
  c: Context<HttpEnv>,
  http: HttpContext,
  render: (caller: Caller | undefined) => Promise<Fragments>,
) {
  const caller = c.get("caller");
  const release = http.streams.take(caller);
  const again = c.get("again");
  return streamSSE(c, async (stream) => {
    const changes = createWaker(http.core);
    stream.onAbort(changes.wake);
    const sent = new Map<string, string>();
    try {
      await stream.writeSSE({ event: "hello", data: caller?.principal ?? "" });
      while (!stream.aborted && !stream.closed) {
        // Whoever lost a role loses its buttons, and whoever is gone sees no more.
        const current = caller && (await again());
        if (caller && !current) break;
        const fragments = await render(current);
        const patch = difference(fragments, sent);
        if (patch) await stream.writeSSE({ event: "patch", data: JSON.stringify(patch) });
        const happened = await changes.wait(fragments.ticking ? TICK_MS : HEARTBEAT_MS);
        // Events come in bursts; one look after the burst is enough.
        if (happened) await stream.sleep(SETTLE_MS);
        else if (!fragments.ticking) await stream.writeSSE({ event: "heartbeat", data: "" });
      }
    } catch (error) {
      http.logger.warn({ err: error }, "a live view ended");
    } finally {
      changes.stop();
      release();
    }
  });
}

interface Patch {
  side?: string;
  store?: string;
  questions?: string;
  messages: { id: string; html: string }[];
  /** Every message that there is; others have left the window. */
  ids: string[];
}

const PARTS = new Set(["side", "store", "questions"]);

function difference({ side, store, questions, messages }: Fragments, sent: Map<string, string>): Patch | undefined {
  const isNew = (id: string, { markup }: { markup: string }) => {
    const digest = hash("sha1", markup);
    const differs = sent.get(id) !== digest;
    sent.set(id, digest);
    return differs;
  };
  const newSide = isNew("side", side);
  const newStore = isNew("store", { markup: store });
  const newQuestions = isNew("questions", questions);
  const changed = messages.filter(({ id, markup }) => isNew(id, markup));
  const ids = messages.map(({ id }) => id);
  const gone = [...sent.keys()].filter((id) => !PARTS.has(id) && !ids.includes(id));
  for (const id of gone) sent.delete(id);
  if (!newSide && !newStore && !newQuestions && changed.length === 0 && gone.length === 0) return undefined;
  return {
    ...(newSide && { side: side.markup }),
    ...(newStore && { store }),
    ...(newQuestions && { questions: questions.markup }),
    messages: changed.map(({ id, markup }) => ({ id, html: markup.markup })),
    ids,
  };
}
