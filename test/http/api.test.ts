import { describe, expect, it } from "vitest";
import { createFakeCore, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "./server.ts";

const body = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe("commands over HTTP", () => {
  it("answer with the data and the card", async () => {
    const { as } = startHttp(await scenes.calm());
    const response = await as("observer").post("/api/v1/commands/status", {});
    expect(response.status).toBe(200);
    expect(await body(response)).toMatchObject({
      command: "status",
      data: { active: "us-east-1" },
      card: { status: "ok" },
    });
    expect((await as("observer").post("/api/v1/commands/audit-verify", "")).status).toBe(200);
  });

  it("propose, approve and start a failover", async () => {
    const core = await scenes.detected();
    const { as } = startHttp(core);
    const proposed = await as("operator").post("/api/v1/commands/failover", { region: "eu-central", reason: "down" });
    expect(await body(proposed)).toMatchObject({ data: { run: { runId: "run-1", phase: "proposed" } } });
    for (const principal of ["approver-1", "approver-2"])
      await as(principal).post("/api/v1/commands/approve", { id: "approval-1" });
    expect(core.current().runs["run-1"]).toMatchObject({ phase: "running", requester: "operator" });
  });

  it("take a line as one types it in a chat", async () => {
    const core = await scenes.detected();
    const { as } = startHttp(core);
    await as("operator").post("/api/v1/text", { text: "/dr note it's me" });
    expect(core.current().incidents["incident-1"]?.notes[0]).toMatchObject({ author: "operator", text: "it's me" });
  });

  it("never send a whole plan", async () => {
    const { as } = startHttp(await scenes.running());
    for (const path of ["/api/v1/state", "/api/v1/runs", "/api/v1/runs/run-1", "/api/v1/journal"]) {
      const text = await (await as("observer").get(path)).text();
      expect(text, path).toContain('"plan":{"digest":"5e1f');
      expect(text, path).not.toContain('"lossBudgetSeconds"');
    }
  });
});

describe("bad requests get an error that says what to do next, and change nothing", () => {
  const long = "x".repeat(600);
  it.each([
    ["an unknown verb", "operator", "statsu", {}, 404, "unknown-command", /Did you mean "status"/],
    ["an unknown region", "operator", "failover", { region: "mars" }, 404, "unknown-region", /us-east-1, eu-central/],
    ["the active region", "operator", "failover", { region: "us-east-1" }, 409, "already-active", /./],
    ["nothing to fail back", "operator", "failback", {}, 409, "nothing-to-fail-back", /./],
    ["an unknown run", "operator", "why", { run: "run-9" }, 404, "unknown-run", /./],
    ["an unknown approval", "approver-1", "approve", { id: "approval-9" }, 404, "unknown-approval", /./],
    ["an unknown incident", "operator", "timeline", { incident: "incident-9" }, 404, "unknown-incident", /./],
    [
      "over-long text",
      "operator",
      "failover",
      { region: "eu-central", reason: long },
      400,
      "bad-input",
      /600 characters, at most 500/,
    ],
    ["a missing field", "operator", "failover", {}, 400, "bad-input", /region is missing/],
    ["an unknown field", "operator", "failover", { region: "eu-central", regoin: 1 }, 400, "bad-input", /"regoin"/],
    ["a field of the wrong type", "operator", "failover", { region: 5 }, 400, "bad-input", /region/],
    ["a list instead of an object", "operator", "failover", ["eu-central"], 400, "bad-input", /JSON object/],
    ["malformed JSON", "operator", "failover", '{"region": ', 400, "bad-input", /not JSON/],
    ["a missing role", "observer", "failover", { region: "eu-central" }, 403, "not-allowed", /operator/],
  ])("%s", async (_, principal, command, input, status, code, words) => {
    const core = await scenes.calm();
    // The refusal itself is an event, by somebody.
    const { landmarks } = core.current();
    const before = { ...core.current(), seq: 0, version: 0, landmarks };
    const { as } = startHttp(core);
    const response = await as(principal).post(`/api/v1/commands/${command}`, input);
    const error = await body(response);
    expect({ status: response.status, code: error.code }).toEqual({ status, code });
    expect(`${error.summary} ${error.hint}`).toMatch(words);
    expect(error.hint).not.toBe("");
    expect(error.requestId).toBe(response.headers.get("x-request-id"));
    expect({ ...core.current(), seq: 0, version: 0, landmarks }).toEqual(before);
  });

  it("a target that is not healthy, and two failovers at once", async () => {
    const core = await scenes.completed();
    const { as } = startHttp(core);
    const quarantined = await as("operator").post("/api/v1/commands/failover", { region: "us-east-1" });
    expect([quarantined.status, (await body(quarantined)).code]).toEqual([409, "target-quarantined"]);

    const busy = await scenes.pending();
    const second = await startHttp(busy).as("operator").post("/api/v1/commands/failover", { region: "eu-central" });
    expect([second.status, (await body(second)).code]).toEqual([409, "run-in-progress"]);

    const sick = await scenes.calm();
    sick.emit("verdict.changed", {
      region: "eu-central",
      from: "healthy",
      to: "down",
      since: "2026-05-04T02:13:00.000Z",
      evidence: [],
    });
    const down = await startHttp(sick).as("operator").post("/api/v1/commands/failover", { region: "eu-central" });
    expect([down.status, (await body(down)).code]).toEqual([409, "target-unhealthy"]);
  });

  it("a second approval by the same person, the requester's, one without what must be accepted, one too late", async () => {
    const core = await scenes.pending();
    const { as } = startHttp(core);
    const approve = async (principal: string, input: object = {}) => {
      const response = await as(principal).post("/api/v1/commands/approve", { id: "approval-1", ...input });
      return [response.status, (await body(response)).code];
    };
    expect(await approve("approver-1", { acceptAll: true })).toEqual([409, "already-decided"]);
    await core.runs.propose("failover", { target: "eu-central" }, person("commander")).catch(() => {});
    expect(await approve("approver-2")).toEqual([409, "acceptance-missing"]);
    expect(core.current().approvals["approval-1"]?.decisions).toHaveLength(1);
    await approve("approver-2", { acceptAll: true });
    expect(await approve("commander", { acceptAll: true })).toEqual([409, "approval-closed"]);

    const own = await scenes.detected();
    await own.runs.propose("failover", { target: "eu-central" }, person("commander"));
    const asked = await startHttp(own).as("commander").post("/api/v1/commands/approve", { id: "approval-1" });
    expect([asked.status, (await body(asked)).code]).toEqual([403, "requester-excluded"]);
  });

  it("a wrong token, no token, and a token in another form", async () => {
    const { send } = startHttp(createFakeCore());
    const tries = [undefined, "Bearer wrong", "Bearer ", "Basic b3BlcmF0b3I6eA==", "token-of-operator"];
    for (const authorization of tries) {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await send("/api/v1/state", { headers });
      expect(response.status, authorization).toBe(401);
      expect(await body(response)).toMatchObject({
        code: "not-authenticated",
        hint: expect.stringContaining("Bearer"),
      });
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
    }
  });

  it("a body over 64 KiB, whether it says so or not", async () => {
    const { as, send } = startHttp(createFakeCore());
    const text = JSON.stringify({ text: "x".repeat(70_000) });
    const response = await as("operator").post("/api/v1/text", text);
    expect([response.status, (await body(response)).code]).toEqual([413, "too-large"]);
    const stream = new ReadableStream({
      start: (controller) => {
        for (let count = 0; count < 80; count += 1) controller.enqueue(new TextEncoder().encode("x".repeat(1024)));
        controller.close();
      },
    });
    const headers = { authorization: "Bearer token-of-operator" };
    const streamed = await send("/api/v1/text", {
      method: "POST",
      body: stream,
      headers,
      duplex: "half",
    } as RequestInit);
    expect(streamed.status).toBe(413);
  });

  it("a path or a method that there is not", async () => {
    const { as } = startHttp(createFakeCore());
    for (const response of [
      await as("operator").get("/api/v1/nothing"),
      await as("operator").get("/api/v1/commands/status"),
    ]) {
      expect(response.status).toBe(404);
      expect(await body(response)).toMatchObject({ code: "not-found", hint: expect.stringContaining("openapi.json") });
    }
  });

  it("an accident inside says nothing of itself outside, and is logged under the request", async () => {
    const core = createFakeCore();
    core.failNext = new Error("password=hunter2");
    const { as, logged } = startHttp(core);
    const response = await as("observer").get("/api/v1/state");
    const error = await body(response);
    expect(response.status).toBe(500);
    expect(JSON.stringify(error)).not.toContain("hunter2");
    expect(logged).toContainEqual(expect.objectContaining({ requestId: error.requestId }));
  });
});

describe("views", () => {
  it.each([
    "state",
    "runs",
    "runs/run-1",
    "incidents",
    "incidents/incident-1",
    "approvals",
    "readiness",
    "journal",
    "commands",
  ])("%s", async (view) => {
    const { as } = startHttp(await scenes.pending());
    const response = await as("observer").get(`/api/v1/${view}`);
    expect(response.status).toBe(200);
    expect(JSON.stringify(await response.json()).length).toBeGreaterThan(20);
  });

  it("narrow the journal by its query, and refuse a query that makes no sense", async () => {
    const { as } = startHttp(await scenes.running());
    const events = (await (await as("observer").get("/api/v1/journal?run=run-1&kind=step.started&limit=2")).json()) as {
      kind: string;
    }[];
    expect(events.map(({ kind }) => kind)).toEqual(["step.started", "step.started"]);
    for (const query of ["limit=0", "limit=many", "limit=5000", "after=-1", "colour=red"]) {
      expect((await as("observer").get(`/api/v1/journal?${query}`)).status, query).toBe(400);
    }
  });

  it("say 404 with what there is for an unknown id", async () => {
    const { as } = startHttp(createFakeCore());
    expect((await as("observer").get("/api/v1/runs/run-9")).status).toBe(404);
    expect((await as("observer").get("/api/v1/incidents/incident-9")).status).toBe(404);
  });
});
