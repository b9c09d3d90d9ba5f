import type { ChatMessage, ChatPort } from "../../../src/chat/port.ts";
import { AppError } from "../../../src/errors.ts";
import { adaptiveCard } from "./cards.ts";
import type { Connector, OutActivity } from "./connector.ts";
import { activityOf, markerId } from "./elements.ts";
import { fileCards } from "./files.ts";
import type { Graph } from "./graph.ts";
import type { Personal } from "./personal.ts";
import type { KnownReferences } from "./references.ts";

export interface TeamsChannel {
  /** `19:…@thread.tacv2` */
  id: string;
  /** Of the team's group. */
  teamId: string;
  tenantId: string;
}

export interface TeamsChatOptions {
  connector: Connector;
  graph: Graph;
  references: KnownReferences;
  personal: Personal;
  channel: TeamsChannel;
}

/** Teams takes 7 messages in 1 s, 8 in 2 s, 60 in 30 s; an hour of one a second is answered with 429, which is honoured. */
const PACE_MS = 1_000;

export function createTeamsChat({ connector, graph, references, personal, channel }: TeamsChatOptions): ChatPort {
  const threadOf = (root: string) => `${channel.id};messageid=${root}`;

  async function render(message: ChatMessage, marker?: string): Promise<OutActivity> {
    const { people } = await references.current();
    const { id, form, card } = message;
    const options = { form, messageId: id, people: people.map(({ userId }) => userId), ...(marker && { marker }) };
    return activityOf(adaptiveCard(card, options), card.fallback);
  }

  async function postHead(activity: OutActivity, signal: AbortSignal): Promise<string> {
    const { serviceUrl, botId } = await references.current();
    const { id, activityId } = await connector.create(
      serviceUrl,
      {
        isGroup: true,
        bot: { id: botId, name: "Muster" },
        tenantId: channel.tenantId,
        channelData: { channel: { id: channel.id }, tenant: { id: channel.tenantId } },
        activity: activity as NonNullable<Parameters<Connector["create"]>[1]["activity"]>,
      },
      signal,
    );
    const root = activityId ?? /;messageid=(\d+)/.exec(id)?.[1];
    if (root === undefined)
      throw new AppError({ code: "vendor-rejected", summary: "Teams took a message and gave no id." });
    return root;
  }

  const reply = async (root: string, activity: OutActivity, signal: AbortSignal) =>
    await connector.send((await references.current()).serviceUrl, threadOf(root), activity, signal);

  return {
    id: "teams",
    name: "Teams",
    paceMs: PACE_MS,

    async post(message, { marker, thread, signal }) {
      const activity = await render(message, marker);
      if (thread === undefined) {
        const root = await postHead(activity, signal);
        return `${root}/${root}`;
      }
      const { root } = partsOf(thread);
      return `${root}/${await reply(root, activity, signal)}`;
    },

    async update(ref, message, signal) {
      const { root, id } = partsOf(ref);
      const activity = await render(message);
      await connector.update((await references.current()).serviceUrl, threadOf(root), id, { ...activity, id }, signal);
    },

    async find(marker, { thread, signal }) {
      const root = thread === undefined ? undefined : partsOf(thread).root;
      const id = await graph.find(marker, root, signal);
      return id === undefined ? undefined : `${root ?? id}/${id}`;
    },

    async upload(ref, files, signal) {
      const { root, id } = partsOf(ref);
      const parts = files.flatMap((file) => fileCards(file, `${id}/${file.name}`));
      // After a crash in the middle only what is missing is sent again.
      const standing = await graph.markers(root, signal);
      for (const { marker, card, fallback } of parts) {
        if (!standing.has(markerId(marker))) await reply(root, activityOf(card, fallback), signal);
      }
    },

    async permalink(ref) {
      const { root, id } = partsOf(ref);
      const query = new URLSearchParams({
        tenantId: channel.tenantId,
        groupId: channel.teamId,
        parentMessageId: root,
      });
      return `https://teams.microsoft.com/l/message/${encodeURIComponent(channel.id)}/${id}?${query}`;
    },

    tell: (account, card, signal) => personal.tell(account, card, signal),
  };
}

/** `<message at the head of the thread>/<message>`; the same twice for a head. */
function partsOf(ref: string): { root: string; id: string } {
  const [root = "", id = root] = ref.split("/");
  return { root, id };
}
