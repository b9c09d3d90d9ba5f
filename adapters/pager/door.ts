import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { AppError } from "../../src/errors.ts";
import { own } from "../../src/own.ts";
import type { PagerInbound } from "../../src/pager/inbound.ts";

export const DOOR_PATH = "/pagerduty/webhook";
/** PagerDuty waits for five. */
const ANSWER_WITHIN_MS = 4_000;
const MOST_SIGNATURES = 10;

const Reference = z.object({ id: z.string().max(100), type: z.string(), html_url: z.string().nullish() });
/** https://developer.pagerduty.com/docs/webhooks-overview: what of it is read. */
const Delivery = z.object({
  event: z.object({
    id: z.string().min(1).max(100),
    event_type: z.string(),
    occurred_at: z.iso.datetime({ offset: true }),
    agent: Reference.nullish(),
    data: z.object({
      id: z.string().max(100).optional(),
      incident_key: z.string().max(255).nullish(),
      content: z.string().nullish(),
      html_url: z.string().nullish(),
      incident: Reference.nullish(),
    }),
  }),
});

const KINDS: Record<string, PagerInbound["do"]> = {
  "incident.acknowledged": "acknowledged",
  "incident.resolved": "resolved",
  "incident.annotated": "noted",
};

interface DoorOptions {
  secret: string;
  handle(inbound: PagerInbound, signal: AbortSignal): Promise<void>;
}

/** The address that PagerDuty calls when somebody does something there. What it does not need to hear it is thanked for. */
export function createPagerDutyDoor({ secret, handle }: DoorOptions) {
  return {
    path: DOOR_PATH,
    async handle(request: Request): Promise<Response> {
      const body = await request.text();
      if (!isFromPagerDuty(request.headers.get("x-pagerduty-signature") ?? "", body, secret)) throw notFromPagerDuty();
      const inbound = inboundOf(body);
      if (!inbound) return new Response(null, { status: 202 });
      try {
        await handle(inbound, AbortSignal.timeout(ANSWER_WITHIN_MS));
        return new Response(null, { status: 202 });
      } catch (error) {
        // It comes again: better later than never.
        if (error instanceof AppError && error.retryable) return new Response(null, { status: 503 });
        throw error;
      }
    },
  };
}

/**
 * Does one of the signatures hold? While a secret is being changed there are several.
 * https://developer.pagerduty.com/docs/verifying-webhook-signatures
 */
export function isFromPagerDuty(header: string, body: string, secret: string): boolean {
  const wanted = Buffer.from(`v1=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = header.split(",").slice(0, MOST_SIGNATURES);
  return given.some((one) => {
    const signature = Buffer.from(one.trim());
    return signature.length === wanted.length && timingSafeEqual(signature, wanted);
  });
}

function inboundOf(body: string): PagerInbound | undefined {
  const parsed = Delivery.safeParse(readJson(body));
  if (!parsed.success) throw notADelivery();
  const { id, event_type: kind, occurred_at: happenedAt, agent, data } = parsed.data.event;
  const what = own(KINDS, kind);
  // What Muster itself did there needs no telling; only a user is a person.
  if (!what || !agent?.type.startsWith("user")) return undefined;
  const remoteId = what === "noted" ? data.incident?.id : data.id;
  if (remoteId === undefined) return undefined;
  const base = { eventId: id, do: what, happenedAt, remoteId, account: agent.id };
  if (what === "noted") {
    if (data.id === undefined || !data.content) return undefined;
    const permalink = data.incident?.html_url;
    return { ...base, note: { id: data.id, text: data.content, ...(permalink && { permalink }) } };
  }
  return { ...base, ...(data.incident_key && { key: data.incident_key }) };
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function notFromPagerDuty(): AppError {
  return new AppError({
    code: "not-authenticated",
    summary: "This request does not carry PagerDuty's signature.",
    hint: "Set MUSTER_PAGERDUTY_WEBHOOK_SECRET to the secret that was shown when the webhook was made.",
  });
}

function notADelivery(): AppError {
  return new AppError({
    code: "bad-input",
    summary: "The body is not what PagerDuty's webhooks (v3) send.",
    hint: "Make a generic webhook (v3) in PagerDuty; older versions are not understood.",
  });
}
