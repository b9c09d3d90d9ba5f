import { randomUUID } from "node:crypto";
import { readCard } from "./cards.ts";
import type { Delivered, TeamsServer } from "./server.ts";
import { CHANNEL, nextId, personalConversation, personOf, TEAM, TENANT, type TeamsMessage } from "./state.ts";

type Json = Record<string, unknown>;

/** What people do in the fake tenant, by their names, in the shapes that Teams delivers. */
export function createPeople(teams: TeamsServer) {
  const { state, botId } = teams;

  function activity(name: string, type: string, where: "channel" | "personal", more: Json): Json {
    const { userId, objectId } = personOf(state, name);
    const isChannel = where === "channel";
    const conversation = isChannel ? CHANNEL : personalConversation(state, personOf(state, name));
    const { conversation: thread = conversation, channelData, ...rest } = more;
    return {
      type,
      id: nextId(state),
      timestamp: new Date().toISOString(),
      channelId: "msteams",
      serviceUrl: teams.serviceUrl,
      from: { id: userId, name, aadObjectId: objectId },
      recipient: { id: botId, name: "Muster" },
      conversation: {
        id: thread,
        conversationType: isChannel ? "channel" : "personal",
        isGroup: isChannel,
        tenantId: TENANT,
      },
      channelData: {
        tenant: { id: TENANT },
        ...(isChannel && { channel: { id: CHANNEL }, team: { id: "19:team@thread.tacv2", aadGroupId: TEAM } }),
        ...(channelData as Json | undefined),
      },
      ...rest,
    };
  }

  const mention = { type: "mention", text: "<at>Muster</at>", mentioned: { id: botId, name: "Muster" } };
  const invoke = (name: string, where: "channel" | "personal", verb: string, value: Json, more: Json = {}) =>
    teams.deliver(activity(name, "invoke", where, { id: `f:${randomUUID()}`, name: verb, value, ...more }));

  return {
    activity,
    /** Writes in the channel; with `mention`, to the bot. */
    async say(
      name: string,
      text: string,
      to: "bot" | "everybody" = "bot",
    ): Promise<{ message: TeamsMessage; delivered: Delivered }> {
      const id = nextId(state);
      const said = to === "bot" ? `<at>Muster</at> ${text}` : text;
      const { userId } = personOf(state, name);
      const message: TeamsMessage = { id, conversation: CHANNEL, root: id, from: userId, text: said, edits: 0 };
      state.messages.push(message);
      const entities = to === "bot" ? [mention] : [];
      const more = { id, text: said, entities, conversation: `${CHANNEL};messageid=${id}` };
      return { message, delivered: await teams.deliver(activity(name, "message", "channel", more)) };
    },

    /** Writes to the bot alone. */
    write(name: string, text: string): Promise<Delivered> {
      const id = nextId(state);
      const person = personOf(state, name);
      const conversation = personalConversation(state, person);
      state.messages.push({ id, conversation, from: person.userId, text, edits: 0 });
      return teams.deliver(activity(name, "message", "personal", { id, text }));
    },

    /**
     * Presses a button of a card, as this person sees it, and fills in what it asks for. `old`: with a client that
     * does not know Execute.
     */
    async press(
      name: string,
      message: TeamsMessage,
      title: string,
      fields: Json = {},
      { client, card = message.card }: { client?: "old" | undefined; card?: Json | undefined } = {},
    ): Promise<Delivered> {
      const button = readCard(card).buttons.find((one) => one.title === title);
      if (!button) throw new Error(`no button "${title}" on "${readCard(card).text}"`);
      const { data, verb, fallback } = button.action as { data: Json; verb: string; fallback?: { data: Json } };
      const given = Object.fromEntries(button.inputs.map((id) => [id, fields[id] ?? ""]));
      const where = message.conversation === CHANNEL ? "channel" : "personal";
      const thread = message.root ? { conversation: `${CHANNEL};messageid=${message.root}` } : {};
      const more = { replyToId: message.id, ...thread };
      if (client === "old") {
        const value = { ...fallback?.data, ...given };
        return await teams.deliver(activity(name, "message", where, { value, ...more }));
      }
      const action = { type: "Action.Execute", verb, data: { ...data, ...given } };
      return await invoke(name, where, "adaptiveCard/action", { action, trigger: "manual" }, more);
    },

    /** The card as this person's client shows it: asked for anew where the card says so. */
    async look(name: string, message: TeamsMessage): Promise<Json> {
      const { refresh } = (message.card ?? {}) as { refresh?: { action: Json; userIds?: string[] } };
      const { userId } = personOf(state, name);
      if (!refresh || (refresh.userIds && !refresh.userIds.includes(userId))) return message.card ?? {};
      const { verb, data } = refresh.action;
      const action = { type: "Action.Execute", verb, data };
      const { body } = await invoke(name, "channel", "adaptiveCard/action", { action, trigger: "automatic" });
      return (body.value ?? {}) as Json;
    },

    /** Chooses an action in the menu of a message. */
    choose(name: string, message: TeamsMessage, commandId: "pin" | "unpin"): Promise<Delivered> {
      const author = state.people.find(({ userId }) => userId === message.from);
      const messagePayload = {
        id: message.id,
        createdDateTime: new Date(Number(message.id)).toISOString(),
        linkToMessage: `https://teams.microsoft.com/l/message/${CHANNEL}/${message.id}`,
        from: author
          ? { user: { id: author.objectId, displayName: author.name }, application: null }
          : { user: null, application: { id: botId, displayName: "Muster" } },
        body: { contentType: "html", content: `<div>${message.text}</div>` },
      };
      const value = { commandId, commandContext: "message", messagePayload };
      const more = { conversation: `${CHANNEL};messageid=${message.root}` };
      return invoke(name, "channel", "composeExtension/fetchTask", value, more);
    },

    edit(message: TeamsMessage, text: string): Promise<Delivered> {
      message.text = text;
      return change(message, "messageUpdate", "editMessage", text);
    },

    remove(message: TeamsMessage): Promise<Delivered> {
      state.messages.splice(state.messages.indexOf(message), 1);
      return change(message, "messageDelete", "softDeleteMessage", "");
    },

    install(name: string): Promise<Delivered> {
      personOf(state, name).installed = true;
      return teams.deliver(activity(name, "installationUpdate", "personal", { action: "add" }));
    },
  };

  function change(message: TeamsMessage, type: string, eventType: string, text: string): Promise<Delivered> {
    const { name } = state.people.find(({ userId }) => userId === message.from) ?? { name: "" };
    const { id, root } = message;
    const conversation = `${CHANNEL};messageid=${root}`;
    return teams.deliver(activity(name, type, "channel", { id, text, conversation, channelData: { eventType } }));
  }
}

export type TeamsPeople = ReturnType<typeof createPeople>;
