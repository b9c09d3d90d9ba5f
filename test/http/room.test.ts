import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AskResult } from "../../src/assistant/ask.ts";
import { nowIso } from "../../src/commands/run-view.ts";
import { html } from "../../src/html.ts";
import { channelMessages } from "../../src/http/room/channel.ts";
import { createTail } from "../../src/http/room/tail.ts";
import { type FakeCore, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "./server.ts";

const pageFor = async (core: FakeCore, principal?: string) => {
  const { browser, send } = startHttp(core);
  return (await (principal ? (await browser(principal)).get("/") : send("/"))).text();
};

const messagesOf = (core: FakeCore, principal: string) =>
  channelMessages(core.events, { state: core.current(), waiting: [], at: nowIso(core), caller: person(principal) });

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

describe("the channel", () => {
  it("keeps one message per card, in its place, however often it changes", async () => {
    const core = await scenes.completed();
    const ids = messagesOf(core, "operator").map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^e\d+$/.test(id))).toEqual(["incident-1", "approval-1", "run-1"]);
  });

  it("puts the choices of a halt at the end, and takes them away once somebody chose", async () => {
    const core = await scenes.halted();
    expect(messagesOf(core, "commander").at(-1)?.id).toBe("halt-run-1-promote-target-1");
    const buttons = (principal: string) => {
      const { content } = messagesOf(core, principal).at(-1)!;
      return content.kind === "card" ? content.card.buttons?.map(({ command }) => command) : [];
    };
    expect(buttons("commander")).toEqual(["retry", "skip", "abort"]);
    expect(buttons("observer")).toEqual([]);
    await core.runs.retry("run-1", "promote-target", person("operator"));
    expect(messagesOf(core, "commander").some(({ id }) => id.startsWith("halt-"))).toBe(false);
  });

  it("shows a run as the CLI does, with the freeze that it does not heed", async () => {
    const core = await scenes.running();
    core.emit("lock.set", { lockId: "lock-1", reason: "a migration is under way" }, "operator");
    const card = () => {
      const content = messagesOf(core, "operator").find(({ id }) => id === "run-1")?.content;
      return JSON.stringify(content);
    };
    expect(card()).toContain("This run goes on.");
  });

  it("says that somebody made a token for somebody else, who could be acted for with it, and of no other", async () => {
    const core = await scenes.calm();
    const data = { tokenId: "tk-1", principal: "approver-1", expiresAt: "2030-01-01T00:00:00.000Z" };
    core.emit("token.created", data, "approver-1");
    core.emit("token.created", { ...data, tokenId: "tk-2" }, "commander");
    const page = await (await startHttp(core).send("/")).text();
    expect(page).toContain("commander made the token tk-2 for approver-1");
    expect(page).not.toContain("tk-1");
  });

  it("asks for each failed step by itself", async () => {
    const core = await scenes.halted();
    const error = { code: "error-rate", summary: "Too many errors.", hint: "", retryable: false };
    core.emit("step.started", { runId: "run-1", stepId: "shift-traffic", attempt: 1 });
    core.emit("step.failed", { runId: "run-1", stepId: "shift-traffic", attempt: 1, error });
    const halts = () =>
      messagesOf(core, "commander")
        .map(({ id }) => id)
        .filter((id) => id.startsWith("halt-"));
    core.emit("step.retried", { runId: "run-1", stepId: "promote-target" }, "operator");
    expect(halts()).toEqual(["halt-run-1-shift-traffic-1"]);
    core.emit("step.started", { runId: "run-1", stepId: "promote-target", attempt: 2 });
    expect(halts()).toEqual(["halt-run-1-shift-traffic-1"]);
  });

  it("folds what is over", async () => {
    const folded = (core: FakeCore, id: string) => {
      const content = messagesOf(core, "operator").find((message) => message.id === id)?.content;
      return content?.kind === "card" && content.folded;
    };
    const core = await scenes.voided();
    expect([folded(core, "approval-1"), folded(core, "approval-2"), folded(core, "run-1")]).toEqual([
      true,
      false,
      true,
    ]);
    expect(folded(await scenes.running(), "run-1")).toBe(false);
  });

  it("says what was refused only to the person", async () => {
    const core = await scenes.calm();
    await core.refused(
      "failover",
      { code: "not-allowed", summary: "no", hint: "", retryable: false },
      person("observer"),
    );
    const tail = createTail(core);
    expect((await tail.latest()).some(({ kind }) => kind === "command.refused")).toBe(false);
  });

  it("reads on where it stopped and keeps a bounded number", async () => {
    const core = await scenes.calm();
    const tail = createTail(core);
    const before = (await tail.latest()).length;
    for (let count = 0; count < 1_300; count += 1) core.emit("traffic.changed", { shares: { "us-east-1": 1 } });
    const [one, other] = await Promise.all([tail.latest(), tail.latest()]);
    expect(before).toBeGreaterThan(3);
    expect(one).toBe(other);
    expect(one).toHaveLength(250);
    expect(one.at(-1)?.seq).toBe(core.events.length);
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

describe("typing and pressing", () => {
  const JSON_ANSWER = { accept: "application/json" };

  it("with script: a refusal comes back for this person alone, a question too, a deed says nothing twice", async () => {
    const core = await scenes.pending();
    const { form } = await startHttp(core).browser("operator");
    const say = async (text: string) => {
      const response = await form("/say", { text }, JSON_ANSWER);
      return { status: response.status, ...((await response.json()) as { ok: boolean; html: string }) };
    };
    const refused = await say("failover mars");
    expect(refused).toMatchObject({ status: 404, ok: false });
    expect(refused.html).toContain("Only you see this");
    expect((await say("/dr status")).html).toContain("api is NOT available");
    expect(await say("note hello")).toEqual({ status: 200, ok: true, html: "" });
    expect((await say("report")).html).toContain("status-report.md");
    expect((await say("failover eu-central --dry-run")).html).toContain("Dry run");
  });

  it("without script: goes back to the page, which shows the answer once and to nobody else", async () => {
    const { browser } = startHttp(await scenes.pending());
    const [operator, observer] = [await browser("operator"), await browser("observer")];
    const response = await operator.form("/say", { text: "statsu" });
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
    expect(await (await observer.get("/")).text()).not.toContain("There is no command");
    expect(await (await operator.get("/")).text()).toContain("There is no command");
    expect(await (await operator.get("/")).text()).not.toContain("There is no command");
  });

  it("a pressed button runs its command as the person who presses, after it was confirmed", async () => {
    const core = await scenes.pending();
    const { form } = await startHttp(core).browser("approver-2");
    const press = {
      command: "approve",
      input: '{"id":"approval-1","accept":["fence:fence-source"]}',
      label: "Approve",
      confirm: "Sure?",
    };
    const asked = await form("/press", press);
    expect(await asked.text()).toContain("Sure?");
    expect(core.current().runs["run-1"]?.phase).toBe("proposed");
    expect((await form("/press", { ...press, confirmed: "yes" })).status).toBe(303);
    expect(core.current().approvals["approval-1"]?.decisions.at(-1)?.principal).toBe("approver-2");
    expect(core.current().runs["run-1"]?.phase).toBe("running");
  });

  it("a button that asks for a reason sends it in its field", async () => {
    const core = await scenes.pending();
    const { form } = await startHttp(core).browser("approver-2");
    const press = {
      command: "deny",
      input: '{"id":"approval-1"}',
      label: "Deny",
      askField: "reason",
      askLabel: "Why not?",
    };
    expect(await (await form("/press", press)).text()).toContain("Why not?");
    await form("/press", { ...press, confirmed: "yes", asked: "not tonight" });
    expect(core.current().approvals["approval-1"]).toMatchObject({
      phase: "denied",
      decisions: [{}, { reason: "not tonight" }],
    });
  });

  it("a form that was tampered with gains nothing", async () => {
    const core = await scenes.pending();
    const { form } = await startHttp(core).browser("observer");
    const status = async (fields: Record<string, string>) =>
      (await form("/press", { confirmed: "yes", ...fields }, JSON_ANSWER)).status;
    expect(await status({ command: "approve", input: '{"id":"approval-1","acceptAll":true}' })).toBe(403);
    expect(await status({ command: "approve", input: "{" })).toBe(400);
    expect(await status({ command: "nothing", input: "{}" })).toBe(404);
    expect(core.current().approvals["approval-1"]?.decisions).toHaveLength(1);
  });

  it("nobody who is not signed in can do anything", async () => {
    const core = await scenes.detected();
    const { send } = startHttp(core);
    const body = new URLSearchParams({ text: "note hello" });
    const response = await send("/say", { method: "POST", body, headers: { origin: "http://127.0.0.1:4646" } });
    expect(response.status).toBe(401);
    expect(core.current().counts.notes).toBe(0);
  });
});
