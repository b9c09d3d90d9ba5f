import type { AppState } from "../../src/state.ts";
import { readCard } from "../teams/cards.ts";
import { createPeople } from "../teams/people.ts";
import type { TeamsServer } from "../teams/server.ts";
import { CHANNEL, type TeamsMessage } from "../teams/state.ts";
import type { Hands } from "./hands.ts";
import type { MusterClient } from "./muster.ts";
import type { PromiseCheck } from "./promises.ts";

const WITHIN_MS = 15_000;
/** The channel takes a message in a second, and the end of a story is told in many. */
const TOLD_WITHIN_MS = 60_000;
/** How a document begins in its thread. */
const DOCUMENT = "📄 ";

/** By the buttons and forms of Teams, with nothing but what the cards show. */
export function handsInTeams(teams: TeamsServer, muster: MusterClient): Hands {
  const { state, botId } = teams;
  const people = createPeople(teams);
  const inChannel = () => state.messages.filter(({ conversation, from }) => conversation === CHANNEL && from === botId);
  const cards = (id: string) => inChannel().filter((message) => idOf(message) === id);
  const textOf = (message: TeamsMessage | undefined) => readCard(message?.card).text;
  const buttonOf = (card: TeamsMessage | undefined, begin: string) =>
    readCard(card?.card).buttons.find(({ title }) => title.startsWith(begin))?.title;

  return {
    async approve(who, { approvalId }) {
      const isClosed = async () => (await muster.state()).approvals[approvalId]?.phase !== "pending";
      await eventually(`a card for ${approvalId} with a button`, async () => {
        return buttonOf(cards(approvalId)[0], "Approve") !== undefined || (await isClosed());
      });
      const [card] = cards(approvalId);
      const label = buttonOf(card, "Approve");
      if (!card || label === undefined) return false;
      await people.press(who, card, label);
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
      await people.write(who, "failback");
      const form = () => state.messages.findLast(({ conversation }) => conversation === state.personal.get(who));
      await eventually("the form of the failback", () => buttonOf(form(), "Propose") !== undefined);
      const opened = form();
      if (opened) await people.press(who, opened, "Propose", { answer: reason, dryRun: "false" });
      const isProposed = ({ runs }: AppState) => Object.values(runs).some((run) => run.reason === reason);
      await muster.until("the failback to be proposed", isProposed, WITHIN_MS);
    },

    async promises() {
      const { runs, approvals, incidents } = await muster.state();
      const completed = Object.values(runs).filter(({ phase }) => phase === "completed");
      const ended = () => completed.every(({ runId }) => textOf(cards(runId)[0]).includes("completed"));
      const documents = () => inChannel().filter((message) => textOf(message).startsWith(DOCUMENT));
      const attached = () =>
        Object.keys(incidents).every((id) => documents().some(({ root }) => root === cards(id)[0]?.id));
      const told = await eventually("", () => ended() && attached(), TOLD_WITHIN_MS).then(
        () => true,
        () => false,
      );
      const ids = [...Object.keys(runs), ...Object.keys(approvals), ...Object.keys(incidents)];
      const twice = ids.filter((id) => cards(id).length !== 1);
      const seen = `${inChannel().length} messages, ${twice.length} not once, ${told ? "the end and the documents told" : "the end not told"}`;
      const promise = "Teams has every card once, as it ended";
      const check: PromiseCheck = { promise, kept: told && twice.length === 0, seen };
      return [check];
    },
  };
}

/** The message's own id, which its title carries. */
function idOf({ card }: TeamsMessage): string | undefined {
  const { body = [] } = (card ?? {}) as { body?: { items?: { id?: string }[] }[] };
  return body[0]?.items?.[0]?.id;
}

async function eventually(what: string, holds: () => boolean | Promise<boolean>, withinMs = WITHIN_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs / 1_000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
