import { AppError } from "../../../src/errors.ts";
import { GRAPH_SCOPE } from "./cloud.ts";
import { CARD_TYPE, markerId } from "./elements.ts";
import { awayError, throttledError } from "./errors.ts";
import type { Tokens } from "./tokens.ts";

export interface GraphOptions {
  graphUrl: string;
  tokens: Tokens;
  /** Of the team's group, and of the channel. */
  teamId: string;
  channelId: string;
  logger: { warn(fields: object, message: string): void };
}

/** A message as Graph's history shows it: a card is an attachment whose content is text. */
interface GraphMessage {
  id: string;
  deletedDateTime?: string | null;
  attachments?: { contentType?: string; content?: string | null }[];
}

const PAGE = 50;
const PAGES = 3;
const REQUEST_TIMEOUT_MS = 10_000;

/** The channel's history: the Bot Connector has none. https://learn.microsoft.com/graph/api/channel-list-messages */
export function createGraph({ graphUrl, tokens, teamId, channelId, logger }: GraphOptions) {
  const messagesUrl = `${graphUrl}/v1.0/teams/${teamId}/channels/${encodeURIComponent(channelId)}/messages`;
  let warned = false;

  async function page(url: string, signal: AbortSignal): Promise<{ messages: GraphMessage[]; next?: string }> {
    const token = await tokens(GRAPH_SCOPE, signal);
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    }).catch((cause) => {
      signal.throwIfAborted();
      throw awayError("Graph", "no connection", cause);
    });
    if (response.status === 429) throw throttledError(response.headers);
    if (response.status >= 500) throw awayError("Graph", `HTTP ${response.status}`);
    if (!response.ok) throw new NotPermitted(response.status);
    const answer = (await response.json()) as { value?: GraphMessage[]; "@odata.nextLink"?: string };
    const next = answer["@odata.nextLink"];
    // The token goes to Graph and nowhere else.
    return { messages: answer.value ?? [], ...(next?.startsWith(`${graphUrl}/`) && { next }) };
  }

  /** The latest messages of the channel, or replies of a thread; none where Graph may not be read. */
  async function* latest(root: string | undefined, signal: AbortSignal): AsyncGenerator<GraphMessage> {
    let url: string | undefined =
      root === undefined ? `${messagesUrl}?$top=${PAGE}` : `${messagesUrl}/${root}/replies?$top=${PAGE}`;
    try {
      for (let count = 0; url !== undefined && count < PAGES; count++) {
        const { messages, next } = await page(url, signal);
        for (const message of messages) if (!message.deletedDateTime) yield message;
        url = next;
      }
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (!warned) logger.warn({ err: error }, "Teams: Graph does not show the channel; a card may stand twice");
      warned = true;
    }
  }

  return {
    /** Has the team let the app read the channel? */
    async readable(signal: AbortSignal): Promise<boolean> {
      return await page(`${messagesUrl}?$top=1`, signal).then(
        () => true,
        (error) => {
          if (isRefusal(error)) return false;
          throw error;
        },
      );
    },
    /** Id of the message with this marker. A deterministic look at what Graph shows now, which may lag by seconds. */
    async find(marker: string, root: string | undefined, signal: AbortSignal): Promise<string | undefined> {
      for await (const message of latest(root, signal))
        if (markersOf(message).includes(markerId(marker))) return message.id;
      return undefined;
    },
    /** Everything that carries one of our markers in a thread. */
    async markers(root: string, signal: AbortSignal): Promise<Set<string>> {
      const found = new Set<string>();
      for await (const message of latest(root, signal)) for (const id of markersOf(message)) found.add(id);
      return found;
    },
  };
}

export type Graph = ReturnType<typeof createGraph>;

class NotPermitted extends Error {
  constructor(status: number) {
    super(`Graph answers ${status}`);
  }
}

/** Without the permission nothing is known of the history; the app's sign-in alone is told apart from that. */
function isRefusal(error: unknown): boolean {
  return error instanceof NotPermitted || (error instanceof AppError && error.code === "vendor-rejected");
}

function markersOf({ attachments = [] }: GraphMessage): string[] {
  return attachments.flatMap(({ contentType, content }) => {
    if (contentType !== CARD_TYPE || !content) return [];
    try {
      const { body = [] } = JSON.parse(content) as { body?: { id?: unknown }[] };
      return body.flatMap(({ id }) => (typeof id === "string" && id.startsWith("muster:") ? [id] : []));
    } catch {
      return [];
    }
  });
}
