import { createHmac } from "node:crypto";
import type { Stage } from "../../src/comms/events.ts";
import { AppError, type AppErrorOptions } from "../../src/errors.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";

export interface WebhookOptions {
  /** Under which the journal names it. */
  id?: string;
  name?: string;
  stages?: readonly Stage[];
  url: string;
  secret: string;
  requestTimeoutMs: number;
  /** Milliseconds since 1970. */
  now?(): number;
}

/**
 * Sends each update to an address, signed, for pages and channels that have no adapter. What was sent without an answer
 * cannot be asked for: it is sent again under the same Muster-Delivery, by which the other side knows it.
 */
export function createWebhookPage(options: WebhookOptions): StatusPagePort {
  const { id = "webhook", name = "Webhook", stages, url, secret, requestTimeoutMs, now = Date.now } = options;

  async function send(delivery: string, content: object, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(content);
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "muster-delivery": delivery,
        "muster-signature": signatureOf(body, secret, Math.floor(now() / 1_000)),
      },
      body,
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
    }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new AppError({ ...away("no connection, or no answer in time"), cause: error });
    });
    await response.body?.cancel();
    if (!response.ok) throw refusal(response);
  }

  return {
    id,
    name,
    paceMs: 200,
    ...(stages && { stages }),
    async post(update, { marker, incident, page, signal }) {
      const own = page.incidents.find(({ startedAt }) => startedAt === update.startedAt);
      const incidentId = incident ?? own?.id ?? update.startedAt;
      await send(marker, { type: "status.update", incident: { ...update, id: incidentId }, page }, signal);
      return incidentId;
    },
    find: async () => undefined,
    async show(page, signal) {
      // Whoever chose some updates did not ask for what changes between them.
      if (stages === undefined) await send(`page/${page.at}`, { type: "status.page", page }, signal);
    },
  };
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>`, so that an old delivery cannot be sent anew. */
export function signatureOf(body: string, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

function refusal(response: Response): AppError {
  const { status } = response;
  if (status === 429) {
    const seconds = Number(response.headers.get("retry-after"));
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 60_000;
    const summary = `The webhook asks to wait ${retryAfterMs / 1_000} s.`;
    return new AppError({ code: "vendor-throttled", summary, retryable: true, retryAfterMs });
  }
  if (status >= 500 || status === 408) return new AppError(away(`HTTP ${status}`));
  return new AppError({
    code: "vendor-rejected",
    summary: `The webhook refuses the update (HTTP ${status}).`,
    hint: "Check MUSTER_STATUS_WEBHOOK_URL, and that both sides have the same MUSTER_STATUS_WEBHOOK_SECRET.",
  });
}

function away(why: string): AppErrorOptions {
  return {
    code: "vendor-unavailable",
    summary: `The webhook cannot be reached (${why}).`,
    hint: "Look at the system behind MUSTER_STATUS_WEBHOOK_URL; it goes on being tried.",
    retryable: true,
  };
}
