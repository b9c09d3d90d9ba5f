import type { StatusPagePort } from "../../src/status-page/port.ts";
import { createSignedPost } from "../webhook/signed-post.ts";

export interface WebhookOptions {
  url: string;
  secret: string;
  requestTimeoutMs: number;
  /** Milliseconds since 1970. */
  now?(): number;
}

/** A page elsewhere that has no adapter: told each update, and whenever what the page shows has changed. */
export function createWebhookPage(options: WebhookOptions): StatusPagePort {
  const send = createSignedPost({
    ...options,
    what: "The webhook",
    urlFrom: "MUSTER_STATUS_WEBHOOK_URL",
    secretFrom: "MUSTER_STATUS_WEBHOOK_SECRET",
  });
  return {
    id: "webhook",
    name: "Webhook",
    paceMs: 200,
    async post(update, { marker, incident, page, signal }) {
      const own = page.incidents.find(({ startedAt }) => startedAt === update.startedAt);
      const id = incident ?? own?.id ?? update.startedAt;
      await send(marker, { type: "status.update", incident: { ...update, id }, page }, signal);
      return id;
    },
    find: async () => undefined,
    async show(page, signal) {
      await send(`page/${page.at}`, { type: "status.page", page }, signal);
    },
  };
}
