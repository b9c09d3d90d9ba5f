import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { expect, it, onTestFinished } from "vitest";
import { statusPageChecks } from "../../../adapters/status-page/checks.ts";
import { createFakeStatuspage } from "../../../lab/statuspage.ts";
import { runChecks } from "../../../src/doctor/check.ts";
import { publicPlan } from "../../helpers/public-story.ts";
import { serveFetch } from "../../helpers/serve.ts";

const base = { requestTimeoutMs: 1_000, secret: () => undefined };

async function statuspage(components: string[]) {
  const fake = createFakeStatuspage({ components });
  const { port, server } = await new Promise<{ port: number; server: ReturnType<typeof serve> }>((resolve) => {
    const listening = serve({ fetch: (request) => fake.handle(request), hostname: "127.0.0.1", port: 0 }, (at) =>
      resolve({ port: at.port, server: listening }),
    );
  });
  onTestFinished(() => new Promise<void>((closed) => server.close(() => closed())));
  return { fake, config: { pageId: fake.pageId, apiKey: fake.apiKey, apiUrl: `http://127.0.0.1:${port}/v1` } };
}

it("says where the page is, and that it should be somewhere else as well", async () => {
  const [alone] = await runChecks(statusPageChecks(base, publicPlan()));
  expect(alone).toMatchObject({ state: "warning", fix: expect.stringContaining("MUSTER_STATUS_PAGE") });
  const directory = mkdtempSync(join(tmpdir(), "muster-page-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const written = { ...base, statusPageDirectory: directory };
  expect(await runChecks(statusPageChecks(written, publicPlan()))).toMatchObject([{ state: "ok" }]);
  const file = join(directory, "file");
  writeFileSync(file, "");
  const under = { ...base, statusPageDirectory: join(file, "page") };
  expect(await runChecks(statusPageChecks(under, publicPlan()))).toMatchObject([{ state: "failed" }]);
});

it("says so when the plan wants a model's words and none is configured", async () => {
  const plan = publicPlan({ wording: "model" });
  const [, found] = await runChecks(statusPageChecks(base, plan));
  expect(found).toMatchObject({ name: "wording", state: "warning", fix: expect.stringContaining("MUSTER_MODELS") });
  expect(await runChecks(statusPageChecks({ ...base, modelsPath: "models.yaml" }, plan))).toHaveLength(1);
});

it("asks Statuspage for its components, and changes nothing there", async () => {
  const good = await statuspage(["Question answering"]);
  const [, found] = await runChecks(statusPageChecks({ ...base, statuspage: good.config }, publicPlan()));
  expect(found).toMatchObject({ name: "Statuspage", state: "ok" });
  expect(good.fake.requests).toEqual([`GET /v1/pages/${good.fake.pageId}/components`]);
  const other = await statuspage(["Something else"]);
  const [, missing] = await runChecks(statusPageChecks({ ...base, statuspage: other.config }, publicPlan()));
  expect(missing).toMatchObject({ state: "failed", said: 'It has no component "Question answering".' });
  const wrong = { ...good.config, apiKey: "another-key" };
  const [, refused] = await runChecks(statusPageChecks({ ...base, statuspage: wrong }, publicPlan()));
  expect(refused).toMatchObject({ state: "failed", fix: expect.stringContaining("MUSTER_STATUSPAGE_API_KEY") });
});

it("reads the page where the public reads it", async () => {
  let answer = () => Response.json({ components: [{ name: "API", state: "operational" }], incidents: [] });
  const url = await serveFetch((request) =>
    new URL(request.url).pathname === "/page/status.json" ? answer() : new Response("", { status: 404 }),
  );
  const of = async (statusPageUrl: string) =>
    (await runChecks(statusPageChecks({ ...base, statusPageUrl }, publicPlan())))[1];
  expect(await of(`${url}/page/`)).toMatchObject({ name: "public", state: "ok" });
  expect(await of(url)).toMatchObject({ state: "failed", said: expect.stringContaining("HTTP 404") });
  answer = () => new Response("<html>parked</html>");
  expect(await of(`${url}/page`)).toMatchObject({ state: "failed", fix: expect.stringContaining("STATUS_PAGE_URL") });
});

it("has nothing to look at where the plan publishes nothing", async () => {
  expect(await runChecks(statusPageChecks(base, {}))).toMatchObject([{ state: "off" }]);
});
