import { WebAPIPlatformError, WebClient } from "@slack/web-api";
import type { ChatMessage, ChatPort } from "../../../src/chat/port.ts";
import { AppError } from "../../../src/errors.ts";
import { type Block, type Rendered, slackCard, slackLine, wholeText } from "./cards.ts";
import { slackError } from "./errors.ts";

export interface SlackChatOptions {
  client: WebClient;
  /** Id of the channel, as in C012AB3CD. */
  channel: string;
}

/** Slack takes about one message a second in a channel, and edits a little more slowly. */
const PACE_MS = 1_200;
const EVENT_TYPE = "muster_message";
const PAGE = 100;
const PAGES = 3;
const REQUEST_TIMEOUT_MS = 10_000;

/** The client without its own retries: whoever calls the port decides when to try again. */
export function createSlackClient(token: string, apiUrl?: string): WebClient {
  return new WebClient(token, {
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: REQUEST_TIMEOUT_MS,
    logger: silentLogger,
  });
}

/** The SDK logs request bodies at debug, and what it logs at error is thrown as well. */
const nothing = () => {};
export const silentLogger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => "error" as never,
};

export function createSlackChat({ client, channel }: SlackChatOptions): ChatPort {
  const call = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await Promise.race([work(), aborted(signal)]);
    } catch (error) {
      throw slackError(error);
    }
  };

  const upload = (ts: string, files: { name: string; text: string }[], signal: AbortSignal) =>
    call(signal, () =>
      client.files.uploadV2({
        channel_id: channel,
        thread_ts: ts,
        file_uploads: files.map(({ name, text }) => ({ filename: name, title: name, content: text })),
      } as Parameters<typeof client.files.uploadV2>[0]),
    );

  return {
    id: "slack",
    name: "Slack",
    paceMs: PACE_MS,

    async post(message, { marker, thread, signal }) {
      const { blocks, text, cut } = render(message);
      const { ts } = await call(signal, () =>
        client.chat.postMessage({
          channel,
          ...content(blocks, text),
          metadata: { event_type: EVENT_TYPE, event_payload: { marker } },
          ...(thread !== undefined && { thread_ts: tsOf(thread) }),
        }),
      );
      if (ts === undefined)
        throw new AppError({ code: "vendor-rejected", summary: "Slack took a message and gave no id." });
      const whole = { name: `${message.id}.txt`, text: wholeText(message.card) };
      // The message stands; that its whole text could not be attached must not post it again.
      if (cut) await upload(thread === undefined ? ts : tsOf(thread), [whole], signal).catch(() => {});
      return `${channel}/${ts}`;
    },

    async update(ref, message, signal) {
      const { blocks, text } = render(message);
      // Without blocks Slack would take those that stand away.
      await call(signal, () => client.chat.update({ channel, ts: tsOf(ref), ...content(blocks, text) }));
    },

    async find(marker, { thread, signal }) {
      let cursor: string | undefined;
      for (let page = 0; page < PAGES; page++) {
        const query = { channel, limit: PAGE, include_all_metadata: true, ...(cursor && { cursor }) };
        const answer = await call(signal, () =>
          thread === undefined
            ? client.conversations.history(query)
            : client.conversations.replies({ ...query, ts: tsOf(thread) }),
        );
        const found = (answer.messages ?? []).find(({ metadata }) => markerOf(metadata) === marker);
        if (found?.ts) return `${channel}/${found.ts}`;
        cursor = answer.response_metadata?.next_cursor;
        if (!cursor) return undefined;
      }
      return undefined;
    },

    async upload(ref, files, signal) {
      await upload(tsOf(ref), files, signal);
    },

    async pin(ref, pinned, signal) {
      const where = { channel, timestamp: tsOf(ref) };
      await call(signal, () => (pinned ? client.pins.add(where) : client.pins.remove(where))).catch((error) => {
        if (!isSo(error)) throw error;
      });
    },

    async permalink(ref, signal) {
      const { permalink } = await call(signal, () => client.chat.getPermalink({ channel, message_ts: tsOf(ref) }));
      return permalink;
    },

    async tell(account, card, signal) {
      const { channel: direct } = await call(signal, () => client.conversations.open({ users: userOf(account) }));
      const { blocks, text } = slackCard(card, { id: "direct", at: new Date().toISOString() });
      await call(signal, () => client.chat.postMessage({ channel: direct?.id ?? "", ...content(blocks, text) }));
    },
  };
}

function render({ id, at, form, card }: ChatMessage): Rendered {
  return form === "line" ? slackLine(card, { at }) : slackCard(card, { id, at });
}

function content(blocks: Block[], text: string) {
  return { text, blocks: blocks as never[], mrkdwn: false, unfurl_links: false, unfurl_media: false };
}

function markerOf(metadata: unknown): unknown {
  const { event_type, event_payload } = (metadata ?? {}) as {
    event_type?: string;
    event_payload?: { marker?: string };
  };
  return event_type === EVENT_TYPE ? event_payload?.marker : undefined;
}

/** It was pinned, or taken off, already: by a person, or by us before the answer was lost. */
function isSo(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return cause instanceof WebAPIPlatformError && ["already_pinned", "no_pin"].includes(cause.data.error);
}

/** `C012AB3CD/1700000000.000100` → the timestamp, which is Slack's id of a message. */
export function tsOf(ref: string): string {
  return ref.slice(ref.indexOf("/") + 1);
}

/** `T012/U345` → the user. */
export function userOf(account: string): string {
  return account.slice(account.indexOf("/") + 1);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
