import { rmSync } from "node:fs";
import { linkPeople } from "../identities.ts";
import { leave, leaveEnvironment, savedBefore } from "../left-behind.ts";
import { PEOPLE } from "../world/definition.ts";
import { labPaths } from "../world/files.ts";
import { secret } from "../world/new-world.ts";
import { startTeamsPage } from "./page-server.ts";
import { startTeamsServer, type TeamsServer } from "./server.ts";
import { CHANNEL_LINK, personOf, restoreState, savedState, TENANT } from "./state.ts";

export interface TeamsEmulator {
  /** Of the page where people talk to Muster. */
  url: string;
  teams: TeamsServer;
  close(): Promise<void>;
}

/** What a start leaves behind that was killed. */
export function forgetTeamsEmulator(data: string): void {
  rmSync(labPaths(data).teamsEnvironment, { force: true });
}

/** One who is in the tenant and whom Muster does not know: links an account with `link <code>`. */
const STRANGER = "newcomer";
const APP_ID = "44444444-4444-4444-8444-444444444444";

/**
 * `npm start -- --teams-emulator`: a Teams beside the lab with the lab's people in it. What a Muster server must be
 * given to reach it lies in the lab's directory while it runs, and what was said there when it has ended.
 */
export async function startTeamsEmulator(data: string, musterPort: number, wantedPort = 0): Promise<TeamsEmulator> {
  const { teamsEnvironment, teamsState, people } = labPaths(data);
  const appPassword = secret();
  const teams = await startTeamsServer({
    people: [...PEOPLE.map(({ id }) => id), STRANGER],
    appId: APP_ID,
    appPassword,
    botUrl: () => `http://127.0.0.1:${musterPort}/teams/messages`,
  });
  const saved = savedBefore<ReturnType<typeof savedState>>(teamsState);
  if (saved) restoreState(teams.state, saved);
  // The same address at each start where it is free, so that an open page goes on.
  const page = await startTeamsPage(teams, wantedPort).catch(() => startTeamsPage(teams));
  linkPeople(people, "teams", (id) => `${TENANT}/${personOf(teams.state, id).objectId}`);
  const environment = {
    MUSTER_TEAMS_API_URL: teams.url,
    MUSTER_TEAMS_APP_ID: APP_ID,
    MUSTER_TEAMS_APP_PASSWORD: appPassword,
    MUSTER_TEAMS_CHANNEL: CHANNEL_LINK,
  };
  leaveEnvironment(teamsEnvironment, environment);
  return {
    url: page.url,
    teams,
    async close() {
      forgetTeamsEmulator(data);
      leave(teamsState, JSON.stringify(savedState(teams.state)));
      await page.close();
      await teams.close();
    },
  };
}
