import type { Caller } from "../core.ts";
import type { NewDomainEvent } from "../events.ts";
import { clip } from "../format.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalStore } from "../journal/store.ts";
import { own } from "../own.ts";
import type { AppState } from "../state.ts";
import { incidentKey } from "./decide-pages.ts";
import { isOurs } from "./notes-destination.ts";
import type { PagerPort } from "./port.ts";

/** What somebody did in the pager, in neutral words. The adapter has verified where it comes from. */
export interface PagerInbound {
  /** The same for a redelivery. */
  eventId: string;
  do: "acknowledged" | "resolved" | "noted";
  happenedAt: string;
  /** The pager's id of the incident, and the key of the page where it says so. */
  remoteId: string;
  key?: string;
  /** Who did it, as the pager calls them. */
  account: string;
  /** Of a note. */
  note?: { id: string; text: string; permalink?: string };
}

interface InboundOptions {
  pager: PagerPort;
  journal: Pick<Journal, "load" | "commit">;
  store: Pick<JournalStore, "findByKey">;
  /** The person behind an account; undefined where nobody has linked it. */
  personOf(account: string): Promise<Caller | undefined>;
}

/** So many of the latest incidents may still be written about. */
const LATEST = 5;
const LONGEST_TEXT = 2_000;
const MOST_PINS = 500;

/** Puts what people do in the pager on the timeline. It is told there, and decides nothing. */
export function createPagerInbound({ pager, journal, store, personOf }: InboundOptions) {
  async function keyOf(inbound: PagerInbound, state: AppState, signal: AbortSignal): Promise<string | undefined> {
    if (inbound.key !== undefined) return inbound.key;
    return await pager.notes?.keyOf(inbound.remoteId, knownKeys(state), signal);
  }

  return {
    async handle(inbound: PagerInbound, signal: AbortSignal): Promise<void> {
      const { eventId, note } = inbound;
      const eventKey = `page/${pager.id}/${eventId}`;
      const state = await journal.load();
      if (inbound.do === "noted" && (!note || isOurs(note.text, state.application))) return;
      // A pager tells again what it has no answer to.
      if (await store.findByKey(eventKey)) return;
      const key = await keyOf(inbound, state, signal);
      const about = key === undefined ? undefined : subjectOf(state, key);
      // Of another system that uses the same service.
      if (key === undefined || !about) return;
      const actor = (await personOf(inbound.account))?.principal ?? `system:${pager.id}`;
      await journal.commit((fresh) => {
        const event = eventOf(pager, inbound, key, about, fresh);
        return event ? [{ ...event, key: eventKey, actor }] : [];
      });
    },
  };
}

type Subject = { incidentId?: string; runId?: string };
type Fact = NewDomainEvent extends infer E ? (E extends NewDomainEvent ? Omit<E, "key" | "actor"> : never) : never;

function eventOf(
  pager: PagerPort,
  inbound: PagerInbound,
  key: string,
  about: Subject,
  state: AppState,
): Fact | undefined {
  const { eventId, happenedAt, note } = inbound;
  if (inbound.do !== "noted") {
    const data = { pager: pager.id, eventId, key, happenedAt, ...about };
    return { kind: inbound.do === "acknowledged" ? "page.acknowledged" : "page.resolved", data };
  }
  const incident = state.incidents[about.incidentId ?? ""];
  if (!note || !incident || incident.pins.length >= MOST_PINS) return undefined;
  const { id: messageId, text, permalink } = note;
  const data = {
    incidentId: incident.incidentId,
    chat: pager.id,
    messageId,
    author: "somebody on call",
    writtenAt: new Date(happenedAt).toISOString(),
    text: clip(text, LONGEST_TEXT),
    ...(permalink !== undefined && { permalink }),
  };
  return { kind: "timeline.pinned", data };
}

/** What a page was about; undefined for a key that is none of ours. */
function subjectOf(state: AppState, key: string): Subject | undefined {
  const prefix = `muster/${state.application}/`;
  if (!key.startsWith(prefix)) return undefined;
  const [id = ""] = key.slice(prefix.length).split("/");
  if (own(state.incidents, id)) return { incidentId: id };
  const runId = own(state.runs, id) ? id : own(state.approvals, id)?.runId;
  const run = runId === undefined ? undefined : state.runs[runId];
  if (!run) return undefined;
  return { runId: run.runId, ...(run.incidentId !== undefined && { incidentId: run.incidentId }) };
}

function knownKeys(state: AppState): string[] {
  return Object.values(state.incidents)
    .slice(-LATEST)
    .map((incident) => incidentKey(state, incident));
}
