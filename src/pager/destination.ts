import type { Destination, Message } from "../deliveries/port.ts";
import { instant } from "../format.ts";
import { type PageCall, pagesOf } from "./decide-pages.ts";
import type { PagerPort } from "./port.ts";

/** A pager as something that deliveries go to. `url` is where people reach the control room. */
export function createPagerDestination(pager: PagerPort, url?: string): Destination<PageCall> {
  async function call({ body }: Message<PageCall>, late: boolean, signal: AbortSignal): Promise<void> {
    const page = late ? { ...body.page, summary: `(at ${instant(body.page.at)}) ${body.page.summary}` } : body.page;
    switch (body.do) {
      case "acknowledge":
        return await pager.acknowledge(body.key, page, signal);
      case "resolve":
        return await pager.resolve(body.key, page, signal);
      case "page":
        return await pager.page(body.key, page, signal);
      case "escalate": {
        const { raises = body.key, level = 2 } = body;
        if (await pager.escalate?.(raises, level, signal)) return;
        // Where nobody can be paged beside the first, those are paged once more.
        return await pager.page(body.key, page, signal);
      }
    }
  }

  return {
    id: pager.id,
    name: pager.name,
    paceMs: pager.paceMs,
    messagesOf: (event, state) =>
      pagesOf(event, state, url).map(({ what, part, incidentId, runId, quiet, ...body }) => ({
        what,
        body,
        ...(part !== undefined && { part }),
        ...(incidentId !== undefined && { incidentId }),
        ...(runId !== undefined && { runId }),
        ...(quiet && { quiet }),
      })),
    /** Nobody is woken for what is over. */
    skip({ body }, { behind }) {
      if (body.do === "resolve") return undefined;
      const isOver = behind.some(({ body: later }) => later.do === "resolve" && later.key === body.key);
      return isOver ? "It was over before it could be told." : undefined;
    },
    async send(message, { late, signal }) {
      signal.throwIfAborted();
      await call(message, late, signal);
      // The key is what the other side knows it by, so that a repeat pages nobody twice.
      return message.body.key;
    },
  };
}
