import { createHmac, timingSafeEqual } from "node:crypto";
import { serveFetch } from "./serve.ts";

export interface WebhookReceiver {
  url: string;
  /** What was taken, each delivery once, by its name. */
  seen: Map<string, Record<string, unknown>>;
  requests: number;
  /** Answered instead of taking anything; `hang` answers never. */
  answer: number | "hang" | undefined;
  retryAfter: string | undefined;
}

const NEAR_MS = 300_000;

/** The other side of a webhook as its documentation says: verifies over the raw body, takes each delivery once. */
export async function startWebhookReceiver(secret: string, now: () => number = Date.now): Promise<WebhookReceiver> {
  const receiver: WebhookReceiver = { url: "", seen: new Map(), requests: 0, answer: undefined, retryAfter: undefined };
  receiver.url = `${await serveFetch(async (request) => {
    receiver.requests += 1;
    const { answer, retryAfter } = receiver;
    if (answer === "hang") return await new Promise<Response>(() => {});
    if (answer !== undefined)
      return new Response("", {
        status: answer,
        headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
      });
    const body = await request.text();
    const [, seconds = "", mac = ""] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers.get("muster-signature") ?? "") ?? [];
    const known = createHmac("sha256", secret).update(`${seconds}.${body}`).digest();
    if (mac === "" || !timingSafeEqual(known, Buffer.from(mac, "hex"))) return new Response("", { status: 401 });
    if (Math.abs(Number(seconds) * 1_000 - now()) > NEAR_MS) return new Response("", { status: 401 });
    const delivery = request.headers.get("muster-delivery") ?? "";
    if (!receiver.seen.has(delivery)) receiver.seen.set(delivery, JSON.parse(body) as Record<string, unknown>);
    return new Response(null, { status: 204 });
  })}/hook`;
  return receiver;
}
