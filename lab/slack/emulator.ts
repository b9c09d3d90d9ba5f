import { rmSync } from "node:fs";
import { linkPeople } from "../identities.ts";
import { leave, leaveEnvironment, savedBefore } from "../left-behind.ts";
import { PEOPLE } from "../world/definition.ts";
import { labPaths } from "../world/files.ts";
import { secret } from "../world/new-world.ts";
import { startSlackPage } from "./page-server.ts";
import { type SlackServer, startSlackServer } from "./server.ts";
import { CHANNEL, restoreState, savedState, TEAM } from "./state.ts";

export interface SlackEmulator {
  /** Of the page where people talk to Muster. */
  url: string;
  slack: SlackServer;
  close(): Promise<void>;
}

/** What a start leaves behind that was killed. */
export function forgetSlackEmulator(data: string): void {
  rmSync(labPaths(data).slackEnvironment, { force: true });
}

/** One who is in the workspace and whom Muster does not know: links an account with `/dr link <code>`. */
const STRANGER = "newcomer";

/**
 * `npm start -- --slack-emulator`: a Slack beside the lab with the lab's people in it. What a Muster server must be
 * given to reach it lies in the lab's directory while it runs, and what was said there when it has ended.
 */
export async function startSlackEmulator(data: string, wantedPort = 0): Promise<SlackEmulator> {
  const { slackEnvironment, slackState, people } = labPaths(data);
  const tokens = {
    botToken: `xoxb-lab-${secret()}`,
    appToken: `xapp-1-lab-${secret()}`,
    signingSecret: secret(),
  };
  const slack = await startSlackServer({ people: [...PEOPLE.map(({ id }) => id), STRANGER], ...tokens });
  const saved = savedBefore<ReturnType<typeof savedState>>(slackState);
  if (saved) restoreState(slack.state, saved);
  // The same address at each start where it is free, so that an open page goes on.
  const page = await startSlackPage(slack, wantedPort).catch(() => startSlackPage(slack));
  linkPeople(people, "slack", (id) => `${TEAM}/${slack.state.users.get(id)}`);
  const environment = {
    MUSTER_SLACK_API_URL: `${slack.url}/api/`,
    MUSTER_SLACK_BOT_TOKEN: tokens.botToken,
    MUSTER_SLACK_APP_TOKEN: tokens.appToken,
    MUSTER_SLACK_CHANNEL: CHANNEL,
  };
  leaveEnvironment(slackEnvironment, environment);
  return {
    url: page.url,
    slack,
    async close() {
      forgetSlackEmulator(data);
      leave(slackState, JSON.stringify(savedState(slack.state)));
      await page.close();
      await slack.close();
    },
  };
}
