import { readFile } from "node:fs/promises";
import type { WebClient } from "@slack/web-api";
import type { Check, Finding } from "../../../src/doctor/check.ts";
import { list } from "../../../src/format.ts";
import { createSlackClient } from "./chat.ts";
import { slackError } from "./errors.ts";
import { DOOR_PATH } from "./receiver.ts";

export interface SlackCheckOptions {
  botToken: string;
  appToken?: string;
  channel: string;
  apiUrl?: string;
}

const MANIFEST = new URL("../../../manifest/slack/manifest.json", import.meta.url);
const AREA = "slack";

/** What the doctor looks at: the tokens, what they may do, and the channel. Posts nothing. */
export function slackChecks({ botToken, appToken, channel, apiUrl }: SlackCheckOptions): Check[] {
  const client = createSlackClient(botToken, apiUrl);
  const check = (name: string, look: () => Promise<Finding>): Check => ({
    area: AREA,
    name,
    run: () =>
      look().catch((error) => {
        throw slackError(error);
      }),
  });
  return [
    check("bot token", () => botFinding(client)),
    check(`channel ${channel}`, () => channelFinding(client, channel)),
    appToken === undefined
      ? check("HTTP", doorFinding)
      : check("app token", () => appFinding(createSlackClient(appToken, apiUrl))),
  ];
}

async function botFinding(client: WebClient): Promise<Finding> {
  const { user, team, response_metadata } = await client.auth.test();
  const granted = new Set(response_metadata?.scopes ?? []);
  const missing = (await wantedScopes()).filter((scope) => !granted.has(scope));
  if (missing.length === 0) return { state: "ok", said: `It is ${user} in the workspace ${team}, with every scope.` };
  const fix = "Bring the app's manifest up to manifest/slack/manifest.json, and install the app again.";
  return { state: "failed", said: `It is ${user} in ${team}, and may not: ${list(missing)}.`, fix };
}

async function wantedScopes(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(MANIFEST, "utf8")) as { oauth_config: { scopes: { bot: string[] } } };
  return manifest.oauth_config.scopes.bot;
}

async function channelFinding(client: WebClient, id: string): Promise<Finding> {
  const { channel } = await client.conversations.info({ channel: id });
  const name = `#${channel?.name ?? id}`;
  if (channel?.is_archived) {
    const fix = "Unarchive it, or name another one in MUSTER_SLACK_CHANNEL.";
    return { state: "failed", said: `${name} is archived.`, fix };
  }
  if (channel?.is_member) return { state: "ok", said: `The bot is in ${name}.` };
  return { state: "failed", said: `The bot is not in ${name}.`, fix: "Invite it: /invite @Muster in that channel." };
}

/** Asks for the address of a socket, and opens none: a running server keeps its own. */
async function appFinding(client: WebClient): Promise<Finding> {
  const { url } = await client.apps.connections.open().catch((error) => {
    const { data } = error as { data?: { error?: string } };
    if (data?.error === undefined) throw error;
    return { url: undefined };
  });
  if (url) return { state: "ok", said: "Socket Mode can be opened." };
  const fix =
    "Set MUSTER_SLACK_APP_TOKEN to an app-level token (xapp-…) with connections:write, and turn Socket Mode on.";
  return { state: "failed", said: "Slack does not open Socket Mode with it.", fix };
}

async function doorFinding(): Promise<Finding> {
  const said = `Slack is to call ${DOOR_PATH} here; only its first request tells whether the signing secret is right.`;
  return { state: "ok", said };
}
