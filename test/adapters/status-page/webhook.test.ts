import { createHmac, timingSafeEqual } from "node:crypto";
import { serve } from "@hono/node-server";
import { expect, it, onTestFinished } from "vitest";
import { createWebhookPage } from "../../../adapters/status-page/webhook.ts";
import type { PublicUpdate } from "../../../src/status-page/port.ts";
import { pageWith } from "../../contracts/status-page.ts";

const SECRET = "a-secret-of-both-sides";
const AT = Date.parse("2026-05-04T02:13:51.500Z");

/** The other side: verifies the signature over the raw body, and takes each delivery once. */
async function receiver() {
  const seen = new Map<string, { type: string; incident?: { id: string; text: string } }>();
  const state = { answer: 204, retryAfter: undefined as string | undefined, requests: 0 };
  const handle = async (request: Request): Promise<Response> => {
    state.requests += 1;
    const { answer, retryAfter } = state;
    if (answer !== 204)
      return new Response("", { status: answer, headers: retryAfter ? { "retry-after": retryAfter } : {} });
    const body = await request.text();
    const [, seconds = "", mac = ""] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers.get("muster-signature") ?? "") ?? [];
    const known = createHmac("sha256", SECRET).update(`${seconds}.${body}`).digest();
    if (mac === "" || !timingSafeEqual(known, Buffer.from(mac, "hex"))) return new Response("", { status: 401 });
    if (Math.abs(Number(seconds) * 1_000 - AT) > 300_000) return new Response("", { status: 401 });
    const delivery = request.headers.get("muster-delivery") ?? "";
    if (!seen.has(delivery)) seen.set(delivery, JSON.parse(body));
    return new Response(null, { status: 204 });
  };
  const { port, server } = await new Promise<{ port: number; server: ReturnType<typeof serve> }>((resolve) => {
    const listening = serve({ fetch: handle, hostname: "127.0.0.1", port: 0 }, (at) =>
      resolve({ port: at.port, server: listening }),
    );
  });
  onTestFinished(() => new Promise<void>((closed) => server.close(() => closed())));
  const options = { url: `http://127.0.0.1:${port}/hook`, secret: SECRET, requestTimeoutMs: 2_000, now: () => AT };
  return { seen, state, options, page: createWebhookPage(options) };
}

const signal = new AbortController().signal;
const update: PublicUpdate = {
  stage: "investigating",
  title: "Disruption of Question answering",
  text: "Requests have been failing — ümläut.",
  at: "2026-05-04T02:13:50.000Z",
  startedAt: "2026-05-04T02:13:40.000Z",
};
const context = { marker: "shop/inc-1/investigating", page: pageWith([update]), signal };

it("sends each update signed, under a name by which a repeat is known", async () => {
  const { seen, state, page } = await receiver();
  const incident = await page.post(update, context);
  // After a crash nobody can ask whether it arrived, so it is sent again.
  expect(await page.find("shop/inc-1/investigating", { incident, signal })).toBeUndefined();
  expect(await page.post(update, { ...context, incident })).toBe(incident);
  expect(state.requests).toBe(2);
  expect([...seen.values()]).toMatchObject([{ type: "status.update", incident: { id: incident, text: update.text } }]);
  await page.show(pageWith([update], "operational"), signal);
  expect([...seen.values()].at(-1)).toMatchObject({ type: "status.page", page: { state: "operational" } });
});

it("is turned away with another secret, or with an old signature", async () => {
  const { options } = await receiver();
  for (const wrong of [{ secret: "another-secret" }, { now: () => AT - 3_600_000 }]) {
    const refused = { code: "vendor-rejected", hint: expect.stringContaining("MUSTER_STATUS_WEBHOOK_SECRET") };
    await expect(createWebhookPage({ ...options, ...wrong }).post(update, context)).rejects.toMatchObject(refused);
  }
});

it.each([
  [503, { code: "vendor-unavailable", retryable: true }],
  [429, { code: "vendor-throttled", retryAfterMs: 7_000 }],
  [410, { code: "vendor-rejected", retryable: false }],
])("says what an answer means: %i", async (answer, expected) => {
  const { state, page } = await receiver();
  Object.assign(state, { answer, retryAfter: "7" });
  await expect(page.post(update, context)).rejects.toMatchObject(expected);
});
