import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createAtlassianStatuspage } from "../../adapters/status-page/atlassian.ts";
import { createSelfHostedPage } from "../../adapters/status-page/self-hosted.ts";
import { createFakeStatuspage } from "../../lab/statuspage.ts";
import { describeEvent } from "../../src/events/describe.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";
import { approver1, startMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { publicPlan } from "../helpers/public-story.ts";
import { serveFetch } from "../helpers/serve.ts";
import { createSkippingClock } from "../helpers/skipping-clock.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const plan = makePlan(
  { failover: { trigger: "region-down", steps: [makeStep("a")] } },
  { communication: publicPlan().communication! },
);
const soon = { interval: 10 };

/** A region is down, and the page has been told. */
async function told(page: StatusPagePort) {
  const clock = createSkippingClock();
  const muster = startMuster(plan, createSwitchboard(), undefined, {
    statusPages: [page],
    clock,
    leaseMs: 3_600_000,
  });
  onTestFinished(() => muster.stop());
  let looks = 0;
  const read = page.read?.bind(page);
  if (read) {
    page.read = async (...args) => {
      const found = await read(...args);
      looks += 1;
      return found;
    };
  }
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  muster.start("executor", "comms", `status-page:${page.id}`);
  await muster.verdict("east", "down");
  await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/investigating"]?.sent[page.id] !== undefined);
  const kinds = async () =>
    (await muster.core.journal.query({ limit: 500 }))
      .filter(({ kind }) => kind === "comms.contradicted" || kind === "comms.agreed")
      .map(({ kind }) => kind);
  /** Lets a minute pass and waits until the page was read back, and what it led to is done. */
  const minute = async () => {
    const before = looks;
    clock.skip(60_000);
    await expect.poll(() => looks, soon).toBeGreaterThan(before);
    // What follows from it is written in turn, before this.
    for (let turn = 0; turn < 5; turn++) await muster.journal.commit(() => []);
  };
  await expect.poll(() => looks, soon).toBe(1);
  return {
    muster,
    clock,
    minute,
    kinds,
    lines: async () => (await muster.core.journal.query({ limit: 500 })).map((one) => describeEvent(one)),
  };
}

async function statuspage() {
  const fake = createFakeStatuspage({ components: ["Question answering", "Something else"] });
  const url = await serveFetch((request) => fake.handle(request));
  const options = { pageId: fake.pageId, apiKey: fake.apiKey, requestTimeoutMs: 2_000, apiUrl: `${url}/v1`, paceMs: 1 };
  return { fake, page: createAtlassianStatuspage(options) };
}

it("says once that a component was changed by hand to what is not so, puts it right, and says when it is", async () => {
  const { fake, page } = await statuspage();
  const { muster, minute, kinds, lines } = await told(page);
  const [component] = fake.components;
  await expect.poll(() => component?.status, soon).toBe("major_outage");
  component!.status = "operational";
  await minute();
  expect(await kinds()).toEqual([]);
  await minute();
  expect(await kinds()).toEqual(["comms.contradicted"]);
  expect(await lines()).toContain(
    'The public reads on statuspage what is not so: it says "Question answering" is operational, and what is seen is major outage. Muster shows it once more what is seen; see "comms".',
  );
  const { contradictions } = await muster.core.comms.view();
  expect(contradictions).toMatchObject([{ destination: "statuspage", problems: [{ says: "operational" }] }]);
  await expect.poll(() => component?.status, soon).toBe("major_outage");
  await minute();
  expect(await kinds()).toEqual(["comms.contradicted", "comms.agreed"]);
  expect((await muster.core.comms.view()).contradictions).toEqual([]);
});

it("says nothing of what one look alone finds", async () => {
  const { fake, page } = await statuspage();
  const { minute, kinds } = await told(page);
  const [component] = fake.components;
  await expect.poll(() => component?.status, soon).toBe("major_outage");
  for (let turn = 0; turn < 3; turn++) {
    component!.status = turn % 2 === 0 ? "operational" : "major_outage";
    await minute();
  }
  expect(await kinds()).toEqual([]);
});

it("says that a service is shown as down which is fine again, also when the incident is over", async () => {
  const { fake, page } = await statuspage();
  const { muster, minute, kinds } = await told(page);
  const [component] = fake.components;
  await muster.verdict("east", "healthy");
  await muster.until(({ approvals }) => approvals["ap-1"]?.phase === "pending");
  await muster.core.approvals.deny("ap-1", "It came back.", approver1);
  await muster.until(({ openIncidentId }) => openIncidentId === undefined);
  await muster.until(({ comms }) => comms["inc-1"]?.updates["inc-1/resolved"]?.sent[page.id] !== undefined);
  // A page is looked at when nothing more is to be shown there.
  await minute();
  expect(component?.status).toBe("operational");
  component!.status = "major_outage";
  await minute();
  await minute();
  expect(await kinds()).toEqual(["comms.contradicted"]);
});

it("misses an update that somebody deleted there, and does not post it again", async () => {
  const { fake, page } = await statuspage();
  const { muster, minute } = await told(page);
  fake.incidents.length = 0;
  await minute();
  await minute();
  const { contradictions } = await muster.core.comms.view();
  expect(contradictions).toMatchObject([{ problems: [{ what: "update", updateId: "inc-1/investigating" }] }]);
  await minute();
  expect(fake.incidents).toEqual([]);
});

/** Muster's own page, which the public reads through something that stands between. */
async function behindCache() {
  const directory = mkdtempSync(join(tmpdir(), "muster-copy-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const cache = { kept: undefined as string | undefined, status: 200 };
  const url = await serveFetch((request) => {
    if (cache.status !== 200) return new Response("", { status: cache.status });
    const { pathname } = new URL(request.url);
    return new Response(cache.kept ?? readFileSync(join(directory, pathname), "utf8"));
  });
  const page = createSelfHostedPage({ directory, publicCopy: { url, requestTimeoutMs: 2_000 } });
  return { cache, page, read: () => readFileSync(join(directory, "status.json"), "utf8") };
}

it("sees that a cache goes on showing the public what was", async () => {
  const { cache, page, read } = await behindCache();
  const { muster, minute, kinds } = await told(page);
  await expect.poll(() => JSON.parse(read()).components[0].state, soon).toBe("major_outage");
  await minute();
  await minute();
  expect(await kinds()).toEqual([]);
  const old = JSON.parse(read());
  cache.kept = JSON.stringify({
    ...old,
    components: [{ ...old.components[0], state: "operational" }],
    incidents: [],
  });
  await minute();
  await minute();
  await minute();
  const { contradictions } = await muster.core.comms.view();
  expect(contradictions[0]?.problems).toEqual([
    { what: "component", name: "Question answering", says: "operational", seen: "major_outage" },
    { what: "update", updateId: "inc-1/investigating" },
  ]);
  expect(await kinds()).toEqual(["comms.contradicted"]);
  cache.kept = undefined;
  await minute();
  expect(await kinds()).toEqual(["comms.contradicted", "comms.agreed"]);
});

it("says that the public cannot read the page, or reads something else there", async () => {
  const { cache, page } = await behindCache();
  const { muster, minute } = await told(page);
  cache.status = 503;
  await minute();
  await minute();
  const away = async () => (await muster.core.comms.view()).contradictions.flatMap(({ problems }) => problems);
  expect(await away()).toEqual([{ what: "away", summary: "HTTP 503" }]);
  Object.assign(cache, { status: 200, kept: "<html>a parking page</html>" });
  await minute();
  expect(await away()).toEqual([{ what: "away", summary: "HTTP 503" }]);
});
