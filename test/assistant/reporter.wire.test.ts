import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Asked, ModelServer } from "../../lab/model/server.ts";
import type { DomainEvent } from "../../src/events.ts";
import { startModel, type TestModel } from "../helpers/model.ts";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { beginIncident, type SmallIncident } from "../helpers/small-incident.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

let model: TestModel;
let server: ModelServer;
let muster: TestMuster;
let incident: SmallIncident;

beforeEach(async () => {
  model = await startModel();
  server = model.server;
});
afterEach(async () => {
  await muster.stop();
  await server.close();
});

async function begin(assistant: TestModel["assistant"] | undefined): Promise<void> {
  incident = await beginIncident(assistant);
  muster = incident.muster;
}

const run = (runbook: "failover" | "failback") => incident.run(runbook);
const ofKind = async (kind: DomainEvent["kind"]) =>
  (await muster.journal.read({ after: 0, limit: 1_000 })).filter((event) => event.kind === kind);
const isWritten = () => muster.until(({ incidents }) => (incidents["inc-1"]?.reports.length ?? 0) > 0);
const document = (name: string) => incident.document(name);

/** A model that tells how a run ended, from what it was shown. */
function tellsTheEnd({ user }: Asked) {
  const [, id = ""] = /^(e\d+) run\.completed at \S+: Failover run-1 completed/m.exec(user) ?? [];
  const claim = {
    id: "c1",
    section: "summary",
    kind: "fact",
    eventIds: [id],
    text: `The failover completed at {{${id}.at}}.`,
  };
  const weighed = { ...claim, against: [], type: "none", priority: "none" };
  return { does: "writes" as const, output: { claims: [/post-mortem/.test(user) ? weighed : claim] } };
}

describe("documents after a run", () => {
  it("have what a model wrote and code checked, and the journal says how it came to be", async () => {
    server.play(tellsTheEnd);
    await begin(model.assistant);
    await run("failover");
    await isWritten();
    for (const name of ["status-report.md", "postmortem.md"]) {
      expect(document(name)).toMatch(/ The failover completed at (?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC \(#\d+\)\./);
      expect(document(name)).toContain("Model gpt-5.1 at east");
    }
    expect((await ofKind("report.drafted")).map(({ data }) => (data as { document: string }).document)).toEqual([
      "status-report",
      "postmortem",
    ]);
    expect(server.asked).toHaveLength(2);
  });

  it("are asked for once while nothing new happens, however often people want them", async () => {
    server.play(tellsTheEnd);
    await begin(model.assistant);
    await run("failover");
    await isWritten();
    await muster.core.reports.write();
    const documents = await muster.core.reports.read("inc-1");
    expect(documents.find(({ name }) => name === "status-report.md")?.text).toContain("As a model tells it");
    expect(server.asked).toHaveLength(2);
  });

  it("come by their templates when the model hangs, and no run waits for that", async () => {
    server.play({ does: "hangs" });
    await begin(model.assistant);
    await run("failover");
    await expect.poll(() => server.asked.length).toBe(2);
    await muster.say({
      key: "failback",
      kind: "verdict.changed",
      actor: "system:detector",
      data: { region: "east", from: "unknown", to: "healthy", since: new Date().toISOString(), evidence: [] },
    });
    await run("failback");
    expect(await ofKind("report.rejected")).toEqual([]);
    await isWritten();
    expect((await ofKind("report.rejected")).length).toBeGreaterThanOrEqual(2);
    expect(document("status-report.md")).not.toContain("As a model tells it");
  });

  it("are left to whoever goes on when Muster ends while a model is asked", async () => {
    const patient = await startModel({ deadlineSeconds: 120 });
    onTestFinished(() => patient.server.close());
    patient.server.play({ does: "hangs" });
    await begin(patient.assistant);
    await run("failover");
    await expect.poll(() => patient.server.asked.length).toBe(2);
    await muster.stop({ keep: true });
    muster = startMuster(muster.core.plan, createSwitchboard(), muster.directory, { assistant: model.assistant });
    expect(await ofKind("report.rejected")).toEqual([]);
    server.play(tellsTheEnd);
    muster.start("reporter");
    await isWritten();
    expect(document("status-report.md")).toContain("As a model tells it");
  });

  it("are written at once where no model is configured", async () => {
    await begin(undefined);
    await run("failover");
    await isWritten();
    expect(await ofKind("report.rejected")).toEqual([]);
    expect(document("postmortem.md")).not.toContain("model");
  });
});
