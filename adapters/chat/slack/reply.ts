import type { WebClient } from "@slack/web-api";
import type { Reply } from "../../../src/chat/port.ts";
import { slackCard } from "./cards.ts";

/** Where somebody asked. */
export interface Where {
  channel?: string;
  user: string;
  /** Good for half an hour and five answers, also where the bot is not in the channel. */
  responseUrl?: string;
}

export type Answer = (where: Where, reply: Reply | undefined) => Promise<void>;

/** Shows a reply to who asked and to nobody else. */
export function createAnswer(client: WebClient): Answer {
  return async ({ channel, user, responseUrl }, reply) => {
    if (!reply || reply.visibility === "none") return;
    const { blocks, text } = slackCard(reply.card, { id: "reply", at: new Date().toISOString() });
    if (responseUrl !== undefined && (await respond(responseUrl, { blocks, text }))) return;
    const content = { text, blocks: blocks as never[] };
    const inChannel =
      channel === undefined
        ? undefined
        : await client.chat.postEphemeral({ channel, user, ...content }).catch(() => undefined);
    if (inChannel?.ok) return;
    // Asked where the bot is not, or on a page: a direct message is left.
    const { channel: direct } = await client.conversations.open({ users: user });
    await client.chat.postMessage({ channel: direct?.id ?? "", ...content });
  };
}

async function respond(url: string, content: { blocks: unknown[]; text: string }): Promise<boolean> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ response_type: "ephemeral", replace_original: false, ...content }),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  return response?.ok === true;
}
