import type { WebClient } from "@slack/web-api";
import type { Reply } from "../../../src/chat/port.ts";
import { AppError } from "../../../src/errors.ts";
import { clip } from "../../../src/format.ts";
import { underWay } from "../under-way.ts";
import { escapeText, slackCard } from "./cards.ts";
import { richText } from "./rich-text.ts";

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

/** People wonder after so long, and type it again. */
const WONDER_AFTER_MS = 2_000;
const LONGEST_NAME = 40;

interface WorkingOptions {
  client: WebClient;
  log(error: unknown, what: string): void;
  afterMs?: number;
}

export type Working = <T>(where: Where, what: string, work: () => Promise<T>) => Promise<T>;

/**
 * Tells who asked that it is worked on when that takes long. The sign stays above the answer: what a command's
 * `response_url` has shown cannot be replaced (https://github.com/slackapi/bolt-js/issues/2287), and with a button's
 * it is the channel's own message that would be.
 */
export function createWorking({ client, log, afterMs = WONDER_AFTER_MS }: WorkingOptions): Working {
  async function show({ channel, user, responseUrl }: Where, what: string, signal: AbortSignal): Promise<void> {
    const name = clip(what, LONGEST_NAME);
    const taken = " … It was taken; there is no need to ask again.";
    const line = richText([
      [
        { type: "text", text: "Working on " },
        { type: "text", text: name, style: { code: true } },
        { type: "text", text: taken },
      ],
    ]);
    const content = { blocks: [{ ...line }], text: escapeText(`Working on ${name}${taken}`) };
    if (responseUrl !== undefined) {
      if (!(await respond(responseUrl, content, signal)) && !signal.aborted) throw notTaken();
    } else if (channel !== undefined) await client.chat.postEphemeral({ channel, user, ...content } as never);
  }

  return (where, what, work) => {
    const failed = (error: unknown) => log(error, "sign of work");
    return underWay({ afterMs, show: (signal) => show(where, what, signal), failed }, work);
  };
}

function notTaken(): AppError {
  return new AppError({ code: "vendor-unavailable", summary: "Slack did not take it.", retryable: true });
}

async function respond(
  url: string,
  content: { blocks: unknown[]; text: string },
  signal?: AbortSignal,
): Promise<boolean> {
  const tooLong = AbortSignal.timeout(5_000);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ response_type: "ephemeral", replace_original: false, ...content }),
    signal: signal ? AbortSignal.any([signal, tooLong]) : tooLong,
  }).catch(() => undefined);
  return response?.ok === true;
}
