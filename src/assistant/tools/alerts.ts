import { z } from "zod";
import type { DomainEvent } from "../../events.ts";
import { count } from "../../format.ts";
import { split } from "./journal-search.ts";
import { defineTool } from "./tool.ts";

/** What says that something is not well, or is well again. */
const SIGNALS = [
  "verdict",
  "availability",
  "observer",
  "readiness",
  "chat.lost",
  "chat.restored",
  "placement",
  "step.failed",
  "guard",
];
const LOOK_BACK = 5_000;
const PAGE = 1_000;
const MOST = 25;

/** The latest signals. */
export const alerts = defineTool({
  name: "alerts",
  description:
    "The latest alerts: changes in the health of regions and services, in readiness, guards that held something back, steps that failed, chats that were lost. Newest last.",
  input: z.strictObject({}),
  output: z.object({ events: z.array(z.custom<DomainEvent>()) }),
  async read(_input, { core, state, signal }) {
    let events: DomainEvent[] = [];
    for (let after = Math.max(0, state.seq - LOOK_BACK); ; ) {
      signal.throwIfAborted();
      const page = await core.journal.query({ after, limit: PAGE });
      const found = page.filter(({ kind }) => SIGNALS.some((one) => kind === one || kind.startsWith(`${one}.`)));
      events = [...events, ...found].slice(-MOST);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return { events };
      after = last.seq;
    }
  },
  tell: ({ events }) => ({ summary: count(events.length, "signal"), ...split(events) }),
});
