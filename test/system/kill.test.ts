import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type LabClient, startLab } from "../../lab/client.ts";
import { createMuster, type MusterClient } from "../../lab/rehearsal/muster.ts";
import { type Server, startServer } from "../../lab/server.ts";
import type { AuditResult } from "../../src/core.ts";

let data: string;
let lab: LabClient | undefined;
let server: Server | undefined;

async function startMuster(): Promise<MusterClient> {
  process.env.MUSTER_REPORTS = join(data, "reports");
  server = startServer(data, 0, () => {});
  const url = await server.ready;
  if (url === undefined) throw new Error("the server did not become ready");
  return createMuster(url, data);
}

async function kill(): Promise<void> {
  process.kill(server?.pid ?? 0, "SIGKILL");
  await server?.exited;
}

afterEach(async () => {
  await server?.stop(3_000);
  await lab?.stop();
  rmSync(data, { recursive: true, force: true });
});

describe("kill -9 of the server", () => {
  it("in the middle of a failover: the next start finishes it, and the world has kept running", async () => {
    data = mkdtempSync(join(tmpdir(), "muster-kill-"));
    ({ lab } = await startLab(data));
    let muster = await startMuster();
    await muster.until(
      "a ready failover",
      ({ readiness }) => Object.values(readiness).some(({ status }) => status === "ready"),
      20_000,
    );
    await lab.fault({ kind: "kill", region: "us-east-1" });
    const proposed = await muster.until("a proposal", ({ approvals }) => "ap-1" in approvals, 20_000);

    // Once while people decide and preparation runs …
    await kill();
    muster = await startMuster();
    expect((await muster.state()).approvals["ap-1"]?.phase).toBe("pending");
    const accept = proposed.approvals["ap-1"]?.mustAccept.map(({ id }) => id);
    await muster.command("approver-1", "approve", { id: "ap-1", accept });
    await muster.command("approver-2", "approve", { id: "ap-1", accept });

    // … and once as soon as the first change that cannot be undone is on its way.
    await muster.until(
      "the promotion to be intended",
      ({ runs }) => runs["run-1"]?.steps.find(({ stepId }) => stepId === "promote-target")?.intended !== undefined,
      20_000,
    );
    const { pid } = await lab.state();
    await kill();
    muster = await startMuster();
    const done = await muster.until(
      "the failover to complete",
      ({ runs }) => runs["run-1"]?.phase === "completed",
      40_000,
    );
    expect(done.active).toBe("eu-central");
    expect((await lab.state()).pid).toBe(pid);
    expect((await lab.state()).primary).toBe("eu-central");

    const intents = (await muster.events("step.intended")).map((event) => (event.data as { stepId: string }).stepId);
    expect(intents.filter((stepId) => stepId === "promote-target").length).toBeLessThanOrEqual(2);
    const audit = await muster.command<AuditResult>("observer", "audit verify", {});
    expect(audit).toMatchObject({ ok: true });
    expect(Object.keys(done.incidents)).toEqual(["inc-1"]);
  });
});
