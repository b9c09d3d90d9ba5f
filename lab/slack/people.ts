import { randomUUID } from "node:crypto";
import { readBlocks } from "./blocks.ts";
import { newTrigger } from "./methods.ts";
import type { Delivered, SlackServer } from "./server.ts";
import { CHANNEL, nextTs, type SlackMessage, TEAM, userIdOf } from "./state.ts";

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
    press(name: string, message: SlackMessage, label: string): Promise<Delivered> {
      const button = readBlocks(message.blocks).buttons.find((one) => one.label === label);
      if (!button) throw new Error(`no button "${label}" on "${message.text}"`);
      const { action_id, value } = button;
      return slack.deliver("interactive", {
        type: "block_actions",
        user: person(name),
        team: { id: TEAM, domain: "lab" },
        channel: { id: message.channel, name: "incidents" },
        container: { type: "message", message_ts: message.ts, channel_id: message.channel },
        trigger_id: newTrigger(state, userIdOf(state, name)),
        actions: [
          { type: "button", action_id, value, text: { type: "plain_text", text: label }, action_ts: nextTs(state) },
        ],
      });
    },

    /** Fills in the form that this person has open, and submits it. */
    submit(name: string, values: { reason?: string; region?: string; dryRun?: boolean }): Promise<Delivered> {
      const open = [...state.views.values()].findLast(({ user }) => user === userIdOf(state, name));
      if (!open) throw new Error(`${name} has no form open`);
      state.views.delete(open.id);
      const option = values.region === undefined ? null : { value: values.region };
      return slack.deliver("interactive", {
        type: "view_submission",
        user: person(name),
        team: { id: TEAM, domain: "lab" },
        view: {
          ...open.view,
          id: open.id,
          hash: open.hash,
          state: {
            values: {
              reason: { text: { type: "plain_text_input", value: values.reason ?? "" } },
              region: { "choose-region": { type: "static_select", selected_option: option } },
              "dry-run": {
                "choose-dry-run": { type: "checkboxes", selected_options: values.dryRun ? [{ value: "yes" }] : [] },
              },
            },
          },
        },
      });
    },

    /** Chooses a region in the open form, which tells the app at once. */
    choose(name: string, region: string): Promise<Delivered> {
      const open = [...state.views.values()].findLast(({ user }) => user === userIdOf(state, name));
      if (!open) throw new Error(`${name} has no form open`);
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

    /** Writes something in the channel. */
    say(name: string, text: string): SlackMessage {
      const message: SlackMessage = {
        ts: nextTs(state),
        channel: CHANNEL,
        user: userIdOf(state, name),
        text,
        edits: 0,
        files: [],
      };
      state.messages.push(message);
      return message;
    },

    react: (name: string, message: SlackMessage, reaction: string, added = true) =>
      event({
        type: added ? "reaction_added" : "reaction_removed",
        user: userIdOf(state, name),
        reaction,
        item_user: message.user,
        item: { type: "message", channel: message.channel, ts: message.ts },
        event_ts: nextTs(state),
      }),

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

export type SlackPeople = ReturnType<typeof createPeople>;
