import { serve } from "@hono/node-server";
import { expect, it, onTestFinished } from "vitest";
import { createAtlassianStatuspage } from "../../../adapters/status-page/atlassian.ts";
import { createFakeStatuspage, type FakeStatuspage } from "../../../lab/statuspage.ts";
import type { PublicUpdate } from "../../../src/status-page/port.ts";
import { pageWith, statusPageContract } from "../../contracts/status-page.ts";

async function start(components = ["Question answering", "Something else"]) {
  const fake = createFakeStatuspage({ components });
  const listening = await new Promise<{ port: number; close(): Promise<void> }>((resolve) => {
    const server = serve({ fetch: (request) => fake.handle(request), hostname: "127.0.0.1", port: 0 }, ({ port }) =>
      resolve({ port, close: () => new Promise<void>((closed) => server.close(() => closed())) }),
    );
  });
  const apiUrl = `http://127.0.0.1:${listening.port}/v1`;
  const options = { pageId: fake.pageId, apiKey: fake.apiKey, requestTimeoutMs: 2_000, apiUrl, paceMs: 1 };
  return { fake, options, page: createAtlassianStatuspage(options), close: listening.close };
}

statusPageContract("Atlassian Statuspage", async () => {
  const { fake, page, close } = await start(["Question answering"]);
  return {
    page,
    async read() {
      return {
        incidents: fake.incidents.map(({ name, incident_updates }) => ({
          title: name,
          texts: incident_updates.map(({ body }) => body),
        })),
        components: Object.fromEntries(fake.components.map(({ name, status }) => [name, status])),
      };
    },
    fail: async () => {
      fake.failing = { status: 503 };
    },
    mend: async () => {
      fake.failing = undefined;
    },
    stop: close,
  };
});

const signal = new AbortController().signal;
const update: PublicUpdate = {
  stage: "investigating",
  title: "Disruption of Question answering",
  text: "Requests have been failing.",
  at: "2026-05-04T02:13:50.000Z",
  startedAt: "2026-05-04T02:13:40.000Z",
};
const context = { marker: "shop/inc-1/investigating", page: pageWith([update]), signal };

async function started(): Promise<Awaited<ReturnType<typeof start>> & { fake: FakeStatuspage }> {
  const all = await start();
  onTestFinished(all.close);
  return all;
}

it("says how bad it is with the update itself, and leaves other components alone", async () => {
  const { fake, page } = await started();
  await page.post(update, context);
  expect(fake.incidents[0]).toMatchObject({ status: "investigating", impact: "critical" });
  expect(fake.components.map(({ status }) => status)).toEqual(["major_outage", "operational"]);
  const resolved = { ...update, stage: "resolved" as const, text: "It is over." };
  const over = { ...context, marker: "shop/inc-1/resolved", page: pageWith([update, resolved], "operational") };
  await page.post(resolved, { ...over, incident: fake.incidents[0]!.id });
  // What it was stays what it was, also after its end.
  expect(fake.incidents[0]).toMatchObject({ status: "resolved", impact: "critical" });
});

it("remembers how bad it was, when it is less bad and when it is over", async () => {
  const { fake, page } = await started();
  const incident = await page.post(update, context);
  const better = { ...update, stage: "degraded" as const, text: "It answers again." };
  const slower = pageWith([update, better], "degraded_performance");
  await page.post(better, { ...context, marker: "shop/inc-1/degraded", page: slower, incident });
  expect(fake.incidents[0]?.impact).toBe("critical");
  expect(fake.components[0]?.status).toBe("degraded_performance");
  const worse = await started();
  const first = { ...context, page: pageWith([update], "partial_outage") };
  const other = await worse.page.post(update, first);
  expect(worse.fake.incidents[0]?.impact).toBe("major");
  await worse.page.post(update, { ...context, marker: "shop/inc-1/identified", incident: other });
  expect(worse.fake.incidents[0]?.impact).toBe("critical");
});

it("says when an update was decided on that is posted late", async () => {
  const { fake, page } = await started();
  await page.post(update, { ...context, page: { ...pageWith([update]), at: "2026-05-04T02:15:49.000Z" } });
  expect(fake.incidents[0]?.incident_updates[0]?.body).toBe(update.text);
  const late = { ...pageWith([update]), at: "2026-05-04T02:31:00.000Z" };
  await page.post(update, { ...context, marker: "shop/inc-2/investigating", page: late });
  expect(fake.incidents[1]?.incident_updates[0]?.body).toBe(`${update.text} (As of 2026-05-04 02:13 UTC.)`);
});

it.each([
  [420, undefined, 60_000],
  [429, "7", 7_000],
  [429, "soon", 60_000],
  [429, "86400", 3_600_000],
])("waits as long as it is asked to: %i, %s", async (status, retryAfter, retryAfterMs) => {
  const { fake, page } = await started();
  fake.failing = { status, ...(retryAfter !== undefined && { retryAfter }) };
  await expect(page.post(update, context)).rejects.toMatchObject({ code: "vendor-throttled", retryAfterMs });
  expect(fake.requests).toHaveLength(1);
});

it.each([
  [401, "vendor-rejected", "MUSTER_STATUSPAGE_API_KEY"],
  [404, "vendor-rejected", "MUSTER_STATUSPAGE_PAGE_ID"],
  [422, "bad-input", "report"],
])("is not asked again what it refuses: %i", async (status, code, hint) => {
  const { fake, page } = await started();
  fake.failing = { status };
  const refused = { code, retryable: false, hint: expect.stringContaining(hint) };
  await expect(page.post(update, context)).rejects.toMatchObject(refused);
});

it("does not show its key when it is refused", async () => {
  const { options } = await started();
  const page = createAtlassianStatuspage({ ...options, apiKey: "a-wrong-key" });
  const error = await page.post(update, context).catch((reason: Error) => reason);
  expect(JSON.stringify(error)).not.toContain("a-wrong-key");
  expect(String(error)).not.toContain("a-wrong-key");
});

it("asks once a second at most: the real one refuses more", async () => {
  const { fake, options } = await started();
  let now = 0;
  Object.assign(fake, { minIntervalMs: 1_000, now: () => now });
  const sleep = async (ms: number) => {
    now += ms;
  };
  const { paceMs: _, ...others } = options;
  const page = createAtlassianStatuspage({ ...others, sleep });
  const incident = await page.post(update, context);
  now += page.paceMs;
  await page.post({ ...update, stage: "identified" }, { ...context, marker: "shop/inc-1/identified", incident });
  now += page.paceMs;
  await page.show(pageWith([update], "operational"), signal);
  expect(fake.incidents[0]?.incident_updates).toHaveLength(2);
  // Without the pause between its requests it would be refused, so the check above can fail.
  now += page.paceMs;
  const hasty = createAtlassianStatuspage({ ...others, sleep: async () => {} });
  await expect(hasty.post(update, context)).rejects.toMatchObject({ code: "vendor-throttled" });
});

it("says which component is missing there, after it has shown the others", async () => {
  const { fake, page } = await started();
  const shown = pageWith([update]);
  shown.components.push({ id: "console", name: "Console", state: "operational" });
  await expect(page.show(shown, signal)).rejects.toMatchObject({
    code: "vendor-rejected",
    summary: 'Statuspage has no component "Console".',
  });
  expect(fake.components[0]?.status).toBe("major_outage");
  await page.post(update, { ...context, page: shown });
  expect(fake.incidents).toHaveLength(1);
});

it("finds a component behind the first hundred, which is all that one answer holds", async () => {
  const others = Array.from({ length: 205 }, (_, index) => `Something else ${index + 1}`);
  const { fake, page, close } = await start([...others, "Question answering"]);
  onTestFinished(close);
  const { signal } = new AbortController();
  await page.show(pageWith([]), signal);
  expect(fake.components.at(-1)).toMatchObject({ name: "Question answering", status: "major_outage" });
  const read = await page.read?.([], signal);
  expect(Object.keys(read?.state === "read" ? read.components : {})).toHaveLength(206);
});
