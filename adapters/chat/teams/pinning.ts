import { z } from "zod";
import type { ChatAccount, ChatHandlers, PinnedMessage } from "../../../src/chat/port.ts";
import { conversationBase, type InActivity, textOfHtml } from "./activity.ts";
import { adaptiveCard } from "./cards.ts";
import { CARD_TYPE } from "./elements.ts";
import type { Answer } from "./listener.ts";

/** The actions in a message's menu; the manifest names the same, and a test compares them. */
export const PIN = "pin";
export const UNPIN = "unpin";

const Payload = z.object({
  commandId: z.enum([PIN, UNPIN]),
  messagePayload: z.object({
    id: z.string().max(100),
    createdDateTime: z.iso.datetime({ offset: true }).optional(),
    linkToMessage: z.url({ protocol: /^https$/ }).optional(),
    from: z.object({ user: z.object({ displayName: z.string().nullish() }).nullish() }).nullish(),
    body: z.object({ content: z.string().nullish() }).nullish(),
  }),
});

/** Reactions reach a bot for its own messages only; a message's menu reaches it for all. */
export function isMessageAction({ name }: InActivity): boolean {
  return name === "composeExtension/fetchTask" || name === "composeExtension/submitAction";
}

/** Puts a message on the timeline, or takes it off, and says so in a dialog. */
export async function onTimeline(activity: InActivity, from: ChatAccount, handlers: ChatHandlers): Promise<Answer> {
  const { data } = Payload.safeParse(activity.value);
  if (!data) return { status: 400 };
  const { commandId, messagePayload } = data;
  const author = messagePayload.from?.user?.displayName;
  // What bots wrote is in the journal, or is no observation of a person.
  if (!author) return dialog("Only what people wrote goes on the timeline.");
  const message: PinnedMessage = {
    messageId: `${conversationBase(activity)}/${messagePayload.id}`,
    author,
    at: messagePayload.createdDateTime ?? new Date(Number(messagePayload.id)).toISOString(),
    text: textOfHtml(messagePayload.body?.content ?? ""),
    ...(messagePayload.linkToMessage !== undefined && { permalink: messagePayload.linkToMessage }),
  };
  const pinned = commandId === PIN;
  const reply = await handlers.handle({ kind: "pin", deliveryId: `action/${activity.id}`, from, pinned, message });
  if (reply) return dialog(reply.card.title, reply.card.text);
  return dialog(pinned ? "It is on the timeline." : "It is not on the timeline any more.");
}

function dialog(title: string, text: string[] = []): Answer {
  const content = adaptiveCard({ title, status: "info", text, fallback: title });
  const card = { contentType: CARD_TYPE, content };
  return {
    status: 200,
    body: { task: { type: "continue", value: { title: "Timeline", height: "small", width: "small", card } } },
  };
}
