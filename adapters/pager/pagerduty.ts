import { createHash } from "node:crypto";
import { z } from "zod";
import { clip } from "../../src/format.ts";
import type { Page, PagerPort } from "../../src/pager/port.ts";
import { createPagerDutyNotes, latestIncident } from "./notes.ts";
import type { PagerDutyClient, PagerDutyOptions } from "./pagerduty-client.ts";

/** https://developer.pagerduty.com/docs/send-alert-event */
const LONGEST_KEY = 255;
const LONGEST_SUMMARY = 1_024;
const LONGEST_DETAIL = 1_000;

/** Pages through Events API v2; escalations and notes through the REST API, where there is a token for it. */
export function createPagerDuty(
  client: PagerDutyClient,
  { apiToken, from }: Pick<PagerDutyOptions, "apiToken" | "from">,
): PagerPort {
  const writes = apiToken !== undefined && from !== undefined;

  const send = (action: "trigger" | "acknowledge" | "resolve", key: string, page: Page, signal: AbortSignal) => {
    const { summary, severity, source, component, at, details, links } = page;
    const about = {
      summary: clip(summary, LONGEST_SUMMARY),
      severity,
      source,
      timestamp: at,
      class: "disaster recovery",
      ...(component !== undefined && { component }),
      custom_details: Object.fromEntries(
        Object.entries(details).map(([name, value]) => [name, clip(value, LONGEST_DETAIL)]),
      ),
    };
    const [link] = links;
    const shown = { payload: about, links, client: "Muster", ...(link && { client_url: link.href }) };
    return client.event({ event_action: action, dedup_key: dedupKey(key), ...(action === "trigger" && shown) }, signal);
  };

  return {
    id: "pagerduty",
    name: "PagerDuty",
    // 120 events a minute are taken from one integration.
    paceMs: 500,
    page: (key, page, signal) => send("trigger", key, page, signal),
    acknowledge: (key, page, signal) => send("acknowledge", key, page, signal),
    resolve: (key, page, signal) => send("resolve", key, page, signal),
    ...(apiToken !== undefined && {
      shows: async (key: string, signal: AbortSignal) =>
        (await latestIncident(client, dedupKey(key), signal)) !== undefined,
    }),
    ...(writes && {
      async escalate(key: string, level: number, signal: AbortSignal) {
        const open = await latestIncident(client, dedupKey(key), signal);
        if (!open || open.status === "resolved") return false;
        const incident = { type: "incident_reference", escalation_level: level };
        const path = `incidents/${encodeURIComponent(open.id)}`;
        await client.rest({ path, method: "PUT", data: { incident }, answer: z.unknown(), signal });
        return true;
      },
      notes: createPagerDutyNotes(client, dedupKey),
    }),
  };
}

/** One that is too long keeps its beginning, for people, and is told apart by its hash. */
export function dedupKey(key: string): string {
  if (key.length <= LONGEST_KEY) return key;
  return `${key.slice(0, LONGEST_KEY - 65)}/${createHash("sha256").update(key).digest("hex")}`;
}
