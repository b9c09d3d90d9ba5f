import type { DomainEvent } from "../events.ts";
import { firstSeq } from "../journal/first-seq.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence, JournalStore } from "../journal/store.ts";
import { ensureHeld } from "../workers/held.ts";
import { isOfChannel } from "./messages.ts";
import type { ChatPort } from "./port.ts";

const PAGE = 1_000;
/** Events that are kept at hand when nothing is under way. */
const KEEP = 500;
const MOST = 20_000;

/**
 * The events that a chat's channel is made from. A chat that is connected for the first time begins with the open
 * incident, or with now: nobody wants last year's in their channel.
 */
export function createTail({ chat, journal, store }: { chat: ChatPort; journal: Journal; store: JournalStore }) {
  const key = `chat/${chat.id}/from`;
  let events: DomainEvent[] = [];
  let after: number | undefined;
  let recorded = false;
  let reading: Promise<void> | undefined;

  async function begin(): Promise<number> {
    const known = await store.getRecord(key);
    recorded = known !== undefined;
    return known === undefined ? await firstSeq(journal) : Number(known);
  }

  async function read(fence: Fence | undefined): Promise<void> {
    after ??= await begin();
    // Only who holds the lease writes where the channel begins; who merely looks does not.
    if (fence && !recorded) {
      ensureHeld(await store.setRecord(key, String(after), fence), fence);
      recorded = true;
    }
    for (;;) {
      const page = await journal.read({ after, limit: PAGE });
      events = [...events, ...page.filter(isOfChannel)].slice(-MOST);
      after = page.at(-1)?.seq ?? after;
      if (page.length < PAGE) return;
    }
  }

  return {
    /** Reads what is new; calls that come together share one reading. */
    async latest(fence?: Fence): Promise<readonly DomainEvent[]> {
      reading ??= read(fence).finally(() => {
        reading = undefined;
      });
      await reading;
      return events;
    },
    /**
     * Called when nothing is under way: what is long past is not looked at again at the next start. Answers with it,
     * once that stands.
     */
    async forget(fence: Fence): Promise<DomainEvent[]> {
      if (events.length <= 2 * KEEP) return [];
      const gone = events.slice(0, -KEEP);
      events = events.slice(-KEEP);
      ensureHeld(await store.setRecord(key, String((events[0]?.seq ?? 1) - 1), fence), fence);
      return gone;
    },
  };
}
