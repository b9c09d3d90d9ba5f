import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { listenWith, readBody } from "../http.ts";
import { type MailSink, startMailSink } from "../mail/sink.ts";
import { createFakeStatuspage, type FakeStatuspage } from "../statuspage.ts";
import { secret } from "../world/new-world.ts";

/** What a webhook took, each delivery once. */
export interface TakenDelivery {
  at: string;
  delivery: string;
  type: string;
  content: Record<string, unknown>;
}

export interface Outside {
  statuspage: FakeStatuspage;
  webhook: TakenDelivery[];
  mail: MailSink;
  /** What a Muster server must be given to tell them. */
  environment: Record<string, string>;
  /** What each took, in its order, a line for each. */
  log(): string[];
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;
const NEAR_MS = 300_000;
const STAKEHOLDERS = ["support@example.org", "leadership@example.org"];

/**
 * Those whom Muster tells beside its own page, on loopback: a Statuspage, an address that takes webhooks and a mail
 * server. They keep state and refuse what the real ones refuse. `components` as the plan's public names.
 */
export async function startOutside(components: string[]): Promise<Outside> {
  const statuspage = createFakeStatuspage({ components });
  // As the real one does, which is why Muster asks it no faster.
  statuspage.minIntervalMs = 1_000;
  const webhook: TakenDelivery[] = [];
  const key = secret();
  const pages = await listenWith(
    answering((request) => statuspage.handle(request)),
    0,
    "Statuspage",
  );
  const hooks = await listenWith(
    answering((request) => takeWebhook(webhook, key, request)),
    0,
    "webhook",
  );
  const mail = await startMailSink();
  return {
    statuspage,
    webhook,
    mail,
    environment: {
      MUSTER_STATUSPAGE_PAGE_ID: statuspage.pageId,
      MUSTER_STATUSPAGE_API_KEY: statuspage.apiKey,
      MUSTER_STATUSPAGE_API_URL: `http://127.0.0.1:${pages.port}/v1`,
      MUSTER_STATUS_WEBHOOK_URL: `http://127.0.0.1:${hooks.port}/status`,
      MUSTER_STATUS_WEBHOOK_SECRET: key,
      MUSTER_SMTP_URL: mail.url,
      MUSTER_MAIL_FROM: "GenAI API status <status@example.org>",
      MUSTER_SECRET_STAKEHOLDERS: STAKEHOLDERS.join(","),
    },
    log: () => [
      ...statuspage.incidents.flatMap(({ incident_updates }) =>
        incident_updates.map(({ status, body }) => `Statuspage, ${status}: ${body}`),
      ),
      ...webhook.map(({ at, delivery, type }) => `Webhook at ${at.slice(11, 19)} UTC, ${type}: ${delivery}`),
      ...mail.mails.map(
        ({ recipients, parsed }) => `Mail to ${recipients.length}, ${parsed.messageId}: ${parsed.subject}`,
      ),
    ],
    async close() {
      await Promise.all([closed(pages.server), closed(hooks.server), mail.close()]);
    },
  };
}

/** Verifies over the raw body, and takes each delivery once: what docs/communication.md asks of the other side. */
async function takeWebhook(taken: TakenDelivery[], key: string, request: Request): Promise<Response> {
  const body = await request.text();
  const [, seconds = "", mac = ""] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers.get("muster-signature") ?? "") ?? [];
  const own = createHmac("sha256", key).update(`${seconds}.${body}`).digest();
  if (mac === "" || !timingSafeEqual(own, Buffer.from(mac, "hex"))) return new Response("", { status: 401 });
  const now = Date.now();
  if (Math.abs(now - Number(seconds) * 1_000) > NEAR_MS) return new Response("", { status: 401 });
  const delivery = request.headers.get("muster-delivery") ?? "";
  const content = JSON.parse(body) as Record<string, unknown>;
  if (!taken.some((one) => one.delivery === delivery))
    taken.push({ at: new Date(now).toISOString(), delivery, type: String(content.type), content });
  return new Response(null, { status: 204 });
}

/** Node's form of a request in the web's. */
function answering(handle: (request: Request) => Promise<Response>): RequestListener {
  return (req, res) => {
    asRequest(req)
      .then(handle)
      .then(async (response) => {
        const body = Buffer.from(await response.arrayBuffer());
        res.writeHead(response.status, Object.fromEntries(response.headers)).end(body);
      })
      .catch(() => res.destroy());
  };
}

async function asRequest(req: IncomingMessage): Promise<Request> {
  const body = await readBody(req, MAX_BODY_BYTES);
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) if (typeof value === "string") headers.set(name, value);
  const { method = "GET" } = req;
  return new Request(`http://lab${req.url}`, {
    method,
    headers,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
