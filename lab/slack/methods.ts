import { randomUUID } from "node:crypto";
import { blockFault } from "./blocks.ts";
import {
  BOT_USER,
  CHANNEL,
  directChannel,
  nextTs,
  type SlackMessage,
  type SlackState,
  showPrivately,
  TEAM,
} from "./state.ts";

type Args = Record<string, unknown>;
type Result = Record<string, unknown>;

/** Slack's own word for why not. */
export class Refusal extends Error {}

const TRIGGER_LIVES_MS = 3_000;
const PAGE = 100;

/** The Web API, as far as the adapter uses it; what it does not know it refuses, as Slack does. */
export function createMethods(state: SlackState, base: () => string): Record<string, (args: Args) => Result> {
  const isKnown = (channel: unknown) => channel === CHANNEL || String(channel).startsWith("D");
  const find = ({ channel, ts }: Args): SlackMessage => {
    const found = state.messages.find((one) => one.channel === channel && one.ts === ts);
    if (!found) throw new Refusal("message_not_found");
    return found;
  };
  const content = (args: Args) => {
    const blocks = parsed(args.blocks) as unknown[] | undefined;
    const fault = blocks && blockFault(blocks, "message");
    if (fault !== undefined) throw new Refusal(fault === "msg_blocks_too_long" ? fault : "invalid_blocks");
    if (!blocks && !args.text) throw new Refusal("no_text");
    if (String(args.text ?? "").length > 40_000) throw new Refusal("msg_too_long");
    return { text: String(args.text ?? ""), ...(blocks && { blocks }) };
  };
  const page = (messages: SlackMessage[], { cursor, limit, include_all_metadata }: Args): Result => {
    const size = Math.min(Number(limit ?? PAGE), 200);
    const from = cursor ? Number(cursor) : 0;
    const shown = messages
      .slice(from, from + size)
      .map(({ metadata, edits: _, files: __, reactions: ___, pinned: ____, ...one }) => ({
        type: "message",
        ...one,
        ...(truthy(include_all_metadata) && metadata !== undefined && { metadata }),
      }));
    const next = from + size < messages.length ? String(from + size) : "";
    return { messages: shown, has_more: next !== "", response_metadata: { next_cursor: next } };
  };
  const exchanged = ({ trigger_id }: Args): string => {
    const trigger = state.triggers.get(String(trigger_id));
    state.triggers.delete(String(trigger_id));
    if (!trigger) throw new Refusal("exchanged_trigger_id");
    if (Date.now() > trigger.until) throw new Refusal("expired_trigger_id");
    return trigger.user;
  };
  const openView = (user: string, view: Args, id = `V${randomUUID().slice(0, 8)}`): Result => {
    const fault = blockFault(view.blocks, "view");
    if (fault !== undefined) throw new Refusal(`invalid_arguments: ${fault}`);
    if (String((view.title as Args).text).length > 24) throw new Refusal("invalid_arguments");
    if (String(view.private_metadata ?? "").length > 3_000) throw new Refusal("invalid_arguments");
    const open = { id, hash: randomUUID().slice(0, 8), user, view };
    state.views.set(id, open);
    return { view: { ...view, id, hash: open.hash } };
  };

  return {
    "auth.test": () => ({ user_id: BOT_USER, team_id: TEAM, team: "lab", user: "muster", bot_id: "B0MUSTER" }),
    "chat.postMessage": (args) => {
      if (!isKnown(args.channel)) throw new Refusal("channel_not_found");
      if (args.channel === CHANNEL && !state.botIsMember) throw new Refusal("not_in_channel");
      const metadata = parsed(args.metadata);
      const head = args.thread_ts === undefined ? undefined : String(args.thread_ts);
      if (head !== undefined && !state.messages.some(({ ts }) => ts === head)) throw new Refusal("thread_not_found");
      const message: SlackMessage = {
        ts: nextTs(state),
        channel: String(args.channel),
        user: BOT_USER,
        ...content(args),
        ...(head !== undefined && { thread_ts: head }),
        ...(metadata !== undefined && { metadata }),
        edits: 0,
        files: [],
      };
      state.messages.push(message);
      return { channel: message.channel, ts: message.ts };
    },
    "chat.update": (args) => {
      const message = find(args);
      if (message.user !== BOT_USER) throw new Refusal("cant_update_message");
      const { blocks, ...next } = content(args);
      Object.assign(message, next);
      // As Slack does: an update without blocks takes those that stand away.
      if (blocks) message.blocks = blocks;
      else delete message.blocks;
      message.edits += 1;
      return { channel: message.channel, ts: message.ts };
    },
    "chat.postEphemeral": (args) => {
      if (!isKnown(args.channel)) throw new Refusal("channel_not_found");
      return { message_ts: showPrivately(state, { user: String(args.user), blocks: [], ...content(args) }) };
    },
    "chat.getPermalink": (args) => ({
      channel: args.channel,
      permalink: `https://lab.slack.com/archives/${String(args.channel)}/p${find({ channel: args.channel, ts: args.message_ts }).ts.replace(".", "")}`,
    }),
    "conversations.history": (args) => {
      if (!isKnown(args.channel)) throw new Refusal("channel_not_found");
      const own = state.messages.filter(
        ({ channel, thread_ts, ts }) => channel === args.channel && (!thread_ts || thread_ts === ts),
      );
      return page(own.toReversed(), args);
    },
    "conversations.replies": (args) => {
      const own = state.messages.filter(
        ({ channel, thread_ts, ts }) => channel === args.channel && (ts === args.ts || thread_ts === args.ts),
      );
      if (own.length === 0) throw new Refusal("thread_not_found");
      return page(own, args);
    },
    "conversations.open": (args) => ({ channel: { id: directChannel(String(args.users)) } }),
    "conversations.info": (args) => {
      if (args.channel !== CHANNEL) throw new Refusal("channel_not_found");
      return { channel: { id: CHANNEL, name: "incidents", is_archived: false, is_member: state.botIsMember } };
    },
    "pins.add": ({ channel, timestamp: ts }) => {
      const message = find({ channel, ts });
      if (message.pinned) throw new Refusal("already_pinned");
      message.pinned = true;
      return {};
    },
    "pins.remove": ({ channel, timestamp: ts }) => {
      const message = find({ channel, ts });
      if (!message.pinned) throw new Refusal("no_pin");
      message.pinned = false;
      return {};
    },
    "users.info": (args) => {
      const name = [...state.users].find(([, id]) => id === args.user)?.[0];
      if (!name) throw new Refusal("user_not_found");
      return { user: { id: args.user, name, real_name: name } };
    },
    "views.open": (args) => openView(exchanged(args), parsed(args.view) as Args),
    "views.push": (args) => {
      const user = exchanged(args);
      if (![...state.views.values()].some((open) => open.user === user)) throw new Refusal("view_not_found");
      return openView(user, parsed(args.view) as Args);
    },
    "views.update": (args) => {
      const open = state.views.get(String(args.view_id));
      if (!open) throw new Refusal("not_found");
      if (args.hash !== undefined && args.hash !== open.hash) throw new Refusal("hash_conflict");
      return openView(open.user, parsed(args.view) as Args, open.id);
    },
    "views.publish": (args) => {
      const view = parsed(args.view) as Args;
      const fault = blockFault(view.blocks, "view");
      if (fault !== undefined) throw new Refusal(`invalid_arguments: ${fault}`);
      state.homes.set(String(args.user_id), view);
      return { view };
    },
    "files.getUploadURLExternal": (args) => {
      const id = `F${randomUUID().slice(0, 8)}`;
      state.uploads.set(id, { name: String(args.filename), text: "" });
      return { upload_url: `${base()}/upload/${id}`, file_id: id };
    },
    "files.completeUploadExternal": (args) => {
      const files = parsed(args.files) as { id: string }[];
      const head = state.messages.find(({ ts }) => ts === args.thread_ts);
      if (args.thread_ts !== undefined && !head) throw new Refusal("thread_not_found");
      const found = files.map(({ id }) => state.uploads.get(id)).filter((file) => file !== undefined);
      if (found.length !== files.length) throw new Refusal("file_not_found");
      const root = head?.thread_ts ? state.messages.find(({ ts }) => ts === head.thread_ts) : head;
      root?.files.push(...found);
      return { files: files.map(({ id }) => ({ id, title: state.uploads.get(id)?.name })) };
    },
  };

  function truthy(value: unknown): boolean {
    return value === true || value === "true";
  }
}

export function newTrigger(state: SlackState, user: string): string {
  const id = `${Date.now()}.${randomUUID().slice(0, 8)}`;
  state.triggers.set(id, { user, until: Date.now() + TRIGGER_LIVES_MS });
  return id;
}

/** Forms carry structures as JSON. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
