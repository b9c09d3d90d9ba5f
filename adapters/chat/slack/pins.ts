import type { PinnedMessage } from "../../../src/chat/port.ts";
import { accountOf } from "./account.ts";
import type { After, ListenerOptions } from "./listeners.ts";

interface Reaction {
  user: string;
  reaction: string;
  item: { type: string; channel: string; ts: string };
  item_user?: string;
  event_ts: string;
}

/** What people mark, edit and delete in the channel: the timeline follows. */
export function messages(options: ListenerOptions, after: After): void {
  const { app, handlers, answer, pinEmoji, ownUser } = options;
  const pin =
    (pinned: boolean) =>
    async (args: {
      event: unknown;
      body: unknown;
      context: { teamId?: string | undefined; enterpriseId?: string | undefined };
    }) => {
      const event = args.event as Reaction;
      const ours = event.item_user !== undefined && event.item_user === ownUser();
      if (event.item.type !== "message" || ours || !pinEmoji.includes(event.reaction)) return;
      after("pin", async () => {
        const from = accountOf({ user: event.user, team: args.context.teamId, enterprise: args.context.enterpriseId });
        const message = pinned ? await readMessage(options, event.item) : messageStub(event.item);
        if (!message) return;
        const deliveryId = (args.body as { event_id: string }).event_id;
        const reply = await handlers.handle({ kind: "pin", deliveryId, from, pinned, message });
        await answer({ channel: event.item.channel, user: event.user }, reply);
      });
    };
  app.event("reaction_added", pin(true) as never);
  app.event("reaction_removed", pin(false) as never);
  app.event("message", async ({ event, body, context }) => {
    const change = event as {
      subtype?: string;
      channel: string;
      deleted_ts?: string;
      message?: { ts: string; text?: string; user?: string };
    };
    const deliveryId = (body as unknown as { event_id: string }).event_id;
    const from = accountOf({
      user: change.message?.user ?? "unknown",
      team: context.teamId,
      enterprise: context.enterpriseId,
    });
    if (change.subtype === "message_deleted" && change.deleted_ts !== undefined) {
      const messageId = `${change.channel}/${change.deleted_ts}`;
      after("delete", () => handlers.handle({ kind: "delete", deliveryId, from, messageId }));
    }
    if (change.subtype === "message_changed" && change.message && change.message.user !== ownUser()) {
      const { ts, text = "" } = change.message;
      after("edit", () =>
        handlers.handle({ kind: "edit", deliveryId, from, messageId: `${change.channel}/${ts}`, text }),
      );
    }
  });
}

function messageStub({ channel, ts }: Reaction["item"]): PinnedMessage {
  return { messageId: `${channel}/${ts}`, author: "", at: new Date(Number(ts) * 1_000).toISOString(), text: "" };
}

/** The message as it reads now, with the name of who wrote it; undefined when it is gone. */
async function readMessage({ client }: ListenerOptions, item: Reaction["item"]): Promise<PinnedMessage | undefined> {
  const { channel, ts } = item;
  // A reply is not in the history, but a thread's replies hold it, whichever message is asked about.
  const { messages = [] } = await client.conversations.replies({ channel, ts, limit: 1, inclusive: true });
  const found = messages.find((one) => one.ts === ts);
  if (!found) return undefined;
  const [person, link] = await Promise.all([
    found.user ? client.users.info({ user: found.user }).catch(() => undefined) : undefined,
    client.chat.getPermalink({ channel, message_ts: ts }).catch(() => undefined),
  ]);
  const author = person?.user?.real_name ?? person?.user?.name ?? found.user ?? "somebody";
  return {
    ...messageStub(item),
    author,
    text: found.text ?? "",
    ...(link?.permalink && { permalink: link.permalink }),
  };
}
