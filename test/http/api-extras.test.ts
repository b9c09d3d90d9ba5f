import { describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { createFakeCore } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";
import { startHttp } from "./server.ts";

const body = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe("a repeat under the same Idempotency-Key", () => {
  const KEY = { "idempotency-key": "press-1" };

  it("gets the first answer and does nothing, also at the same moment", async () => {
    const core = await scenes.detected();
    const { as } = startHttp(core);
    const press = () => as("operator").post("/api/v1/commands/note", { text: "once" }, KEY);
    const answers = await Promise.all([press(), press()]);
    const later = await press();
    const texts = await Promise.all([...answers, later].map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(core.current().counts.notes).toBe(1);
  });

  it("gets the first refusal too", async () => {
    const core = await scenes.calm();
    const { as } = startHttp(core);
    const press = () => as("operator").post("/api/v1/commands/failover", { region: "us-east-1" }, KEY);
    expect([(await press()).status, (await press()).status]).toEqual([409, 409]);
    expect(core.events.filter(({ kind }) => kind === "command.refused")).toHaveLength(1);
  });

  it("belongs to one person and one request", async () => {
    const core = await scenes.detected();
    const { as } = startHttp(core);
    await as("operator").post("/api/v1/commands/note", { text: "mine" }, KEY);
    await as("commander").post("/api/v1/commands/note", { text: "mine" }, KEY);
    expect(core.current().counts.notes).toBe(2);
    const other = await as("operator").post("/api/v1/commands/note", { text: "another" }, KEY);
    expect([other.status, (await body(other)).code]).toEqual([400, "bad-input"]);
    const huge = await as("operator").post(
      "/api/v1/commands/note",
      { text: "x" },
      { "idempotency-key": "k".repeat(201) },
    );
    expect(huge.status).toBe(400);
  });
});

describe("the OpenAPI document", () => {
  it("has every command and every view, and needs no token", async () => {
    const { send, as } = startHttp(await scenes.pending());
    const document = await body(await send("/api/v1/openapi.json"));
    const paths = document.paths as Record<
      string,
      { get?: object; post?: { requestBody: { content: Record<string, { schema: { required?: string[] } }> } } }
    >;
    for (const { name } of commands)
      expect(paths[`/api/v1/commands/${name.replaceAll(" ", "-")}`]?.post, name).toBeDefined();
    expect(paths["/api/v1/commands/failover"]?.post?.requestBody.content["application/json"]?.schema.required).toEqual([
      "region",
    ]);
    for (const path of Object.keys(paths).filter((one) => paths[one]?.get && !one.endsWith("/events"))) {
      const real = path.replace("runs/{id}", "runs/run-1").replace("incidents/{id}", "incidents/incident-1");
      expect((await as("operator").get(real)).status, path).toBe(200);
    }
  });
});

const INSTANCE = {
  name: "muster-1",
  url: "http://127.0.0.1:4646",
  version: "0.1.0",
  startedAt: "2026-05-04T01:00:00.000Z",
  seenAt: "2026-05-04T02:13:40.000Z",
  alive: true,
  self: true,
};
const AWAY = {
  state: "unavailable",
  since: "2026-05-04T02:13:30.000Z",
  error: { code: "store-unavailable", summary: "It did not answer.", hint: "", retryable: true },
  asOf: "2026-05-04T02:13:29.000Z",
} as const;
describe("a backup", () => {
  it("is for operators: it holds more than the views show", async () => {
    const { as, send } = startHttp(await scenes.pending());
    expect((await as("observer").get("/api/v1/backup")).status).toBe(403);
    expect((await send("/api/v1/backup")).status).toBe(401);
    const answer = await as("operator").get("/api/v1/backup");
    expect(answer.headers.get("content-type")).toContain("ndjson");
    expect((await answer.text()).trimEnd().split("\n").at(-1)).toContain('"head"');
  });
});

describe("health and figures", () => {
  it("say whether the process is there and whether it can read its journal", async () => {
    const core = createFakeCore();
    const { send } = startHttp(core);
    expect((await send("/healthz")).status).toBe(200);
    const ready = await send("/readyz");
    expect([ready.status, await body(ready)]).toEqual([200, { ready: true }]);
    core.failNext = new Error("postgresql://muster@10.0.0.7 is locked");
    const failed = await send("/readyz");
    expect([failed.status, await body(failed)]).toEqual([503, { ready: false, reason: "internal" }]);
  });

  it("say since when the store does not answer, and who was there", async () => {
    const core = createFakeCore();
    core.instanceViews = [{ ...INSTANCE, leases: ["executor"] }];
    core.storeStatus = AWAY;
    const { send, as } = startHttp(core);
    const answer = await send("/readyz");
    // A word for the load balancer; who there is and since when is for those who are known.
    expect([answer.status, await body(answer)]).toEqual([503, { ready: false, reason: "store-unavailable" }]);
    const { data, card } = (await body(await as("observer").post("/api/v1/commands/status", {}))) as never;
    expect(data).toMatchObject({ store: AWAY, active: "us-east-1", instances: [{ leases: ["executor"] }] });
    expect(card).toMatchObject({ status: "danger", title: expect.stringContaining("store unavailable since") });
    expect((await as("observer").post("/api/v1/commands/runs", {})).status).toBe(503);
  });

  it("count requests, commands, runs and leases", async () => {
    const core = await scenes.running();
    const { send, as } = startHttp(core);
    await as("observer").post("/api/v1/commands/status", {});
    await as("observer").post("/api/v1/commands/why", { run: "run-9" });
    for (const path of ["/healthz", "/status/status.json", "/api/v1/nowhere"]) await send(path);
    await send("/metrics");
    const text = await (await send("/metrics")).text();
    expect(text).toContain('muster_runs{phase="running"} 1');
    expect(text).toContain('muster_runs{phase="paused"} 0');
    expect(text).toContain('muster_command_seconds_count{command="status",outcome="done"} 1');
    expect(text).toContain('muster_command_seconds_count{command="why",outcome="unknown-run"} 1');
    expect(text).toContain('muster_http_requests_total{method="POST",route="/api/v1/commands/:name",status="404"} 1');
    for (const route of ["/healthz", "/metrics", "/status/status.json"])
      expect(text).toContain(`muster_http_requests_total{method="GET",route="${route}"`);
    core.emit("run.paused", { runId: "run-1", reason: "wait" }, "operator");
    const held = await (await send("/metrics")).text();
    expect(held).toContain('muster_runs{phase="paused"} 1');
    expect(held).toContain('muster_runs{phase="running"} 0');
    expect(text).toMatch(/muster_journal_head \d+/);
    expect(text).toContain('muster_lease_held{lease="executor"} 1');
    expect(text).toContain("muster_observer_late_seconds 0");
    core.emit("observer.late", { lateMs: 2_300, since: new Date(core.now()).toISOString() });
    expect(await (await send("/metrics")).text()).toContain("muster_observer_late_seconds 2.3");
  });

  it("tell whoever watches from outside that the store is away, what waits for people, and what is not ready", async () => {
    const core = await scenes.pending();
    const { send } = startHttp(core);
    const figures = async () => {
      const answer = await send("/metrics");
      expect(answer.status).toBe(200);
      return await answer.text();
    };
    expect(await figures()).toContain("muster_approvals_pending 1");
    core.emit("readiness.changed", {
      runbook: "failover",
      source: "us-east-1",
      target: "eu-central",
      from: "ready",
      to: "blocked",
      steps: [{ stepId: "scale-target", state: "blocked", reason: "no such deployment" }],
    });
    const open = await figures();
    expect(open).toContain("muster_store_available 1");
    const subject = 'runbook="failover",source="us-east-1",target="eu-central"';
    expect(open).toContain(`muster_readiness{${subject},state="blocked"} 1`);
    expect(open).not.toContain(`muster_readiness{${subject},state="ready"} 1`);
    core.storeStatus = AWAY;
    const away = await figures();
    expect(away).toContain("muster_store_available 0");
    expect(away).toContain("muster_approvals_pending 1");
  });
});
