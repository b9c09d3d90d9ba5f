import { cardFault } from "./cards.ts";
import {
  CHANNEL,
  nextId,
  personalConversation,
  personById,
  TEAM,
  TENANT,
  type TeamsMessage,
  type TeamsState,
} from "./state.ts";

/** Why not, in Teams's own word, with the status it comes with. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, word: string) {
    super(word);
    this.status = status;
  }
}

type Json = Record<string, unknown>;

const LONGEST_MESSAGE_BYTES = 100 * 1024;
const GRAPH_PAGE = 50;

/** The Bot Connector and the part of Graph that shows a channel's history. */
export function createMethods(state: TeamsState, botId: string) {
  function content(activity: Json): Pick<TeamsMessage, "text" | "card"> {
    if (Buffer.byteLength(JSON.stringify(activity)) > LONGEST_MESSAGE_BYTES)
      throw new Refusal(413, "MessageSizeTooBig");
    const [attachment] = (activity.attachments ?? []) as Json[];
    const text = String(activity.text ?? "");
    if (!attachment && text === "") throw new Refusal(400, "BadSyntax");
    if (attachment) {
      const fault = cardFault(attachment.content);
      if (fault !== undefined) throw new Refusal(400, `BadArgument: ${fault}`);
    }
    return { text, ...(attachment && { card: attachment.content as Json }) };
  }

  function add(conversation: string, activity: Json, root?: string): TeamsMessage {
    const id = nextId(state);
    const shown = content(activity);
    const inChannel = conversation === CHANNEL && { root: root ?? id };
    const message: TeamsMessage = { id, conversation, ...inChannel, from: botId, ...shown, edits: 0 };
    state.messages.push(message);
    return message;
  }

  function where(conversation: string): { base: string; root?: string } {
    const [base = "", root] = conversation.split(";messageid=");
    if (base !== CHANNEL && ![...state.personal.values()].includes(base))
      throw new Refusal(404, "ConversationNotFound");
    if (root !== undefined && !state.messages.some((one) => one.root === root))
      throw new Refusal(404, "ConversationNotFound");
    return { base, ...(root !== undefined && { root }) };
  }

  return {
    create(body: Json): { id: string; activityId?: string } {
      const { channel, tenant } = (body.channelData ?? {}) as { channel?: { id: string }; tenant?: { id: string } };
      if ((body.tenantId ?? tenant?.id) !== TENANT) throw new Refusal(400, "BadSyntax");
      if (channel) {
        if (channel.id !== CHANNEL) throw new Refusal(403, "BotNotInConversationRoster");
        const message = add(CHANNEL, body.activity as Json);
        return { id: `${CHANNEL};messageid=${message.id}`, activityId: message.id };
      }
      const [member, ...others] = (body.members ?? []) as { id: string }[];
      if (!member || others.length > 0) throw new Refusal(400, "Conversations must be to a single member");
      const person = personById(state, member.id);
      if (!person) throw new Refusal(400, "BadArgument");
      if (!person.installed) throw new Refusal(403, "ForbiddenOperationException");
      return { id: personalConversation(state, person) };
    },

    send(conversation: string, activity: Json): { id: string } {
      const { base, root } = where(conversation);
      const owner = state.people.find(({ name }) => state.personal.get(name) === base);
      if (owner && !owner.installed) throw new Refusal(403, "ForbiddenOperationException");
      if (activity.type === "typing") {
        state.typing.push(base);
        return { id: nextId(state) };
      }
      return { id: add(base, activity, root).id };
    },

    update(conversation: string, id: string, activity: Json): { id: string } {
      const base = conversation.split(";messageid=")[0];
      const message = state.messages.find((one) => one.id === id && one.conversation === base);
      if (!message) throw new Refusal(404, "ActivityNotFoundInConversation");
      if (message.from !== botId) throw new Refusal(403, "Forbidden");
      const { text, card } = content(activity);
      message.text = text;
      if (card) message.card = card;
      else delete message.card;
      message.edits += 1;
      return { id };
    },

    /** Newest first, in pages; heads alone, or the replies of one. */
    history(team: string, channel: string, root: string | undefined, skip: number) {
      if (team !== TEAM || channel !== CHANNEL) throw new Refusal(404, "NotFound");
      const all = state.messages.filter((one) =>
        root === undefined ? one.root === one.id : one.root === root && one.id !== root,
      );
      const page = all.toReversed().slice(skip, skip + GRAPH_PAGE);
      return { value: page.map(graphMessage), next: skip + GRAPH_PAGE < all.length ? skip + GRAPH_PAGE : undefined };
    },
  };
}

/** As Graph shows it: a card is text in an attachment, and what only bots see is not there. */
function graphMessage({ id, root, from, text, card }: TeamsMessage) {
  const bot = from.startsWith("28:");
  return {
    id,
    replyToId: root === id ? null : root,
    messageType: "message",
    createdDateTime: new Date(Number(id)).toISOString(),
    deletedDateTime: null,
    from: bot ? { application: { id: from.slice(3) }, user: null } : { application: null, user: { id: from } },
    body: { contentType: "html", content: card ? '<attachment id="1"></attachment>' : text },
    attachments: card
      ? [{ id: "1", contentType: "application/vnd.microsoft.card.adaptive", content: JSON.stringify(card) }]
      : [],
  };
}
