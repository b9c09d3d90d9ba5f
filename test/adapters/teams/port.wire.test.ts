import { createTeamsPort } from "../../../adapters/chat/teams/index.ts";
import { readCard } from "../../../lab/teams/cards.ts";
import { startTeamsServer } from "../../../lab/teams/server.ts";
import { CHANNEL, personOf, TEAM, TENANT } from "../../../lab/teams/state.ts";
import { type ChatWorld, chatPortContract } from "../../contracts/chat-port.ts";
import { memoryRecords } from "../../helpers/records.ts";
import { filesOf } from "../../helpers/teams-files.ts";
import { TEAMS_APP } from "../../helpers/teams-surface.ts";

async function createWorld(): Promise<ChatWorld> {
  const teams = await startTeamsServer({ people: ["operator"], ...TEAMS_APP, botUrl: () => "" });
  const operator = personOf(teams.state, "operator");
  const { port } = createTeamsPort({
    ...TEAMS_APP,
    channel: { id: CHANNEL, teamId: TEAM, tenantId: TENANT },
    apiUrl: teams.url,
    store: memoryRecords(),
    logger: { warn: () => {} },
  });
  const inChannel = () => teams.state.messages.filter(({ conversation }) => conversation === CHANNEL);
  return {
    chat: port,
    account: `${TENANT}/${operator.objectId}`,
    messages: async () =>
      inChannel().map(({ id, root, card }) => {
        const { text, buttons } = readCard(card);
        const thread = root !== undefined && root !== id && { thread: `${root}/${root}` };
        return {
          ref: `${root}/${id}`,
          text,
          buttons: buttons.map(({ title }) => title),
          ...thread,
          links: linksOf(card),
          files: filesOf(card),
        };
      }),
    told: async () =>
      teams.state.messages
        .filter(({ conversation }) => conversation !== CHANNEL)
        .map(({ card }) => readCard(card).text),
    remove: async (ref) => {
      const index = teams.state.messages.findIndex(({ id, root }) => `${root}/${id}` === ref);
      teams.state.messages.splice(index, 1);
    },
    fail: async (how) => {
      teams.trouble = how;
    },
    loseNextAnswer: async () => {
      teams.loseNextAnswer = true;
    },
    dispose: () => teams.close(),
  };
}

/** What Teams opens: addresses in text are shown as text. */
function linksOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(linksOf);
  if (typeof value !== "object" || value === null) return [];
  const { type, url } = value as { type?: string; url?: string };
  return type === "Action.OpenUrl" ? [String(url)] : Object.values(value).flatMap(linksOf);
}

chatPortContract("Teams", createWorld);
