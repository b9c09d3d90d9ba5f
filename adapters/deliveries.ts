import type { Config } from "../src/config.ts";
import type { Destination } from "../src/deliveries/port.ts";
import type { Sent } from "../src/mail/port.ts";
import type { Plan } from "../src/plans/plan.ts";
import { openMailLists } from "./mail/index.ts";
import { createStatuspagePostmortem } from "./status-page/atlassian-postmortem.ts";
import { createWebhook } from "./webhook/destination.ts";

type Told = Pick<Config, "statuspage" | "mail" | "statusPageUrl" | "requestTimeoutMs" | "secret">;
type Log = { warn(what: object, message: string): void };

/** Who is told one thing for each event, as the plan and the environment say. */
export function openDeliveries(config: Told, plan: Plan, logger: Log): Destination[] {
  // By name: what holds secrets is not enumerable and would be lost in a spread.
  const { mail, statuspage, statusPageUrl, secret } = config;
  // They answer from far away: longer than a vendor inside the regions.
  const requestTimeoutMs = 5 * config.requestTimeoutMs;
  const options = { requestTimeoutMs, secret, ...(statusPageUrl !== undefined && { statusPageUrl }) };
  const refused = (list: string, sent: Sent) =>
    logger.warn({ list, ...sent }, "the mail server refused some addresses of a list for good");
  const webhooks = Object.entries(plan.communication?.webhooks ?? {});
  const drafts = statuspage !== undefined && plan.communication?.postmortem === "draft";
  return [
    ...(drafts ? [createStatuspagePostmortem({ ...statuspage, requestTimeoutMs })] : []),
    ...webhooks.map(([name, webhook]) => createWebhook({ ...options, plan, name }, webhook)),
    ...openMailLists({ ...options, ...(mail && { mail }) }, plan, refused),
  ] as Destination[];
}
