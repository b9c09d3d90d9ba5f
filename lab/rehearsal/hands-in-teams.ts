import { readCard } from "../teams/cards.ts";
import { createPeople } from "../teams/people.ts";
import type { TeamsServer } from "../teams/server.ts";
import { CHANNEL, type TeamsMessage } from "../teams/state.ts";
import type { Hands } from "./hands.ts";
import { eventually, handsInChat } from "./hands-in-chat.ts";
import type { MusterClient } from "./muster.ts";

/** How a document begins in its thread. */
const DOCUMENT = "📄 ";

/** By the buttons and forms of Teams. */
export function handsInTeams(teams: TeamsServer, muster: MusterClient): Hands {
  const { state, botId } = teams;
  const people = createPeople(teams);
  const inChannel = () => state.messages.filter(({ conversation, from }) => conversation === CHANNEL && from === botId);
  const textOf = (message: TeamsMessage) => readCard(message.card).text;
  const buttonOf = (card: TeamsMessage | undefined, begin: string) =>
    readCard(card?.card).buttons.find(({ title }) => title.startsWith(begin))?.title;

  return handsInChat<TeamsMessage>(
    {
      name: "Teams",
      cards: (id) => inChannel().filter((message) => idOf(message) === id),
      textOf,
      button: buttonOf,
      press: people.press,
      hasDocuments: ({ id }) =>
        inChannel().some((message) => message.root === id && textOf(message).startsWith(DOCUMENT)),
      async failBack(who, reason) {
        await people.write(who, "failback");
        const form = () => state.messages.findLast(({ conversation }) => conversation === state.personal.get(who));
        await eventually("the form of the failback", () => buttonOf(form(), "Propose") !== undefined);
        const opened = form();
        if (opened) await people.press(who, opened, "Propose", { answer: reason, dryRun: "false" });
      },
      said: () => inChannel().length,
    },
    muster,
  );
}

/** The message's own id, which its title carries. */
function idOf({ card }: TeamsMessage): string | undefined {
  const { body = [] } = (card ?? {}) as { body?: { items?: { id?: string }[] }[] };
  return body[0]?.items?.[0]?.id;
}
