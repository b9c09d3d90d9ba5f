import { z } from "zod";
import type { Config } from "../../src/config.ts";
import type { Check, Finding } from "../../src/doctor/check.ts";
import { count } from "../../src/format.ts";
import { DOOR_PATH } from "./door.ts";
import type { PagerDutyClient } from "./pagerduty-client.ts";

type Pagers = Pick<Config, "pagerDuty" | "requestTimeoutMs">;

/** What the doctor looks at: the REST token, and that what is to be shown of on-call is there. Pages nobody. */
export async function pagerChecks({ pagerDuty, requestTimeoutMs }: Pagers): Promise<Check[]> {
  const check = (name: string, run: Check["run"]): Check => ({ area: "pager", name, run });
  if (!pagerDuty) {
    const fix = "docs/communication.md connects PagerDuty.";
    return [check("connection", async () => ({ state: "off", said: "It is not configured: nobody is paged.", fix }))];
  }
  const { apiToken, policies, schedules, from, webhookSecret } = pagerDuty;
  const { createPagerDutyClient } = await import("./pagerduty-client.ts");
  const client = createPagerDutyClient({ ...pagerDuty, requestTimeoutMs: 5 * requestTimeoutMs });
  return [
    check("integration key", async () => keyFinding()),
    check("webhook", async () => webhookFinding(webhookSecret)),
    ...(apiToken === undefined
      ? [check("REST API", async () => noTokenFinding())]
      : [
          check("REST API", (signal) => tokenFinding(client, from, signal)),
          check("on call", (signal) => onCallFinding(client, { policies, schedules }, signal)),
        ]),
  ];
}

function keyFinding(): Finding {
  return {
    state: "warning",
    said: "It is set; whether PagerDuty knows it can be learnt only by paging somebody.",
    fix: 'Send a test alert from the integration\'s page in PagerDuty, or try it in a drill of the people: "dr comms" shows what arrived.',
  };
}

function webhookFinding(secret: string | undefined): Finding {
  if (secret !== undefined) return { state: "ok", said: `PagerDuty is to call ${DOOR_PATH} here.` };
  const said = "What people do in PagerDuty is not shown here.";
  return { state: "off", said, fix: "Make a generic webhook (v3) there, and set MUSTER_PAGERDUTY_WEBHOOK_SECRET." };
}

function noTokenFinding(): Finding {
  const said = "There is no token: nobody can be asked who is on call, and nothing is escalated.";
  return { state: "off", said, fix: "Set MUSTER_PAGERDUTY_API_TOKEN and MUSTER_PAGERDUTY_FROM." };
}

async function tokenFinding(client: PagerDutyClient, from: string | undefined, signal: AbortSignal): Promise<Finding> {
  await client.rest({ path: "abilities", answer: z.object({ abilities: z.array(z.string()) }), signal });
  if (from !== undefined)
    return { state: "ok", said: "The token holds; whether it may write shows at the first note." };
  return {
    state: "warning",
    said: "The token holds. Without a user's address nothing is escalated, and no note is written there.",
    fix: "Set MUSTER_PAGERDUTY_FROM to the address of a user of that account.",
  };
}

async function onCallFinding(
  client: PagerDutyClient,
  { policies, schedules }: { policies: readonly string[]; schedules: readonly string[] },
  signal: AbortSignal,
): Promise<Finding> {
  const wanted = [...policies.map((id) => `escalation_policies/${id}`), ...schedules.map((id) => `schedules/${id}`)];
  for (const path of wanted) await client.rest({ path, answer: z.unknown(), signal });
  if (wanted.length > 0)
    return {
      state: "ok",
      said: `${count(wanted.length, "policy or schedule", "policies and schedules")} of it is there.`,
    };
  return { state: "ok", said: "oncall shows the whole account; MUSTER_PAGERDUTY_POLICIES names what matters." };
}
