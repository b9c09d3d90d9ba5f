import { pino } from "pino";
import { createTeamsConnection } from "../../adapters/chat/teams/index.ts";
import { commands } from "../../commands/index.ts";
import { readCard } from "../../lab/teams/cards.ts";
import { createPeople } from "../../lab/teams/people.ts";
import { type Delivered, startTeamsServer } from "../../lab/teams/server.ts";
import { CHANNEL, personOf, TEAM, TENANT } from "../../lab/teams/state.ts";
import { connectChat } from "../../src/chat/connect.ts";
import { systemClock } from "../../src/clock.ts";
import type { Command } from "../../src/commands/command.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import { createHttp } from "../../src/http/http.ts";
import { listenOn } from "../../src/http/listen.ts";
import { unlinkedCaller } from "../../src/people/identity.ts";
import { surfacePlan, surfaceWorld } from "./chat-surface.ts";
import { EVERYBODY, fakeDirectory, person } from "./core.ts";
import { startMuster } from "./muster.ts";

export const TEAMS_APP = { appId: "44444444-4444-4444-8444-444444444444", appPassword: "lab-password-of-the-app" };

/** A whole Muster in front of the fake tenant: everything goes over the wire. */
export async function startTeamsSurface(own: readonly Command[] = []) {
  const { board, halt } = surfaceWorld();
  const muster = startMuster(surfacePlan, board);
  const { core, journal, store } = muster;
  const logger = pino({ level: "silent" });
  let door: { url: string; close(): Promise<void> } | undefined;
  const names = EVERYBODY.map(({ principal }) => principal);
  const teams = await startTeamsServer({
    people: [...names, "stranger"],
    ...TEAMS_APP,
    botUrl: () => `${door?.url}/teams/messages`,
  });
  const people = createPeople(teams);
  const connection = createTeamsConnection({
    ...TEAMS_APP,
    channel: { id: CHANNEL, teamId: TEAM, tenantId: TENANT },
    apiUrl: teams.url,
    store,
    logger,
  });
  // What Teams asks for takes a second a call; nobody has to wait for that here.
  const quick = { ...connection, port: { ...connection.port, paceMs: 5 } };
  const dispatcher = createDispatcher({ core, commands: [...commands, ...own], directory: fakeDirectory, logger });
  const callerOf = async ({ account }: { account: string }) => {
    const known = teams.state.people.find(({ objectId }) => account === `${TENANT}/${objectId}`);
    return known && names.includes(known.name) ? person(known.name) : unlinkedCaller({ system: "teams", account });
  };
  const chat = connectChat({
    connection: quick,
    core,
    journal,
    store,
    dispatcher,
    callerOf,
    clock: systemClock,
    logger,
    holder: "surface",
    leaseMs: 5_000,
  });
  const doors = connection.door ? [connection.door] : [];
  const app = createHttp({ core, commands, directory: fakeDirectory, logger, openSignIn: false, doors });
  door = await listenOn(app.fetch, { host: "127.0.0.1", port: 0 });
  muster.start("executor");
  chat.start();
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  for (let waited = 0; (await store.getRecord("chat/teams/from")) === undefined; waited += 20) {
    if (waited > 8_000) throw new Error("the mirror did not begin");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  const inChannel = () => teams.state.messages.filter(({ conversation }) => conversation === CHANNEL);
  const personal = (name: string) =>
    teams.state.messages.filter(({ conversation, from }) => conversation === `a:${name}` && from === teams.botId);

  /** What this person alone is shown: the answer of an invoke, or a message in the personal chat soon after. */
  async function shownTo(name: string, work: () => Promise<Delivered>): Promise<string> {
    const before = personal(name).length;
    const { body } = await work();
    if (body.type !== undefined) return textOfAnswer(body);
    for (let waited = 0; waited < 1_000 && personal(name).length === before; waited += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return personal(name)
      .slice(before)
      .map(({ card, text }) => `${text}\n${seen(card)}`)
      .join("\n");
  }

  const messageWith = (text: string) => {
    const found = inChannel().find(({ card }) => readCard(card).text.includes(text));
    if (!found) throw new Error(`no message "${text}"`);
    return found;
  };

  return {
    muster,
    halt,
    teams,
    people,
    inChannel,
    personal,
    shownTo,
    messageWith,
    operator: personOf(teams.state, "operator"),
    async dispose() {
      await chat.stop();
      await door?.close();
      await teams.close();
      await muster.stop();
    },
  };
}

export type TeamsSurface = Awaited<ReturnType<typeof startTeamsSurface>>;

/** Everything that can be read on a card, buttons included. */
export function seen(card: unknown): string {
  const { text, buttons } = readCard(card);
  return [text, ...buttons.map(({ title }) => title)].join("\n");
}

export function textOfAnswer({ value }: Record<string, unknown>): string {
  return typeof value === "string" ? value : seen(value);
}
