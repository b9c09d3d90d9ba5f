import { type ChatPage, type ChatPageOptions, startChatPage } from "../chat-page.ts";
import { pageHtml } from "./page.ts";
import { createPeople, type Pressable } from "./people.ts";
import type { SlackServer } from "./server.ts";
import { openViewOf, type SlackMessage, type SlackState, userIdOf } from "./state.ts";

const PIN = "pushpin";

/** The page of the fake workspace. Throws AppError `port-in-use`. */
export async function startSlackPage(slack: SlackServer, port = 0): Promise<ChatPage> {
  const { state } = slack;
  return await startChatPage({
    name: "Slack page",
    port,
    people: () => [...state.users.keys()],
    html: (as) => pageHtml({ state, as, connected: slack.connected() }),
    acts: createActs(slack),
    file(pathname) {
      const [, , ts, index] = pathname.split("/");
      return state.messages.find((one) => one.ts === ts)?.files[Number(index)]?.text;
    },
  });
}

function createActs(slack: SlackServer): ChatPageOptions["acts"] {
  const { state } = slack;
  const people = createPeople(slack);
  return {
    async say(as, { text = "", thread }) {
      const command = /^\/dr\b(.*)$/s.exec(text.trim())?.[1];
      if (command !== undefined && thread === undefined) return await people.command(as, command.trim());
      return people.say(as, text.slice(0, 4_000), thread);
    },
    press: (as, { place = "", label = "" }) => people.press(as, pressed(state, as, place), label),
    submit: (as, { reason = "", region, dryRun }) =>
      people.submit(as, { reason, ...(region && { region }), dryRun: dryRun !== undefined }),
    choose: (as, { region = "" }) => people.choose(as, region),
    react(as, { ts }) {
      const message = state.messages.find((one) => one.ts === ts);
      if (!message) throw new Error("That message is gone.");
      const stands = message.reactions?.[PIN]?.includes(userIdOf(state, as)) ?? false;
      return people.react(as, message, PIN, !stands);
    },
    home: (as) => people.openHome(as),
    shortcut: (as) => people.shortcut(as),
    close: (as) => state.views.delete(openViewOf(state, as).id),
  };
}

function pressed(state: SlackState, as: string, place: string): Pressable {
  const user = userIdOf(state, as);
  if (place === "view") {
    const open = openViewOf(state, as);
    return { ...open, blocks: open.view.blocks as unknown[] };
  }
  if (place === "home") {
    const view = state.homes.get(user) ?? {};
    return { view, id: `VHOME${user}`, hash: "home", blocks: view.blocks as unknown[] };
  }
  const shown: (Pick<SlackMessage, "ts" | "channel"> & Pressable)[] = [
    ...state.messages,
    ...state.private.filter((one) => one.user === user),
  ];
  const found = shown.find(({ ts }) => ts === place);
  if (!found) throw new Error("That message is gone.");
  return found;
}
