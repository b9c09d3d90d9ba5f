import type { Card } from "../../../src/cards/card.ts";
import type { ChatFile } from "../../../src/chat/port.ts";
import { adaptiveCard, type CardOptions } from "./cards.ts";
import type { Connector, OutActivity } from "./connector.ts";
import { activityOf } from "./elements.ts";
import { fileCards } from "./files.ts";
import type { KnownReferences } from "./references.ts";

const MOST_CONVERSATIONS = 500;

/** The chat between the bot and one person: the one place in Teams where nobody else reads along. */
export function createPersonal(connector: Connector, references: KnownReferences, tenantId: string) {
  const conversations = new Map<string, string>();

  async function conversationOf(account: string, signal: AbortSignal): Promise<string> {
    const known = conversations.get(account);
    if (known !== undefined) return known;
    const { serviceUrl, botId, people } = await references.current();
    // Teams takes a person's object id where its own id is not known yet.
    const id = people.find((one) => one.account === account)?.userId ?? account.slice(account.indexOf("/") + 1);
    const members = [{ id, name: "" }];
    const where = { bot: { id: botId, name: "Muster" }, members, tenantId, channelData: { tenant: { id: tenantId } } };
    const created = await connector.create(serviceUrl, { isGroup: false, ...where }, signal);
    if (conversations.size >= MOST_CONVERSATIONS) conversations.clear();
    conversations.set(account, created.id);
    return created.id;
  }

  async function send(account: string, activity: OutActivity, signal: AbortSignal): Promise<void> {
    const conversation = await conversationOf(account, signal);
    await connector.send((await references.current()).serviceUrl, conversation, activity, signal);
  }

  return {
    async tell(account: string, card: Card, signal: AbortSignal, options: CardOptions = {}): Promise<void> {
      await send(account, activityOf(adaptiveCard(card, options), card.fallback), signal);
    },
    async send(account: string, activity: OutActivity, signal: AbortSignal): Promise<void> {
      await send(account, activity, signal);
    },
    async files(account: string, files: ChatFile[], signal: AbortSignal): Promise<void> {
      for (const { card, fallback } of files.flatMap((file) => fileCards(file, file.name)))
        await send(account, activityOf(card, fallback), signal);
    },
  };
}

export type Personal = ReturnType<typeof createPersonal>;
