import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AskResult } from "../../src/assistant/ask.ts";
import { nowIso } from "../../src/commands/run-view.ts";
import { html } from "../../src/html.ts";
import { type FakeCore, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "./server.ts";

const pageFor = async (core: FakeCore, principal?: string) => {
  const { browser, send } = startHttp(core);
  return (await (principal ? (await browser(principal)).get("/") : send("/"))).text();
};

describe("the page", () => {
  it("can be read without script: the situation, the channel, the cards", async () => {
    const page = await pageFor(await scenes.pending());
    for (const words of [
      "api is NOT available",
      "us-east-1",
      "100 % of traffic",
      "Approve? Failover us-east-1 → eu-central",
      "at most 1.2 s",
      "connect refused",
    ]) {
      expect(page).toContain(words);
    }
    expect(page).not.toContain("<script>");
    expect(page).not.toMatch(/ on[a-z]+="/);
    expect(page).not.toContain(" style=");
  });

  it("says beside the channel that Muster itself is late, as long as it is", async () => {
    const core = await scenes.calm();
    const words = 'id="observer">Muster itself (';
    expect(await pageFor(core)).not.toContain(words);
    core.emit("observer.late", { lateMs: 2_300, since: nowIso(core) });
    expect(await pageFor(core)).toContain(words);
    core.emit("observer.punctual", { since: nowIso(core) });
    expect(await pageFor(core)).not.toContain(words);
  });

  it("shows the evidence of a verdict only beside a region that is not healthy", async () => {
    const probes = (page: string) => page.match(/<ul class="probes">.*?<\/ul>/gs) ?? [];
    const [down, ...others] = probes(await pageFor(await scenes.pending()));
    expect(down).toContain("api: connect refused, 3 × in a row");
    expect(others).toEqual([]);
    expect(probes(await pageFor(await scenes.calm()))).toEqual([]);
  });

  it("says beside a step why nothing moves while the world cannot be seen", async () => {
    const core = await scenes.running();
    const at = { runId: "run-1", stepId: "fence-source", attempt: 1 };
    core.emit("step.assessed", { ...at, state: "unknown", reason: "us-east-1 does not answer." });
    expect(await pageFor(core)).toContain('<small class="why">us-east-1 does not answer</small>');
    core.emit("step.assessed", { ...at, state: "away", seen: {} });
    expect(await pageFor(core)).not.toContain('class="why"');
  });

  it("says beside its steps that a run is paused or being aborted", async () => {
    const core = await scenes.running();
    const aside = async () => (await pageFor(core)).match(/<section class="panel run .*?<\/section>/s)?.[0];
    expect(await aside()).not.toContain("paused");
    core.emit("run.paused", { runId: "run-1", reason: "the region answers again" }, "operator");
    expect(await aside()).toContain("Paused by operator");
    core.emit("run.aborting", { runId: "run-1", reason: "no", inFlight: ["fence-source"] }, "operator");
    expect(await aside()).toContain("is being aborted");
  });

  it("says in its header that the store does not answer, over what was known, and takes that back", async () => {
    const core = await scenes.pending();
    const { send } = startHttp(core);
    await send("/");
    core.storeStatus = {
      state: "unavailable",
      since: nowIso(core),
      error: { code: "store-unavailable", summary: "It did not answer.", hint: "", retryable: true },
      asOf: nowIso(core),
    };
    core.advance(34_000);
    const page = await (await send("/")).text();
    expect(page).toMatch(/<p id="store" role="alert">store unavailable since .*34 s ago/);
    expect(page).toContain("api is NOT available");
    expect(page).toContain("Approve? Failover us-east-1 → eu-central");
    core.storeStatus = { state: "available" };
    expect(await (await send("/")).text()).toContain('<p id="store" role="alert" hidden>');
  });

  it("asks who one is before it takes commands", async () => {
    const core = await scenes.pending();
    expect(await pageFor(core)).not.toContain('id="composer"');
    expect(await pageFor(core)).not.toContain("Approve and accept");
    expect(await pageFor(core, "approver-2")).toContain('id="composer"');
  });

  it("shows the buttons that this person may press", async () => {
    const core = await scenes.pending();
    expect(await pageFor(core, "approver-2")).toContain(">Approve and accept fence:fence-source</button>");
    const observed = [...(await pageFor(core, "observer")).matchAll(/class="press" data-label="([^"]*)"/g)];
    expect(observed.map(([, label]) => label)).toEqual([
      "Take: incident commander",
      "Take: communications",
      "Take: scribe",
    ]);
  });

  it("shows text of others as text, wherever it stands", async () => {
    const core = await scenes.detected();
    const hostile = `<img src=x onerror=alert(1)>"'&</textarea><script>alert(2)</script>`;
    await core.incidents.note(hostile, person("operator"));
    await core.runs.propose("failover", { target: "eu-central", reason: hostile }, person("operator"));
    core.emit("verdict.changed", {
      region: "us-east-1",
      from: "down",
      to: "degraded",
      since: nowIso(core),
      evidence: [{ probe: hostile, ok: false, detail: hostile, failures: 1 }],
    });
    core.emit("quarantine.started", { region: "us-east-1", runId: "run-1", reason: hostile });
    const page = await pageFor(core, "commander");
    expect(page).not.toContain("<img");
    expect(page).not.toContain("<script>");
    expect(page.split("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;").length).toBeGreaterThan(4);
  });

  it("escapes in attributes and in lists too", () => {
    const bad = `"><b>`;
    expect(html`<i title="${bad}">${[bad, [bad]]}${undefined}${false}${0}</i>`.markup).toBe(
      '<i title="&quot;&gt;&lt;b&gt;">&quot;&gt;&lt;b&gt;&quot;&gt;&lt;b&gt;0</i>',
    );
  });

  it("serves its own files and no others", async () => {
    const { send } = startHttp(await scenes.calm());
    for (const name of ["room.js", "live.js", "line.js", "room.css", "icon.svg"]) {
      const response = await send(`/static/${name}`);
      expect(response.status, name).toBe(200);
      expect(await response.text()).toBe(
        readFileSync(new URL(`../../src/http/static/${name}`, import.meta.url), "utf8"),
      );
    }
    const icon = await send("/favicon.ico");
    expect([icon.status, icon.headers.get("content-type")]).toEqual([200, "image/svg+xml; charset=utf-8"]);
    expect(icon.headers.get("cache-control")).toContain("max-age=604800");
    for (const name of ["nothing.js", "..%2f..%2fpackage.json", "constructor"]) {
      expect((await send(`/static/${name}`)).status, name).toBe(404);
    }
  });
});

describe("a citation", () => {
  const asked: AskResult = {
    askId: "ask-9",
    question: "is it <b>well</b>?",
    outcome: "proved",
    claims: [{ kind: "fact", text: "The region us-east-1 is down.", refs: [3], results: [] }],
    looks: [],
    dropped: 0,
    model: "gpt-5.1",
    endpoint: "east",
    tokens: { input: 1, output: 1 },
    at: "2026-05-04T02:13:40.000Z",
  };

  it("leads to the page of its event", async () => {
    const core = await scenes.pending();
    core.assistant.ask = async () => asked;
    const { browser } = startHttp(core);
    const { form, get } = await browser("observer");
    const answer = await form("/say", { text: "ask is it <b>well</b>?" }, { accept: "application/json" });
    const { html: shown } = (await answer.json()) as { html: string };
    expect(shown).toContain('<a href="/events/3">#3</a>');
    expect(shown).toContain("The region us-east-1 is down. (#3)");
    expect(shown).toContain("&lt;b&gt;well");
    const page = await (await get("/events/3")).text();
    expect(page).toContain(`#3 ${core.events[2]?.kind}`);
    expect(page).toContain(core.events[2]?.hash);
  });

  it.each(["/events/99999", "/events/0", "/events/x"])("that leads nowhere says so: %s", async (path) => {
    const response = await (await startHttp(await scenes.pending()).browser("observer")).get(path);
    expect(response.status).toBe(404);
  });

  it("is for people who may read", async () => {
    const { send } = startHttp(await scenes.pending(), { openSignIn: false });
    expect((await send("/events/3")).status).toBe(401);
  });
});
