import { createSlackChat, createSlackClient } from "../../../adapters/chat/slack/chat.ts";
import { readBlocks } from "../../../lab/slack/blocks.ts";
import { startSlackServer } from "../../../lab/slack/server.ts";
import { CHANNEL, directChannel, TEAM, userIdOf } from "../../../lab/slack/state.ts";
import { type ChatWorld, chatPortContract } from "../../contracts/chat-port.ts";
import { TOKENS } from "./tokens.ts";

async function createWorld(): Promise<ChatWorld> {
  const slack = await startSlackServer({ people: ["operator"], ...TOKENS });
  const client = createSlackClient(TOKENS.botToken, `${slack.url}/api/`);
  const user = userIdOf(slack.state, "operator");
  const inChannel = () => slack.state.messages.filter(({ channel }) => channel === CHANNEL);
  return {
    chat: createSlackChat({ client, channel: CHANNEL }),
    account: `${TEAM}/${user}`,
    messages: async () =>
      inChannel().map(({ channel, ts, text, blocks, thread_ts, files, pinned }) => {
        const read = readBlocks(blocks);
        return {
          ref: `${channel}/${ts}`,
          text: blocks ? read.text : text,
          buttons: read.buttons.map(({ label }) => label),
          ...(thread_ts !== undefined && { thread: `${channel}/${thread_ts}` }),
          links: linksOf(blocks),
          ...(pinned !== undefined && { pinned }),
          files: files.filter(({ name }) => name.endsWith(".md")),
        };
      }),
    told: async () =>
      slack.state.messages
        .filter(({ channel }) => channel === directChannel(user))
        .map(({ blocks }) => readBlocks(blocks).text),
    remove: async (ref) => {
      const index = slack.state.messages.findIndex(({ channel, ts }) => `${channel}/${ts}` === ref);
      slack.state.messages.splice(index, 1);
    },
    fail: async (how) => {
      slack.trouble = how;
    },
    loseNextAnswer: async () => {
      slack.loseNextAnswer = true;
    },
    dispose: () => slack.close(),
  };
}

/** What Slack opens: addresses in text are shown as text. */
function linksOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(linksOf);
  if (typeof value !== "object" || value === null) return [];
  const { type, url } = value as { type?: string; url?: string };
  return type === "link" ? [String(url)] : Object.values(value).flatMap(linksOf);
}

chatPortContract("Slack", createWorld);
