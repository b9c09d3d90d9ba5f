import { type Logger, pino } from "pino";
import { createSlackConnection } from "../../../adapters/chat/slack/index.ts";
import { commands } from "../../../commands/index.ts";
import { readBlocks } from "../../../lab/slack/blocks.ts";
import { createPeople, type SlackPeople } from "../../../lab/slack/people.ts";
import { type SlackServer, startSlackServer } from "../../../lab/slack/server.ts";
import { CHANNEL, userIdOf } from "../../../lab/slack/state.ts";
import { connectChat } from "../../../src/chat/connect.ts";
import { systemClock } from "../../../src/clock.ts";
import type { Command } from "../../../src/commands/command.ts";
import { createDispatcher } from "../../../src/commands/dispatch.ts";
import { createHttp } from "../../../src/http/http.ts";
import { listenOn } from "../../../src/http/listen.ts";
import { unlinkedCaller } from "../../../src/people/identity.ts";
import type { ChatSurface } from "../../contracts/chat-surface.ts";
import { surfacePlan, surfaceWorld } from "../../helpers/chat-surface.ts";
import { EVERYBODY, fakeDirectory, person } from "../../helpers/core.ts";
import { startMuster } from "../../helpers/muster.ts";
import { TOKENS } from "./tokens.ts";

const PEOPLE = EVERYBODY.map(({ principal }) => principal);

export interface SlackSurface extends ChatSurface {
  server: SlackServer;
  people: SlackPeople;
}

export interface SurfaceOptions {
  /** Beside Muster's own, or in the place of one with the same name. */
  commands?: readonly Command[];
  signAfterMs?: number;
  logger?: Logger;
}

/** The real adapter, connected to a whole Muster, against the lab's Slack. */
export async function openSlackSurface(over: "socket" | "http", more: SurfaceOptions = {}): Promise<SlackSurface> {
  const { board, halt } = surfaceWorld();
  const muster = startMuster(surfacePlan, board);
  const { core, journal, store } = muster;
  const { logger = pino({ level: "silent" }), signAfterMs, commands: own = [] } = more;
  const offered = [...own, ...commands.filter((command) => own.every(({ name }) => name !== command.name))];
  let door: { url: string; close(): Promise<void> } | undefined;
  const slack = await startSlackServer({
    people: PEOPLE,
    ...TOKENS,
    ...(over === "http" && { requestUrl: () => `${door?.url}/slack/events` }),
  });
  const people = createPeople(slack);
  const { botToken, appToken, signingSecret } = TOKENS;
  const connection = createSlackConnection({
    botToken,
    ...(over === "socket" ? { appToken } : { signingSecret }),
    channel: CHANNEL,
    pinEmoji: ["pushpin"],
    apiUrl: `${slack.url}/api/`,
    logger,
    ...(signAfterMs !== undefined && { signAfterMs }),
  });
  // What Slack asks for takes a second a call; nobody has to wait for that here.
  const quick = { ...connection, port: { ...connection.port, paceMs: 5 } };
  const dispatcher = createDispatcher({ core, commands: offered, directory: fakeDirectory, logger });
  const nameOf = (account: string) =>
    [...slack.state.users].find(([, id]) => account.endsWith(`/${id}`))?.[0] ?? "nobody";
  const chat = connectChat({
    connection: quick,
    core,
    journal,
    store,
    dispatcher,
    callerOf: async ({ account }) => person(nameOf(account)) ?? unlinkedCaller({ system: "slack", account }),
    clock: systemClock,
    logger,
    holder: "surface",
    leaseMs: 5_000,
  });
  if (connection.door) {
    const doors = [connection.door];
    const app = createHttp({ core, commands, directory: fakeDirectory, logger, openSignIn: false, doors });
    door = await listenOn(app.fetch, { host: "127.0.0.1", port: 0 });
  }
  muster.start("executor");
  chat.start();
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  const ready = async () =>
    (over === "socket" ? slack.connected() : true) && (await store.getRecord("chat/slack/from")) !== undefined;
  for (let waited = 0; !(await ready()); waited += 20) {
    if (waited > 8_000) throw new Error("Slack was not connected");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  const inChannel = () => slack.state.messages.filter(({ channel }) => channel === CHANNEL);
  const textOf = (blocks: unknown[] | undefined) => readBlocks(blocks).text;
  /** What this person alone is shown soon after. */
  async function shownTo(name: string, work: () => Promise<unknown>): Promise<string> {
    const before = slack.state.private.length;
    await work();
    for (let waited = 0; waited < 1_000; waited += 10) {
      const shown = slack.state.private.slice(before).filter(({ user }) => user === userIdOf(slack.state, name));
      if (shown.length > 0)
        return shown
          .map(
            ({ blocks, text }) =>
              readBlocks(blocks).text +
              readBlocks(blocks)
                .buttons.map(({ label }) => label)
                .join() +
              text,
          )
          .join("\n");
      if (slack.state.views.size > 0) return "";
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return "";
  }

  return {
    server: slack,
    people,
    muster,
    halt,
    say: (principal, text) => shownTo(principal, () => people.command(principal, text)),
    async press(principal, messageText, button, asked) {
      const message = inChannel().find(({ blocks }) => textOf(blocks).includes(messageText));
      if (!message) throw new Error(`no message "${messageText}"`);
      const answer = await shownTo(principal, () => people.press(principal, message, button));
      if (asked === undefined) return answer;
      return await shownTo(principal, () => people.submit(principal, { reason: asked }));
    },
    channel: async () => inChannel().map(({ blocks }) => textOf(blocks)),
    redeliver: async () => void (await slack.redeliver()),
    forge: async () => {
      const response = await fetch(`${door?.url}/slack/events`, {
        method: "POST",
        body: "command=%2Fdr&text=note+forged",
        headers: { "x-slack-request-timestamp": String(Math.floor(Date.now() / 1_000)), "x-slack-signature": "v0=00" },
      });
      return response.status;
    },
    async dispose() {
      await chat.stop();
      await door?.close();
      await slack.close();
      await muster.stop();
    },
  };
}
