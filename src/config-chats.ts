import { z } from "zod";

/** What the environment says of chats. Read by `loadConfig` alone, with everything else. */

export const HttpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https address" });

export const chatEnvironment = {
  MUSTER_SLACK_BOT_TOKEN: z
    .string()
    .regex(/^xoxb-[\w-]{5,200}$/, { error: "must be a bot token, which begins with xoxb-" })
    .optional()
    .meta({ example: "xoxb-paste-it-here", description: "Connects Slack (docs/slack.md). A secret." }),
  MUSTER_SLACK_APP_TOKEN: z
    .string()
    .regex(/^xapp-[\w-]{5,200}$/, { error: "must be an app-level token, which begins with xapp-" })
    .optional()
    .meta({ example: "xapp-paste-it-here", description: "For Socket Mode, which needs no public address. A secret." }),
  MUSTER_SLACK_SIGNING_SECRET: z.string().min(8).max(200).optional().meta({
    example: "paste-it-here",
    description: "For HTTP instead of Socket Mode: Slack then calls /slack/events. A secret.",
  }),
  MUSTER_SLACK_CHANNEL: z
    .string()
    .regex(/^[CG][A-Z0-9]{5,20}$/, { error: "must be the id of a channel, as its details show it" })
    .optional()
    .meta({ example: "C012AB3CD", description: "The channel that incidents are followed in." }),
  MUSTER_SLACK_PIN_EMOJI: z
    .string()
    .regex(/^[\w+-]{1,100}(,[\w+-]{1,100}){0,9}$/, { error: "must be names of emoji with commas between them" })
    .default("pushpin")
    .meta({ example: "pushpin,round_pushpin", description: "Reactions that put a message on the timeline." }),
  MUSTER_SLACK_API_URL: HttpUrl.optional().meta({
    example: "http://127.0.0.1:4700/api/",
    description: "Another Slack than Slack's, for trying things out.",
  }),
  MUSTER_TEAMS_APP_ID: z
    .guid({ error: "must be the application (client) id of the bot's registration" })
    .optional()
    .meta({
      example: "00000000-0000-4000-8000-000000000000",
      description: "Connects Microsoft Teams (docs/teams.md): the bot's application id.",
    }),
  MUSTER_TEAMS_APP_PASSWORD: z
    .string()
    .min(8)
    .max(200)
    .optional()
    .meta({ example: "paste-it-here", description: "The client secret of that application. A secret." }),
  MUSTER_TEAMS_CHANNEL: z
    .string()
    .max(2_000)
    .refine((link) => teamsChannel(link) !== undefined, {
      error: 'must be the link that "Get link to channel" copies, with its groupId and tenantId',
    })
    .optional()
    .meta({
      example:
        "https://teams.microsoft.com/l/channel/19%3Aabc%40thread.tacv2/Incidents?groupId=00000000-0000-4000-8000-000000000000&tenantId=00000000-0000-4000-8000-000000000000",
      description: "The channel that incidents are followed in: its link.",
    }),
  MUSTER_TEAMS_API_URL: HttpUrl.refine((url) => isLoopbackUrl(url), {
    error: "must be a loopback address: it stands in for those who say who a caller is",
  })
    .optional()
    .meta({
      example: "http://127.0.0.1:4701",
      description: "Another Teams than Microsoft's on this machine, for trying things out.",
    }),
};

export interface SlackConfig {
  readonly botToken: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  readonly channel: string;
  readonly pinEmoji: readonly string[];
  readonly apiUrl?: string;
}

type Parsed = z.infer<z.ZodObject<typeof chatEnvironment>>;

/** One half of a connection is no connection. */
export function slackProblems(data: Parsed): string[] {
  const { MUSTER_SLACK_BOT_TOKEN: bot, MUSTER_SLACK_APP_TOKEN: app, MUSTER_SLACK_SIGNING_SECRET: signing } = data;
  if (bot === undefined) {
    return app === undefined && signing === undefined ? [] : ["MUSTER_SLACK_BOT_TOKEN is missing for Slack."];
  }
  return [
    ...(data.MUSTER_SLACK_CHANNEL === undefined ? ["MUSTER_SLACK_CHANNEL is missing for Slack, as in C012AB3CD."] : []),
    ...(app === undefined && signing === undefined
      ? ["MUSTER_SLACK_APP_TOKEN (Socket Mode) or MUSTER_SLACK_SIGNING_SECRET (HTTP) is missing for Slack."]
      : []),
  ];
}

export function slackOf(data: Parsed): SlackConfig | undefined {
  const { MUSTER_SLACK_BOT_TOKEN: botToken, MUSTER_SLACK_CHANNEL: channel } = data;
  if (botToken === undefined || channel === undefined) return undefined;
  const { MUSTER_SLACK_APP_TOKEN: appToken, MUSTER_SLACK_SIGNING_SECRET: signingSecret } = data;
  return Object.freeze({
    botToken,
    channel,
    pinEmoji: data.MUSTER_SLACK_PIN_EMOJI.split(","),
    ...(appToken !== undefined && { appToken }),
    ...(signingSecret !== undefined && { signingSecret }),
    ...(data.MUSTER_SLACK_API_URL !== undefined && { apiUrl: data.MUSTER_SLACK_API_URL }),
  });
}

export interface TeamsConfig {
  readonly appId: string;
  readonly appPassword: string;
  readonly channel: TeamsChannelConfig;
  readonly apiUrl?: string;
}

export interface TeamsChannelConfig {
  /** `19:…@thread.tacv2` */
  readonly id: string;
  /** Of the team's group. */
  readonly teamId: string;
  readonly tenantId: string;
}

const CHANNEL_LINK = /^https:\/\/teams\.(?:microsoft\.com|cloud\.microsoft)\/l\/channel\/([^/?]{1,300})(?:\/[^?]*)?\?/;
const Guid = z.guid();

/** A channel's link names the channel, its team and the tenant; undefined when it does not. */
function teamsChannel(link: string): TeamsChannelConfig | undefined {
  const encoded = CHANNEL_LINK.exec(link)?.[1];
  if (encoded === undefined || !URL.canParse(link)) return undefined;
  const { searchParams } = new URL(link);
  const team = Guid.safeParse(searchParams.get("groupId")).data;
  const tenant = Guid.safeParse(searchParams.get("tenantId")).data;
  // Decodes without throwing at what is no escape.
  const id = new URLSearchParams(`id=${encoded}`).get("id") ?? "";
  if (team === undefined || tenant === undefined || !/^19:[\w.-]+@thread\.\w+$/.test(id)) return undefined;
  return Object.freeze({ id, teamId: team, tenantId: tenant });
}

function isLoopbackUrl(url: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(URL.canParse(url) ? new URL(url).hostname : "");
}

export function teamsProblems(data: Parsed): string[] {
  const named = ["MUSTER_TEAMS_APP_ID", "MUSTER_TEAMS_APP_PASSWORD", "MUSTER_TEAMS_CHANNEL"] as const;
  const missing = named.filter((name) => data[name] === undefined);
  if (missing.length === 0 || missing.length === named.length) return [];
  return missing.map((name) => `${name} is missing for Teams: its three variables belong together.`);
}

export function teamsOf(data: Parsed): TeamsConfig | undefined {
  const { MUSTER_TEAMS_APP_ID: appId, MUSTER_TEAMS_APP_PASSWORD: appPassword, MUSTER_TEAMS_CHANNEL: link = "" } = data;
  const channel = teamsChannel(link);
  if (appId === undefined || appPassword === undefined || channel === undefined) return undefined;
  const { MUSTER_TEAMS_API_URL: apiUrl } = data;
  return Object.freeze({ appId, appPassword, channel, ...(apiUrl !== undefined && { apiUrl }) });
}
