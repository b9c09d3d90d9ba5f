import { createHash } from "node:crypto";
import type { Logger } from "pino";
import type { Caller, Core } from "../core.ts";
import type { DomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import { own } from "../own.ts";
import type { Clock } from "../ports.ts";
import { inFlightRuns, isInFlight } from "../runs/views.ts";
import type { AppState } from "../state.ts";
import { createWaker } from "../workers/waker.ts";
import type { WorkerContext } from "../workers/worker.ts";
import { createContact } from "./contact.ts";
import { nextDelivery, type Wanted } from "./delivery.ts";
import { chatMessages } from "./messages.ts";
import { createPerformer } from "./perform.ts";
import type { ChatMessage, ChatPort } from "./port.ts";
import { createRecords } from "./records.ts";
import { createTail } from "./tail.ts";

export interface MirrorOptions {
  chat: ChatPort;
  core: Core;
  journal: Journal;
  store: JournalStore;
  clock: Clock;
  logger: Logger;
}

/** Elapsed times on cards of what is under way are sent anew this often, though nothing else changed. */
const TICK_MS = 15_000;
/** Older ones stay in the chat as they are. */
const LIVE_MESSAGES = 300;
const FROZEN_AT = new Date(0).toISOString();

/**
 * A follower: keeps one chat's channel at what the journal says. One call at a time and no faster than the chat's
 * pace, each decided on the newest state, so that what is behind is merged by itself. Whatever the chat does, no
 * run notices.
 */
export function createMirror(options: MirrorOptions) {
  const { chat, core, journal, store, clock } = options;
  const tail = createTail(options);

  return {
    /** One message as this person should see it (their buttons only); undefined when it is not of the channel. */
    async present(messageId: string, caller: Caller): Promise<ChatMessage | undefined> {
      const events = await tail.latest();
      const now = new Date(clock.now()).toISOString();
      const state = await journal.load();
      const view = { state, waiting: await waitingOf(core, state), at: now, caller };
      return chatMessages(events, view).find(({ id }) => id === messageId);
    },

    async work(context: WorkerContext): Promise<void> {
      const { fence, signal } = context;
      const waker = createWaker((listener) => journal.subscribe(listener), clock);
      const records = createRecords(store, chat.id, fence);
      const contact = createContact(options, fence);
      const perform = createPerformer({ ...options, records, signal });
      const editedAt = new Map<string, number>();
      try {
        while (!signal.aborted) {
          const events = await tail.latest(fence);
          const state = await journal.load();
          const wanted = await wantedNow(core, state, events, clock.now());
          const ids = wanted.flatMap(({ message: { id, thread } }) => (thread === undefined ? [id] : [id, thread]));
          const posted = await records.of(ids);
          if (editedAt.size > 2 * LIVE_MESSAGES) keepOnly(editedAt, ids);
          const { delivery, wakeAt } = nextDelivery({
            wanted,
            posted,
            editedAt,
            canPin: chat.pin !== undefined,
            now: clock.now(),
          });
          if (!delivery) {
            const gone = isQuiet(state) ? await tail.forget(fence) : [];
            // Where each of these stands is not needed any more. A crash in between leaves what it had not come to.
            for (const id of goneMessages(gone, await tail.latest(fence), state)) await records.forget(id);
            await waker.wait(Math.min(wakeAt ?? Number.POSITIVE_INFINITY, clock.now() + TICK_MS), signal);
            continue;
          }
          const isShown = delivery.do === "post" || delivery.do === "merge" || delivery.do === "update";
          const notice = isShown ? contact.takeNotice() : undefined;
          const pauseMs = await contact.during(() => perform(delivery, notice), signal);
          if (delivery.do === "update" || delivery.do === "post") editedAt.set(delivery.wanted.message.id, clock.now());
          await clock.sleep(pauseMs ?? chat.paceMs, signal).catch(() => {});
        }
      } finally {
        waker.close();
      }
    },
  };
}

/** Messages that nobody edits or answers in any more: what they were made from is long past. */
function goneMessages(gone: readonly DomainEvent[], kept: readonly DomainEvent[], state: AppState): string[] {
  if (gone.length === 0) return [];
  const view = { state, waiting: [], at: FROZEN_AT };
  const still = new Set(chatMessages(kept, view).flatMap(({ id, thread = id }) => [id, thread]));
  return chatMessages(gone, view).flatMap(({ id }) => (still.has(id) ? [] : [id]));
}

function keepOnly(editedAt: Map<string, number>, ids: readonly string[]): void {
  const kept = new Set(ids);
  for (const id of editedAt.keys()) if (!kept.has(id)) editedAt.delete(id);
}

async function wantedNow(core: Core, state: AppState, events: readonly DomainEvent[], now: number): Promise<Wanted[]> {
  const waiting = await waitingOf(core, state);
  const messages = chatMessages(events, { state, waiting, at: new Date(now).toISOString() });
  const still = new Map(
    chatMessages(events, { state, waiting, at: FROZEN_AT }).map(({ id, card }) => [id, JSON.stringify(card)]),
  );
  return messages.slice(-LIVE_MESSAGES).map((message) => {
    const tick = isTicking(state, message.id) ? Math.floor(now / TICK_MS) : 0;
    const digest = createHash("sha256")
      .update(`${still.get(message.id)} ${tick}`)
      .digest("base64url")
      .slice(0, 22);
    return { message, digest };
  });
}

async function waitingOf(core: Core, state: AppState) {
  const found = await Promise.all(inFlightRuns(state).map(({ runId }) => core.runs.why(runId)));
  return found.flatMap(({ waiting }) => waiting);
}

function isTicking({ runs, approvals }: AppState, id: string): boolean {
  const run = own(runs, id);
  return (run !== undefined && isInFlight(run)) || own(approvals, id)?.phase === "pending";
}

function isQuiet(state: AppState): boolean {
  return state.openIncidentId === undefined && inFlightRuns(state).length === 0;
}
