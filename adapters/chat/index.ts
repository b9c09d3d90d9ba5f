import type { ChatConnection } from "../../src/chat/port.ts";
import type { Config } from "../../src/config.ts";
import type { Check } from "../../src/doctor/check.ts";
import type { JournalStore } from "../../src/journal/store.ts";

export interface ChatOptions {
  /** Keeps where a chat is reached, for those that tell. */
  store: Pick<JournalStore, "getRecord" | "setRecord">;
  logger: { warn(fields: object, message: string): void };
}

/** The chats that this installation is configured for. Their SDKs are loaded only then: each is some tens of megabytes. */
export async function openChats(
  config: Pick<Config, "slack" | "teams">,
  options: ChatOptions,
): Promise<ChatConnection[]> {
  const chats: ChatConnection[] = [];
  if (config.slack) {
    const { createSlackConnection } = await import("./slack/index.ts");
    chats.push(createSlackConnection({ ...config.slack, ...options }));
  }
  if (config.teams) {
    const { createTeamsConnection } = await import("./teams/index.ts");
    chats.push(createTeamsConnection({ ...config.teams, ...options }));
  }
  return chats;
}

/** What the doctor looks at in the chats that are configured. */
export async function chatChecks({ slack, teams }: Pick<Config, "slack" | "teams">): Promise<Check[]> {
  const ofSlack = slack
    ? (await import("./slack/checks.ts")).slackChecks(slack)
    : [off("slack", "docs/slack.md connects it.")];
  const ofTeams = teams
    ? (await import("./teams/checks.ts")).teamsChecks(teams)
    : [off("teams", "docs/teams.md connects it.")];
  return [...ofSlack, ...ofTeams];
}

function off(area: string, fix: string): Check {
  return { area, name: "connection", run: async () => ({ state: "off", said: "It is not configured.", fix }) };
}
