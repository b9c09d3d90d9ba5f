import type { DomainEvent } from "../events.ts";
import { firstSeq } from "../journal/first-seq.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence, JournalStore } from "../journal/store.ts";
import type { AppState } from "../state.ts";
import { ensureHeld } from "../workers/held.ts";
import type { Sending } from "./decide-sending.ts";
import { deliveryOf } from "./fold.ts";
import { type Destination, type Message, messagesOf } from "./port.ts";

/** What stands in the store about one destination. */
interface Cursor {
  /** Everything up to this event is settled. */
  after: number;
  /** Ids of messages behind it that are settled all the same. */
  settled: string[];
  /** What was about to be sent, and nobody knows yet whether it was. */
  sending: Sending[];
}

interface QueueOptions {
  destination: Destination;
  journal: Pick<Journal, "load" | "read">;
  store: Pick<JournalStore, "getRecord" | "setRecord">;
}

const PAGE = 500;
/** So many events with something to tell are looked at together; the others are read when these are settled. */
const MOST_EVENTS = 1_000;
/** Events with nothing to tell are passed over so often without a write. */
const WRITE_EVERY = 500;
/** Never more than what is tried at a time, and the one behind it. */
const MOST_SENDING = 10;

/**
 * What one destination has not been told yet, in the journal's order. One that is connected for the first time begins
 * with the open incident, or with now.
 */
export function createQueue({ destination, journal, store }: QueueOptions) {
  const key = `delivery/${destination.id}/cursor`;
  let cursor: Cursor | undefined;
  let written = 0;
  /** Events behind the cursor with something to tell, as far as they are read. */
  let events: DomainEvent[] = [];
  let readUpTo = 0;

  async function load(): Promise<Cursor> {
    if (cursor) return cursor;
    const known = await store.getRecord(key);
    cursor =
      known === undefined
        ? { after: await firstSeq(journal), settled: [], sending: [] }
        : (JSON.parse(known) as Cursor);
    written = known === undefined ? -1 : cursor.after;
    readUpTo = cursor.after;
    return cursor;
  }

  async function write(fence: Fence): Promise<void> {
    ensureHeld(await store.setRecord(key, JSON.stringify(cursor), fence), fence);
    written = cursor?.after ?? 0;
  }

  const openOf = (event: DomainEvent, state: AppState, settled: readonly string[]) =>
    messagesOf(destination, event, state).filter(({ id }) => !settled.includes(id));

  /** Drops what is settled from the front; the cursor follows. */
  function advance(now: Cursor, state: AppState): void {
    const first = events.findIndex((event) => openOf(event, state, now.settled).length > 0);
    const gone = first < 0 ? events : events.slice(0, first);
    events = first < 0 ? [] : events.slice(first);
    const ids = gone.flatMap((event) => messagesOf(destination, event, state).map(({ id }) => id));
    now.settled = now.settled.filter((id) => !ids.includes(id));
    now.after = Math.max(now.after, (events[0]?.seq ?? readUpTo + 1) - 1);
  }

  /** What was given up and a person has tried again. */
  async function retried(state: AppState): Promise<Message[]> {
    const again = Object.values(deliveryOf(state, destination.id).failed).filter((one) => one.again !== undefined);
    const found: Message[] = [];
    for (const { eventSeq, messageId } of again) {
      const [event] = await journal.read({ after: eventSeq - 1, limit: 1 });
      const own = event ? messagesOf(destination, event, state) : [];
      found.push(...own.filter(({ id }) => id === messageId));
    }
    return found;
  }

  return {
    async pending(state: AppState): Promise<Message[]> {
      const now = await load();
      while (events.length < MOST_EVENTS && readUpTo < state.seq) {
        const read = await journal.read({ after: readUpTo, limit: PAGE });
        // What was appended after the state was loaded may be about what this state does not know.
        const page = read.filter(({ seq }) => seq <= state.seq);
        events.push(...page.filter((event) => openOf(event, state, now.settled).length > 0));
        readUpTo = page.at(-1)?.seq ?? readUpTo;
        if (page.length < PAGE) break;
      }
      advance(now, state);
      const fresh = events.flatMap((event) => openOf(event, state, now.settled));
      const again = await retried(state);
      return [...again, ...fresh.filter(({ id }) => !again.some((one) => one.id === id))];
    },

    sending: async (): Promise<readonly Sending[]> => (await load()).sending,

    /** Before the effect: whoever comes after a crash looks for it before it is repeated. */
    async begin(sending: Sending, fence: Fence): Promise<void> {
      const now = await load();
      if (now.sending.some(({ id }) => id === sending.id)) return;
      now.sending = [...now.sending, sending].slice(-MOST_SENDING);
      await write(fence);
    },

    /** It was refused, so that it does not stand there: nobody need look for it. */
    async forget(id: string, fence: Fence): Promise<void> {
      const now = await load();
      now.sending = now.sending.filter((one) => one.id !== id);
      await write(fence);
    },

    /** Nothing more is to be done about these. */
    async settle(parts: readonly Message[], state: AppState, fence: Fence): Promise<void> {
      const now = await load();
      const ids = parts.map(({ id }) => id);
      now.sending = now.sending.filter((one) => !one.ids.some((id) => ids.includes(id)));
      now.settled = [...now.settled, ...parts.filter(({ seq }) => seq > now.after).map(({ id }) => id)];
      advance(now, state);
      await write(fence);
    },

    /** Called when nothing waits: what has nothing to tell is not read again and again. */
    async rest(fence: Fence): Promise<void> {
      const { after } = await load();
      if (written < 0 || after - written >= WRITE_EVERY) await write(fence);
    },
  };
}

export type Queue = ReturnType<typeof createQueue>;
