import { z } from "zod";
import { HttpUrl } from "./config-chats.ts";

/** What the environment says of status pages beside Muster's own. Read by `loadConfig` alone. */
export const pageEnvironment = {
  MUSTER_STATUSPAGE_PAGE_ID: z
    .string()
    .regex(/^[a-z0-9]{4,40}$/, { error: "must be the id of a page, as its address shows it" })
    .optional()
    .meta({ example: "kctbh9vrtdwd", description: "Page of Atlassian Statuspage (docs/communication.md)." }),
  MUSTER_STATUSPAGE_API_KEY: z
    .string()
    .min(8)
    .max(200)
    .optional()
    .meta({ example: "paste-it-here", description: "Key of its account. A secret." }),
  MUSTER_STATUSPAGE_API_URL: HttpUrl.optional().meta({
    example: "http://127.0.0.1:4701/v1",
    description: "Another Statuspage than Atlassian's, for trying things out.",
  }),
  MUSTER_STATUS_WEBHOOK_URL: HttpUrl.optional().meta({
    example: "https://hooks.example/status",
    description: "Address that every status update is sent to, signed (docs/communication.md).",
  }),
  MUSTER_STATUS_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .max(200)
    .optional()
    .meta({ example: "paste-16-or-more-letters", description: "Signs what is sent there. A secret." }),
};

export interface StatusWebhookConfig {
  readonly url: string;
  readonly secret: string;
}

export interface StatuspageConfig {
  readonly pageId: string;
  readonly apiKey: string;
  readonly apiUrl?: string;
}

type Parsed = z.infer<z.ZodObject<typeof pageEnvironment>>;

const PAIRS = [
  ["MUSTER_STATUSPAGE_PAGE_ID", "MUSTER_STATUSPAGE_API_KEY", "Statuspage"],
  ["MUSTER_STATUS_WEBHOOK_URL", "MUSTER_STATUS_WEBHOOK_SECRET", "the webhook"],
] as const;

/** One half of a connection is no connection. */
export function pageProblems(data: Parsed): string[] {
  return PAIRS.flatMap(([one, other, what]) => {
    if ((data[one] === undefined) === (data[other] === undefined)) return [];
    return [`${data[one] === undefined ? one : other} is missing for ${what}.`];
  });
}

export function statusWebhookOf(data: Parsed): StatusWebhookConfig | undefined {
  const { MUSTER_STATUS_WEBHOOK_URL: url, MUSTER_STATUS_WEBHOOK_SECRET: secret } = data;
  return url === undefined || secret === undefined ? undefined : Object.freeze({ url, secret });
}

export function statuspageOf(data: Parsed): StatuspageConfig | undefined {
  const { MUSTER_STATUSPAGE_PAGE_ID: pageId, MUSTER_STATUSPAGE_API_KEY: apiKey } = data;
  if (pageId === undefined || apiKey === undefined) return undefined;
  const { MUSTER_STATUSPAGE_API_URL: apiUrl } = data;
  return Object.freeze({ pageId, apiKey, ...(apiUrl !== undefined && { apiUrl }) });
}
