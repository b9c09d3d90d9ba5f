import { z } from "zod";
import { HttpUrl } from "./config-chats.ts";

/** What the environment says of status pages. Read by `loadConfig` alone. */
export const pageEnvironment = {
  MUSTER_STATUS_PAGE: z.string().max(4_000).optional().meta({
    example: "status-page",
    description:
      "Directory that the public status page is written to as well, for an object store or web server outside.",
  }),
  MUSTER_STATUS_PAGE_URL: HttpUrl.optional().meta({
    example: "https://status.example.org",
    description: "Where the public reads that page: read back every minute of an incident, and compared.",
  }),
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

export interface PagesConfig {
  readonly statusPageDirectory?: string;
  readonly statusPageUrl?: string;
  /** Not enumerable, because of their secrets. */
  readonly statuspage?: StatuspageConfig;
  readonly statusWebhook?: StatusWebhookConfig;
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

export function pagesOf({ MUSTER_STATUS_PAGE, MUSTER_STATUS_PAGE_URL }: Parsed): PagesConfig {
  return {
    ...(MUSTER_STATUS_PAGE !== undefined && { statusPageDirectory: MUSTER_STATUS_PAGE }),
    ...(MUSTER_STATUS_PAGE_URL !== undefined && { statusPageUrl: MUSTER_STATUS_PAGE_URL }),
  };
}

export function pageSecrets(data: Parsed) {
  return { statuspage: statuspageOf(data), statusWebhook: statusWebhookOf(data) };
}

function statusWebhookOf(data: Parsed): StatusWebhookConfig | undefined {
  const { MUSTER_STATUS_WEBHOOK_URL: url, MUSTER_STATUS_WEBHOOK_SECRET: secret } = data;
  return url === undefined || secret === undefined ? undefined : Object.freeze({ url, secret });
}

function statuspageOf(data: Parsed): StatuspageConfig | undefined {
  const { MUSTER_STATUSPAGE_PAGE_ID: pageId, MUSTER_STATUSPAGE_API_KEY: apiKey } = data;
  if (pageId === undefined || apiKey === undefined) return undefined;
  const { MUSTER_STATUSPAGE_API_URL: apiUrl } = data;
  return Object.freeze({ pageId, apiKey, ...(apiUrl !== undefined && { apiUrl }) });
}
