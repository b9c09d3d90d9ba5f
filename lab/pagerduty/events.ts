import { randomUUID } from "node:crypto";
import { z } from "zod";
import { parsed } from "./parsed.ts";
import type { FakePageIncident, FakePagerDuty } from "./state.ts";
import { tell } from "./webhook.ts";

const Link = z.strictObject({ href: z.url(), text: z.string().optional() });
const Payload = z.strictObject({
  summary: z.string().min(1).max(1_024),
  source: z.string().min(1),
  severity: z.enum(["critical", "error", "warning", "info"]),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  component: z.string().optional(),
  group: z.string().optional(),
  class: z.string().optional(),
  custom_details: z.record(z.string(), z.unknown()).optional(),
});
const Key = z.string().min(1).max(255);
const Common = { routing_key: z.string(), client: z.string().optional(), client_url: z.url().optional() };
const Event = z.discriminatedUnion("event_action", [
  z.strictObject({
    ...Common,
    event_action: z.literal("trigger"),
    dedup_key: Key.optional(),
    payload: Payload,
    links: z.array(Link).optional(),
  }),
  z.strictObject({
    ...Common,
    event_action: z.enum(["acknowledge", "resolve"]),
    dedup_key: Key,
    payload: Payload.partial().optional(),
  }),
]);
/** https://developer.pagerduty.com/docs/events-api-v2-overview: 512 KB. */
const LARGEST_EVENT_BYTES = 512 * 1024;

/** Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview */
export async function acceptEvent(pagerduty: FakePagerDuty, text: string, now: () => number): Promise<Response> {
  if (Buffer.byteLength(text) > LARGEST_EVENT_BYTES) return invalid(["Payload is too large"]);
  const event = Event.safeParse(parsed(text));
  if (!event.success) return invalid(event.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`));
  const { event_action: action, routing_key: key, dedup_key: dedup = randomUUID() } = event.data;
  pagerduty.requests.push(`${action} ${dedup}`);
  if (key !== pagerduty.routingKey) return invalid(["Invalid routing key"]);
  if (!pagerduty.lying) {
    const open = pagerduty.incidents.find((one) => one.key === dedup && one.status !== "resolved");
    if (event.data.event_action === "trigger") trigger(pagerduty, dedup, event.data, open, now);
    else if (open && (action === "resolve" || open.status === "triggered")) {
      open.status = action === "resolve" ? "resolved" : "acknowledged";
      const kind = action === "resolve" ? "incident.resolved" : "incident.acknowledged";
      void tell(pagerduty, kind, open, undefined, now);
    }
  }
  await pagerduty.beforeAnswer?.(`${action} ${dedup}`);
  return Response.json({ status: "success", message: "Event processed", dedup_key: dedup }, { status: 202 });
}

type Trigger = Extract<z.infer<typeof Event>, { event_action: "trigger" }>;

/** The same trouble again is a line in the log of its incident; people are woken by the first one. */
function trigger(
  pagerduty: FakePagerDuty,
  key: string,
  { payload, links = [] }: Trigger,
  open: FakePageIncident | undefined,
  now: () => number,
): void {
  if (open) return;
  const number = pagerduty.incidents.length + 1;
  const incident: FakePageIncident = {
    id: `PINC${String(number).padStart(3, "0")}`,
    number,
    key,
    title: payload.summary,
    status: "triggered",
    severity: payload.severity,
    level: 1,
    details: payload.custom_details ?? {},
    links,
    notes: [],
  };
  pagerduty.incidents.push(incident);
  pagerduty.notified.push({ at: now(), level: 1, title: incident.title, key });
  void tell(pagerduty, "incident.triggered", incident, undefined, now);
}

function invalid(errors: string[]): Response {
  return Response.json({ status: "invalid event", message: "Event object is invalid", errors }, { status: 400 });
}
