import { expect, it } from "vitest";
import { openDeliveries } from "../../adapters/deliveries.ts";
import { loadConfig } from "../../src/config.ts";
import { publicPlan } from "../helpers/public-story.ts";

const stages = ["investigating" as const];
const plan = publicPlan({
  mail: { customers: { toFrom: "CUSTOMERS", stages, template: "update" } },
  webhooks: { partners: { urlFrom: "URL", secretFrom: "KEY", stages } },
});
const logger = { warn() {} };

it("opens what the plan names, from the configuration as it is loaded", () => {
  const mail = { MUSTER_SMTP_URL: "smtp://127.0.0.1:2525", MUSTER_MAIL_FROM: "status@example.org" };
  const ids = (env: Record<string, string>) => openDeliveries(loadConfig(env), plan, logger).map(({ id }) => id);
  expect(ids(mail)).toEqual(["webhook:partners", "mail:customers"]);
  expect(ids({})).toEqual(["webhook:partners"]);
  const page = { MUSTER_STATUSPAGE_PAGE_ID: "kctbh9vrtdwd", MUSTER_STATUSPAGE_API_KEY: "hunter2hunter2" };
  const drafts = publicPlan({ postmortem: "draft" });
  const withPage = (of: typeof plan) => openDeliveries(loadConfig(page), of, logger).map(({ id }) => id);
  expect(withPage(drafts)).toEqual(["statuspage-postmortem"]);
  // Only where the plan asks for it.
  expect(withPage(publicPlan())).toEqual([]);
});
