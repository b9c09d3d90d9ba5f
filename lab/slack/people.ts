import { randomUUID } from "node:crypto";
import { readBlocks } from "./blocks.ts";
import { newTrigger } from "./methods.ts";
import type { Delivered, SlackServer } from "./server.ts";
import { CHANNEL, nextTs, openViewOf, type SlackMessage, TEAM, userIdOf } from "./state.ts";

/** Where a button stands: in a message, or in a view. */
export type Pressable = { blocks?: unknown[] } & (
  | { ts: string; channel: string }
  | { view: Record<string, unknown>; id: string; hash: string }
);

export interface FormValues {
  reason?: string;
  region?: string;
  dryRun?: boolean;
}

/** What people do in the fake workspace, by their names, in the shapes that Slack delivers. */
export function createPeople(slack: SlackServer) {
  const { state } = slack;
  const person = (name: string) => ({ id: userIdOf(state, name), username: name, name, team_id: TEAM });
  const event = (inner: Record<string, unknown>): Promise<Delivered> =>
    slack.deliver("events_api", {
      type: "event_callback",
      team_id: TEAM,
      api_app_id: "A0MUSTER",
      event_id: `Ev${randomUUID().slice(0, 8)}`,
      event_time: Math.floor(Date.now() / 1_000),
      authorizations: [{ team_id: TEAM, user_id: "U0MUSTER", is_bot: true }],
      event: inner,
    });

  return {
    /** `/dr <text>` in the channel. */
    command: (name: string, text: string) =>
      slack.deliver("slash_commands", {
        command: "/dr",
        text,
        user_id: userIdOf(state, name),
        user_name: name,
        team_id: TEAM,
        team_domain: "lab",
        channel_id: CHANNEL,
        channel_name: "incidents",
        api_app_id: "A0MUSTER",
        trigger_id: newTrigger(state, userIdOf(state, name)),
      }),

    /** Presses a button of a message and confirms where Slack asks for it. */
    press(name: string, message: Pressable, label: string): Promise<Delivered> {
      const button = readBlocks(message.blocks).buttons.find((one) => one.label === label);
      if (!button) throw new Error(`no button "${label}" there`);
      const { action_id, value } = button;
      return slack.deliver("interactive", {
        type: "block_actions",
        user: person(name),
        team: { id: TEAM, domain: "lab" },
        ...placeOf(message),
        trigger_id: newTrigger(state, userIdOf(state, name)),
        actions: [
          { type: "button", action_id, value, text: { type: "plain_text", text: label }, action_ts: nextTs(state) },
        ],
      });
    },

    /** Fills in the form that this person has open, and submits it. */
    async submit(name: string, values: FormValues): Promise<Delivered> {
      const open = openViewOf(state, name);
      const delivered = await slack.deliver("interactive", {
        type: "view_submission",
        user: person(name),
        team: { id: TEAM, domain: "lab" },
        view: { ...open.view, id: open.id, hash: open.hash, state: { values: submittedValues(values) } },
      });
      const clears = (delivered.answer as { response_action?: string } | undefined)?.response_action === "clear";
      for (const one of [...state.views.values()]) {
        if (one === open || (clears && one.user === open.user)) state.views.delete(one.id);
      }
      return delivered;
    },

    /** Chooses a region in the open form, which tells the app at once. */
    choose(name: string, region: string): Promise<Delivered> {
      const open = openViewOf(state, name);
      const selected_option = { text: { type: "plain_text", text: region }, value: region };
      return slack.deliver("interactive", {
        type: "block_actions",
        user: person(name),
        team: { id: TEAM, domain: "lab" },
        container: { type: "view", view_id: open.id },
        trigger_id: newTrigger(state, userIdOf(state, name)),
        view: {
          ...open.view,
          id: open.id,
          hash: open.hash,
          state: { values: { region: { "choose-region": { type: "static_select", selected_option } } } },
        },
        actions: [{ type: "static_select", action_id: "choose-region", selected_option, action_ts: nextTs(state) }],
      });
    },

    /** Writes something in the channel, or in a thread of it. */
    say(name: string, text: string, thread?: string): SlackMessage {
      const message: SlackMessage = {
        ts: nextTs(state),
        channel: CHANNEL,
        user: userIdOf(state, name),
        text,
        ...(thread !== undefined && { thread_ts: thread }),
        edits: 0,
        files: [],
      };
      state.messages.push(message);
      return message;
    },

    react(name: string, message: SlackMessage, reaction: string, added = true): Promise<Delivered> {
      const user = userIdOf(state, name);
      const others = (message.reactions?.[reaction] ?? []).filter((one) => one !== user);
      message.reactions = { ...message.reactions, [reaction]: added ? [...others, user] : others };
      return event({
        type: added ? "reaction_added" : "reaction_removed",
        user,
        reaction,
        item_user: message.user,
        item: { type: "message", channel: message.channel, ts: message.ts },
        event_ts: nextTs(state),
      });
    },

    edit(message: SlackMessage, text: string): Promise<Delivered> {
      const previous_message = { type: "message", user: message.user, text: message.text, ts: message.ts };
      message.text = text;
      return event({
        type: "message",
        subtype: "message_changed",
        channel: message.channel,
        hidden: true,
        message: { type: "message", user: message.user, text, ts: message.ts },
        previous_message,
        ts: nextTs(state),
        event_ts: nextTs(state),
      });
    },

    remove(message: SlackMessage): Promise<Delivered> {
      state.messages.splice(state.messages.indexOf(message), 1);
      return event({
        type: "message",
        subtype: "message_deleted",
        channel: message.channel,
        hidden: true,
        deleted_ts: message.ts,
        ts: nextTs(state),
        event_ts: nextTs(state),
      });
    },

    openHome: (name: string) =>
      event({
        type: "app_home_opened",
        user: userIdOf(state, name),
        channel: `D${name}`,
        tab: "home",
        event_ts: nextTs(state),
      }),

    shortcut: (name: string) =>
      slack.deliver("interactive", {
        type: "shortcut",
        callback_id: "muster-menu",
        user: person(name),
        team: { id: TEAM, domain: "lab" },
        trigger_id: newTrigger(state, userIdOf(state, name)),
        action_ts: nextTs(state),
      }),
  };
}

function placeOf(where: Pressable): Record<string, unknown> {
  if ("ts" in where) {
    const { ts, channel } = where;
    return {
      channel: { id: channel, name: "incidents" },
      container: { type: "message", message_ts: ts, channel_id: channel },
    };
  }
  const { view, id, hash } = where;
  return { container: { type: "view", view_id: id }, view: { ...view, id, hash, state: { values: {} } } };
}

function submittedValues({ reason = "", region, dryRun }: FormValues): Record<string, Record<string, unknown>> {
  const selected_option = region === undefined ? null : { value: region };
  const selected_options = dryRun ? [{ value: "yes" }] : [];
  return {
    reason: { text: { type: "plain_text_input", value: reason } },
    region: { "choose-region": { type: "static_select", selected_option } },
    "dry-run": { "choose-dry-run": { type: "checkboxes", selected_options } },
  };
}

export type SlackPeople = ReturnType<typeof createPeople>;
