import { createHash } from "node:crypto";
import type { JournalStore } from "../journal/store.ts";
import type { Clock } from "../ports.ts";
import type { Reply } from "./port.ts";

/** Chats send again at once, after a minute and after five. */
const REMEMBER_MS = 15 * 60_000;
/** A ring, so that the records stay few; an entry that is overwritten early only costs its protection. */
const SLOTS = 1_024;

export type Outcome =
  | Reply
  | undefined
  /** `harmless`: done once more it would change nothing, so that no durable write is spent on it. */
  | { reply: Reply; settled: boolean; harmless?: boolean };

/**
 * Carries out each delivery once, on whichever instance a repeat of it arrives. It counts as done only when it has
 * been: a repeat of one that failed by accident, or whose instance died, is carried out. A question is answered once by
 * each instance.
 */
export function createDeliveries({ store, chat, clock }: { store: JournalStore; chat: string; clock: Clock }) {
  const running = new Map<string, Promise<Reply | undefined>>();
  /** Answered questions, for this instance alone: asking all the time must not keep the disk from acknowledging. */
  const answered = new Map<string, number>();

  function rememberHere(id: string): void {
    answered.set(id, clock.now());
    const [oldest] = answered.keys();
    if (answered.size > SLOTS && oldest !== undefined) answered.delete(oldest);
  }

  async function perform(id: string, work: () => Promise<Outcome>): Promise<Reply | undefined> {
    const at = answered.get(id);
    if (at !== undefined && clock.now() - at < REMEMBER_MS) return undefined;
    const slot = createHash("sha256").update(id).digest().readUInt32BE(0) % SLOTS;
    const key = `delivery/${chat}/${slot}`;
    // Without the store nothing can be remembered, and nothing be commanded either: the command itself says so.
    const known = parse(await store.getRecord(key).catch(() => undefined));
    if (known?.id === id && clock.now() - known.at < REMEMBER_MS) return undefined;
    const outcome = await work();
    const { reply, settled, harmless } =
      outcome && "settled" in outcome ? outcome : { reply: outcome, settled: true, harmless: false };
    if (settled && harmless) rememberHere(id);
    else if (settled) await store.setRecord(key, JSON.stringify({ id, at: clock.now() })).catch(() => {});
    return reply;
  }

  return {
    async once(id: string, work: () => Promise<Outcome>): Promise<Reply | undefined> {
      // A repeat that comes while the first is being worked on has nothing of its own to say.
      const first = running.get(id);
      if (first) return await first.then(() => undefined);
      const done = perform(id, work).finally(() => running.delete(id));
      running.set(id, done);
      return await done;
    },
  };
}

function parse(text: string | undefined): { id: string; at: number } | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as { id: string; at: number });
}
