import { doneCard } from "../cards/plain.ts";
import { chooseIncident } from "../cards/status-view.ts";
import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import { clip } from "../format.ts";
import type { Journal } from "../journal/journal.ts";
import { hasRole } from "../people/roles.ts";
import type { AppState, IncidentState, Pin } from "../state.ts";
import type { Inbound, Reply } from "./port.ts";

const LONGEST_TEXT = 2_000;
const MOST_PINS = 500;

type Of<K extends Inbound["kind"]> = Extract<Inbound, { kind: K }>;

/** Messages of a chat that people put on the timeline, and what became of them. */
export function createPins({ chat, journal }: { chat: string; journal: Journal }) {
  async function pin({ message }: Of<"pin">, caller: Caller): Promise<Reply> {
    if (!hasRole(caller, "observer")) throw unlinked();
    const { state } = await journal.commit((fresh) => {
      const incident = chooseIncident(fresh);
      if (!incident) throw noIncident();
      if (incident.pins.some((one) => one.chat === chat && one.messageId === message.messageId)) return [];
      if (incident.pins.length >= MOST_PINS) throw tooMany(incident);
      const { messageId, author, at, text, permalink } = message;
      const data = {
        incidentId: incident.incidentId,
        chat,
        messageId,
        author: clip(author, 100),
        writtenAt: at,
        text: clip(text, LONGEST_TEXT),
        ...(permalink && { permalink }),
      };
      return [{ key: keyOf(fresh, messageId), kind: "timeline.pinned", actor: caller.principal, data }];
    });
    return { visibility: "private", card: doneCard(`On the timeline of ${chooseIncident(state)?.incidentId}`) };
  }

  /** Changes a pin that there is; of a message that nobody pinned there is nothing to say. */
  async function change(
    messageId: string,
    make: (found: { incidentId: string; pin: Pin }, state: AppState) => NewDomainEvent[],
  ): Promise<undefined> {
    // Most messages of a channel are not pinned: no write waits for them.
    if (!findPin(await journal.load(), chat, messageId)) return undefined;
    await journal.commit((state) => {
      const found = findPin(state, chat, messageId);
      return found ? make(found, state) : [];
    });
    return undefined;
  }

  const unpin = (messageId: string, actor: string) =>
    change(messageId, ({ incidentId }, state) => [
      {
        key: keyOf(state, messageId),
        kind: "timeline.unpinned",
        actor,
        data: { incidentId, chat, messageId },
      },
    ]);

  return {
    async change(inbound: Of<"pin">, caller: Caller): Promise<Reply | undefined> {
      if (inbound.pinned) return await pin(inbound, caller);
      if (!hasRole(caller, "observer")) throw unlinked();
      return await unpin(inbound.message.messageId, caller.principal);
    },
    /** The chat says that the author edited the message: the timeline says what it says now. */
    edit: ({ messageId, text }: Of<"edit">, caller: Caller) =>
      change(messageId, ({ incidentId, pin: known }, state) => {
        const now = clip(text, LONGEST_TEXT);
        if (known.text === now) return [];
        const data = { incidentId, chat, messageId, text: now };
        return [{ key: keyOf(state, messageId), kind: "timeline.edited", actor: caller.principal, data }];
      }),
    remove: ({ messageId }: Of<"delete">, caller: Caller) => unpin(messageId, caller.principal),
  };

  /** Pinned, taken off and pinned again are three facts: the stream's version tells them apart. */
  function keyOf({ version }: AppState, messageId: string): string {
    return `pin/${chat}/${messageId}/${version}`;
  }
}

function findPin(state: AppState, chat: string, messageId: string): { incidentId: string; pin: Pin } | undefined {
  for (const { incidentId, pins } of Object.values(state.incidents)) {
    const pin = pins.find((one) => one.chat === chat && one.messageId === messageId);
    if (pin) return { incidentId, pin };
  }
  return undefined;
}

function unlinked(): AppError {
  return new AppError({
    code: "not-allowed",
    summary: "This account is not linked to anybody that Muster knows.",
    hint: 'Link it first: "link" says how.',
  });
}

function noIncident(): AppError {
  const summary = "There is no incident whose timeline it could go on.";
  return new AppError({ code: "wrong-state", summary, hint: "Pin it when an incident is open." });
}

function tooMany({ incidentId }: IncidentState): AppError {
  return new AppError({
    code: "too-large",
    summary: `${MOST_PINS} messages are on the timeline of ${incidentId} already.`,
    hint: "Take one off, or write down what matters with a note.",
  });
}
