import type { Core } from "../../core.ts";
import type { DomainEvent } from "../../events.ts";
import { CHANNEL_KINDS } from "./channel.ts";

const PAGE = 500;
/** How far back the channel reaches in the journal at the start. */
const LOOK_BACK = 20_000;
const KEEP = 250;

/** The latest events that the channel shows, kept at hand so that a page costs no reading of the whole journal. */
export function createTail(core: Core) {
  let events: DomainEvent[] = [];
  let after: number | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const { seq } = await core.state();
    // A store that lost events, and was accepted as it is, has other ones in their places.
    if (after !== undefined && seq < after) {
      after = undefined;
      events = [];
    }
    after ??= Math.max(0, seq - LOOK_BACK);
    for (;;) {
      const page: DomainEvent[] = await core.journal.query({ after, limit: PAGE });
      events = [...events, ...page.filter(({ kind }) => CHANNEL_KINDS.has(kind))].slice(-KEEP);
      after = page.at(-1)?.seq ?? after;
      if (page.length < PAGE) return;
    }
  }

  return {
    /** Reads what is new; calls that come together share one reading. */
    latest: async (): Promise<readonly DomainEvent[]> => {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
      return events;
    },
    /** Without a look at the store. */
    known: (): readonly DomainEvent[] => events,
  };
}
