import type { Config } from "../../src/config.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";
import { createAtlassianStatuspage } from "./atlassian.ts";
import { createSelfHostedPage } from "./self-hosted.ts";
import { createWebhookPage } from "./webhook.ts";

type Pages = Pick<
  Config,
  "statusPageDirectory" | "statusPageUrl" | "statuspage" | "statusWebhook" | "requestTimeoutMs"
>;

/** The pages that this installation tells the public on; its own is always there. */
export function openStatusPages(config: Pages): StatusPagePort[] {
  const { statusPageDirectory: directory, statusPageUrl: url, statuspage, statusWebhook } = config;
  // They answer from far away: longer than a vendor inside the regions.
  const requestTimeoutMs = 5 * config.requestTimeoutMs;
  return [
    createSelfHostedPage({
      ...(directory !== undefined && { directory }),
      ...(url !== undefined && { publicCopy: { url, requestTimeoutMs } }),
    }),
    ...(statuspage ? [createAtlassianStatuspage({ ...statuspage, requestTimeoutMs })] : []),
    ...(statusWebhook ? [createWebhookPage({ ...statusWebhook, requestTimeoutMs })] : []),
  ];
}
