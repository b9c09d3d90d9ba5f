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
