import type { Check, Finding } from "../../../src/doctor/check.ts";
import type { TeamsChannel } from "./chat.ts";
import { CONNECTOR_SCOPE, GRAPH_SCOPE, teamsCloud } from "./cloud.ts";
import { awayError } from "./errors.ts";
import { createGraph } from "./graph.ts";
import { createTokens, type Tokens } from "./tokens.ts";

export interface TeamsCheckOptions {
  appId: string;
  appPassword: string;
  channel: TeamsChannel;
  apiUrl?: string;
}

export const DOOR_PATH = "/teams/messages";

/** What the doctor looks at: the app's sign-in, the keys that callers are checked with, and the channel. Posts nothing. */
export function teamsChecks({ appId, appPassword, channel, apiUrl }: TeamsCheckOptions): Check[] {
  const { loginUrl, openIdMetadataUrl, graphUrl } = teamsCloud(apiUrl);
  const { tenantId, teamId, id: channelId } = channel;
  const tokens = createTokens({ loginUrl, tenantId, appId, appPassword });
  const graph = createGraph({ graphUrl, tokens, teamId, channelId, logger: { warn: () => {} } });
  const check = (name: string, run: Check["run"]): Check => ({ area: "teams", name, run });
  return [
    check("sign-in", (signal) => signInFinding(tokens, signal)),
    check("keys", (signal) => keysFinding(openIdMetadataUrl, signal)),
    check("channel", async (signal) => channelFinding(await graph.readable(signal))),
  ];
}

async function signInFinding(tokens: Tokens, signal: AbortSignal): Promise<Finding> {
  for (const scope of [CONNECTOR_SCOPE, GRAPH_SCOPE]) await tokens(scope, signal);
  return { state: "ok", said: `The app can sign in; Teams is to call ${DOOR_PATH} here.` };
}

/** Without them nobody can be let in. */
async function keysFinding(url: string, signal: AbortSignal): Promise<Finding> {
  const response = await fetch(url, { signal }).catch((cause) => {
    throw awayError("list of keys", "no connection", cause);
  });
  if (response.ok) return { state: "ok", said: "The Bot Connector's keys can be read." };
  return { state: "failed", said: `The Bot Connector's keys cannot be read (HTTP ${response.status}).` };
}

function channelFinding(readable: boolean): Finding {
  if (readable) return { state: "ok", said: "The channel can be read through Graph." };
  return {
    state: "warning",
    said: "The channel cannot be read through Graph: after a crash a card may stand twice.",
    fix: "Check MUSTER_TEAMS_CHANNEL, and add the app to that team with the consent that it asks for.",
  };
}
