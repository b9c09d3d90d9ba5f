import type { AppState } from "../../src/state.ts";
import type { Hands } from "./hands.ts";
import type { MusterClient } from "./muster.ts";

const WITHIN_MS = 15_000;
/** A channel takes a message in about a second, and the end of a story is told in many. */
const TOLD_WITHIN_MS = 60_000;

/** What the people of the story do and see in one chat. */
export interface ChatSurface<Message> {
  /** As its users call it. */
  name: string;
  /** Messages of the channel that are about one run, approval or incident. */
  cards(id: string): Message[];
  textOf(card: Message): string;
  /** The button whose label begins so. */
  button(card: Message, begin: string): string | undefined;
  press(who: string, card: Message, button: string): Promise<unknown>;
  /** Whether the documents of an incident hang below its card. */
  hasDocuments(card: Message): boolean;
  /** Fills in the form and sends it. */
  failBack(who: string, reason: string): Promise<void>;
  /** How many messages Muster has in the channel. */
  said(): number;
}

/** By the buttons and forms of a chat, with nothing but what the cards show. */
export function handsInChat<Message>(chat: ChatSurface<Message>, muster: MusterClient): Hands {
  const { cards, textOf } = chat;
  const buttonOf = (card: Message | undefined, begin = "Approve") => card && chat.button(card, begin);

  return {
    async approve(who, { approvalId }) {
      const isClosed = async () => (await muster.state()).approvals[approvalId]?.phase !== "pending";
      await eventually(`a card for ${approvalId} with a button`, async () => {
        return buttonOf(cards(approvalId)[0]) !== undefined || (await isClosed());
      });
      const [card] = cards(approvalId);
      const label = buttonOf(card);
      if (!card || label === undefined) return false;
      await chat.press(who, card, label);
      const decided = await muster.until(
        `the decision of ${who}`,
        ({ approvals }) => {
          const { phase, decisions = [] } = approvals[approvalId] ?? {};
          return phase !== "pending" || decisions.some(({ principal }) => principal === who);
        },
        WITHIN_MS,
      );
      return decided.approvals[approvalId]?.decisions.some(({ principal }) => principal === who) ?? false;
    },

    async failBack(who, reason) {
      await chat.failBack(who, reason);
      const isProposed = ({ runs }: AppState) => Object.values(runs).some((run) => run.reason === reason);
      await muster.until("the failback to be proposed", isProposed, WITHIN_MS);
    },

    async lead(who, incidentId) {
      const begin = "Take: incident commander";
      await eventually(`"${begin}" on the card of ${incidentId}`, () => {
        return buttonOf(cards(incidentId)[0], begin) !== undefined;
      });
      const [card] = cards(incidentId);
      if (card) await chat.press(who, card, begin);
      const leads = ({ incidents }: AppState) =>
        incidents[incidentId]?.room?.roles["incident-commander"]?.principal === who;
      await muster.until(`${who} to lead`, leads, WITHIN_MS);
    },

    async promises() {
      const { runs, approvals, incidents } = await muster.state();
      const completed = Object.values(runs).filter(({ phase }) => phase === "completed");
      const holds = (id: string, what: (card: Message) => boolean) => cards(id).slice(0, 1).some(what);
      const ids = [...Object.keys(runs), ...Object.keys(approvals), ...Object.keys(incidents)];
      const isTold = () =>
        ids.every((id) => cards(id).length > 0) &&
        completed.every(({ runId }) => holds(runId, (card) => textOf(card).includes("completed"))) &&
        Object.keys(incidents).every((id) => holds(id, chat.hasDocuments));
      const told = await eventually("", isTold, TOLD_WITHIN_MS).then(
        () => true,
        () => false,
      );
      const odd = ids.filter((id) => cards(id).length !== 1);
      const end = told ? "the end and the documents told" : "the end not told";
      const seen = `${chat.said()} messages, ${odd.length} not once, ${end}`;
      const promise = `${chat.name} has every card once, as it ended`;
      return [{ promise, kept: told && odd.length === 0, seen }];
    },
  };
}

/** Throws when it does not come to hold in time. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = WITHIN_MS,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs / 1_000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
