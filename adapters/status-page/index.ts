import { type Config, secretVariable } from "../../src/config.ts";
import { AppError } from "../../src/errors.ts";
import type { Sent } from "../../src/mail/port.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";
import { openMailLists } from "../mail/index.ts";
import { createAtlassianStatuspage } from "./atlassian.ts";
import { createSelfHostedPage } from "./self-hosted.ts";
import { createWebhookPage } from "./webhook.ts";

type Pages = Pick<
  Config,
  "statusPageDirectory" | "statusPageUrl" | "statuspage" | "statusWebhook" | "mail" | "requestTimeoutMs" | "secret"
>;
type Told = Pick<Plan, "communication">;
type Log = { warn(what: object, message: string): void };

/** Where this installation tells the public; its own page is always there. */
export function openStatusPages(config: Pages, plan: Told, logger: Log): StatusPagePort[] {
  const { statusPageDirectory: directory, statusPageUrl: url, statuspage, statusWebhook } = config;
  // They answer from far away: longer than a vendor inside the regions.
  const requestTimeoutMs = 5 * config.requestTimeoutMs;
  const refused = (list: string, sent: Sent) =>
    logger.warn({ list, ...sent }, "the mail server refused some addresses of a list for good");
  return [
    createSelfHostedPage({
      ...(directory !== undefined && { directory }),
      ...(url !== undefined && { publicCopy: { url, requestTimeoutMs } }),
    }),
    ...(statuspage ? [createAtlassianStatuspage({ ...statuspage, requestTimeoutMs })] : []),
    ...(statusWebhook ? [createWebhookPage({ ...statusWebhook, requestTimeoutMs })] : []),
    ...openWebhooks({ ...config, requestTimeoutMs }, plan),
    ...openMailLists({ ...config, requestTimeoutMs }, plan, refused),
  ];
}

/** Those of the plan. A secret that is missing is said of each update that does not arrive. */
function openWebhooks({ secret, requestTimeoutMs }: Pages, { communication }: Told): StatusPagePort[] {
  return Object.entries(communication?.webhooks ?? {}).map(([name, { urlFrom, secretFrom, stages }]) => {
    const options = { id: `webhook:${name}`, name: `webhook "${name}"`, stages, requestTimeoutMs };
    const url = secret(urlFrom);
    const key = secret(secretFrom);
    if (url !== undefined && key !== undefined) return createWebhookPage({ ...options, url, secret: key });
    const variable = secretVariable(url === undefined ? urlFrom : secretFrom);
    const post = async () => {
      throw new AppError({
        code: "config-invalid",
        summary: `The webhook "${name}" cannot be used: ${variable} is not set.`,
        hint: `Set ${variable} and start Muster again.`,
      });
    };
    return { ...options, paceMs: 0, post, find: async () => undefined, show: async () => {} };
  });
}
