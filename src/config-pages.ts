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
};

export interface StatuspageConfig {
  readonly pageId: string;
  readonly apiKey: string;
  readonly apiUrl?: string;
}

type Parsed = z.infer<z.ZodObject<typeof pageEnvironment>>;

/** One half of a connection is no connection. */
export function pageProblems(data: Parsed): string[] {
  const { MUSTER_STATUSPAGE_PAGE_ID: id, MUSTER_STATUSPAGE_API_KEY: key } = data;
  if ((id === undefined) === (key === undefined)) return [];
  const missing = id === undefined ? "MUSTER_STATUSPAGE_PAGE_ID" : "MUSTER_STATUSPAGE_API_KEY";
  return [`${missing} is missing for Statuspage.`];
}

export function statuspageOf(data: Parsed): StatuspageConfig | undefined {
  const { MUSTER_STATUSPAGE_PAGE_ID: pageId, MUSTER_STATUSPAGE_API_KEY: apiKey } = data;
  if (pageId === undefined || apiKey === undefined) return undefined;
  const { MUSTER_STATUSPAGE_API_URL: apiUrl } = data;
  return Object.freeze({ pageId, apiKey, ...(apiUrl !== undefined && { apiUrl }) });
}
