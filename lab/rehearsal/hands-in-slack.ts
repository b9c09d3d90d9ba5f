import { readBlocks } from "../slack/blocks.ts";
import { createPeople } from "../slack/people.ts";
import type { SlackServer } from "../slack/server.ts";
import { BOT_USER, CHANNEL, openViewOf, type SlackMessage } from "../slack/state.ts";
import type { Hands } from "./hands.ts";
import { eventually, handsInChat } from "./hands-in-chat.ts";
import type { MusterClient } from "./muster.ts";

/** By the buttons and forms of Slack. */
export function handsInSlack(slack: SlackServer, muster: MusterClient): Hands {
  const { state } = slack;
  const people = createPeople(slack);
  const inChannel = () => state.messages.filter(({ channel }) => channel === CHANNEL);

  function isOpen(who: string): boolean {
    try {
      return openViewOf(state, who) !== undefined;
    } catch {
      return false;
    }
  }

  return handsInChat<SlackMessage>(
    {
      name: "Slack",
      cards: (id) => inChannel().filter(({ metadata }) => markerOf(metadata).endsWith(`/${id}`)),
      textOf: (card) => readBlocks(card.blocks).text,
      button: (card, begin) => readBlocks(card.blocks).buttons.find(({ label }) => label.startsWith(begin))?.label,
      press: people.press,
      hasDocuments: ({ files }) => files.length > 0,
      async failBack(who, reason) {
        await people.command(who, "failback");
        await eventually("the form of the failback", () => isOpen(who));
        await people.submit(who, { reason });
      },
      said: () => inChannel().filter(({ user }) => user === BOT_USER).length,
    },
    muster,
  );
}

function markerOf(metadata: unknown): string {
  return (metadata as { event_payload?: { marker?: string } } | undefined)?.event_payload?.marker ?? "";
}
