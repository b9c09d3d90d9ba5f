import { describe, expect, it } from "vitest";
import type { PublicPage } from "../../src/status-page/views.ts";
import { createFakeCore } from "../helpers/core.ts";
import { publicPlan } from "../helpers/public-story.ts";
import { startHttp } from "./server.ts";

const DESTINATION = { destination: "page" };

/** An incident of which one update stands on the page and another waits for a person. */
function told() {
  const core = createFakeCore();
  core.plan = { ...core.plan, communication: publicPlan().communication! };
  core.emit("incident.opened", {
    incidentId: "incident-1",
    title: "genai-api is down in us-east-1",
    region: "us-east-1",
    severity: "sev1",
    openedBy: "signal",
    startedAt: "2026-05-04T02:13:40.000Z",
  });
  const base = { incidentId: "incident-1", round: 1, title: "Disruption of Question answering", services: ["api"] };
  const first = { ...base, updateId: "incident-1/investigating", stage: "investigating" as const };
  core.emit("comms.due", { ...first, publish: "automatic", because: "time", text: "Requests fail <now> & here." });
  core.emit("comms.sent", { incidentId: "incident-1", updateId: first.updateId, ...DESTINATION });
  const second = { ...base, updateId: "incident-1/identified", stage: "identified" as const };
  core.emit("comms.due", { ...second, publish: "ask", because: "time", text: "Nobody has said yet that this may go." });
  core.emit("verdict.changed", {
    region: "us-east-1",
    from: "healthy",
    to: "down",
    since: "2026-05-04T02:13:40.000Z",
    evidence: [],
  });
  return core;
}

describe("the status page", () => {
  it("is there for everybody, without a script, with what was posted and nothing else", async () => {
    const { send } = startHttp(told(), { openSignIn: false });
    for (const path of ["/status", "/status/", "/status/index.html"]) {
      const response = await send(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toContain("text/html");
      const html = await response.text();
      expect(html).toContain("Requests fail &lt;now&gt; &amp; here.");
      expect(html).not.toContain("Nobody has said");
      for (const inside of ["us-east-1", "incident-1", "genai-api is down", "<script"])
        expect(html).not.toContain(inside);
    }
    expect((await send("/api/v1/state")).status).toBe(401);
  });

  it("has everything that it leads to", async () => {
    const { send } = startHttp(told());
    const html = await (await send("/status")).text();
    const named = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, to]) => to ?? "");
    const links = named.filter((to) => !to.startsWith("data:"));
    expect(new Set(links)).toEqual(new Set(["/status/status.css", "/status/atom.xml", "/status/status.json"]));
    for (const link of links) expect((await send(link)).status).toBe(200);
    const page = (await (await send("/status/status.json")).json()) as PublicPage;
    expect(page).toMatchObject({ title: "GenAI API", state: "major_outage" });
    expect(page.incidents[0]?.updates.map(({ text }) => text)).toEqual(["Requests fail <now> & here."]);
    const atom = await send("/status/atom.xml");
    expect(atom.headers.get("content-type")).toContain("application/atom+xml");
    expect(await atom.text()).toContain("Investigating: Disruption of Question answering");
  });

  it("shows by its icon how things are, which its own policy lets a browser show", async () => {
    const response = await startHttp(told()).send("/status");
    const icon = /<link rel="icon" href="data:image\/svg\+xml,([^"]*)">/.exec(await response.text())?.[1] ?? "";
    expect(decodeURIComponent(icon)).toContain('fill="#d73a3a"');
    expect(response.headers.get("content-security-policy")).toMatch(/img-src [^;]*data:/);
  });

  it("shows what was known last while the store does not answer", async () => {
    const core = told();
    const error = { code: "store-unavailable", summary: "away", hint: "", retryable: true } as const;
    core.storeStatus = { state: "unavailable", error, since: "2026-05-04T02:14:00.000Z" } as never;
    const { send } = startHttp(core);
    expect(await (await send("/status")).text()).toContain("Requests fail");
  });

  it("is not there where the plan publishes nothing, and says what to do", async () => {
    const { send } = startHttp(createFakeCore());
    const response = await send("/status");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not-found", hint: expect.stringContaining("communication") });
  });

  it("is called by a name that this server is known by", async () => {
    const { app } = startHttp(told());
    expect((await app.request("http://stranger.example/status")).status).toBe(403);
  });
});
