import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditResult } from "../../src/core.ts";
import { openPlace, type Place, untilPrimary, untilPromotion } from "../helpers/instances.ts";

let place: Place;

beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.end());

describe("kill -9 of the server", () => {
  it("in the middle of a failover: the next start finishes it, and the world has kept running", async () => {
    const { lab } = place;
    let server = await place.start("one", {});
    let { muster } = server;
    const killAndRestart = async () => {
      await server.kill();
      server = await place.start("one", {});
      ({ muster } = server);
    };
    await muster.until(
      "a ready failover",
      ({ readiness }) => Object.values(readiness).some(({ status }) => status === "ready"),
      20_000,
    );
    await lab.fault({ kind: "kill", region: "us-east-1" });
    const proposed = await muster.until("a proposal", ({ approvals }) => "ap-1" in approvals, 20_000);

    // Once while people decide and preparation runs …
    await killAndRestart();
    expect((await muster.state()).approvals["ap-1"]?.phase).toBe("pending");
    const accept = proposed.approvals["ap-1"]?.mustAccept.map(({ id }) => id);
    await muster.command("approver-1", "approve", { id: "ap-1", accept });
    await muster.command("approver-2", "approve", { id: "ap-1", accept });

    // … and once as soon as the first change that cannot be undone is on its way.
    await untilPromotion(muster);
    const { pid } = await lab.state();
    await killAndRestart();
    const done = await muster.until(
      "the failover to complete",
      ({ runs }) => runs["run-1"]?.phase === "completed",
      40_000,
    );
    expect(done.active).toBe("eu-central");
    expect((await lab.state()).pid).toBe(pid);
    await untilPrimary(lab, "eu-central");

    const intents = (await muster.events("step.intended")).map((event) => (event.data as { stepId: string }).stepId);
    expect(intents.filter((stepId) => stepId === "promote-target").length).toBeLessThanOrEqual(2);
    const audit = await muster.command<AuditResult>("observer", "audit verify", {});
    expect(audit).toMatchObject({ ok: true });
    expect(Object.keys(done.incidents)).toEqual(["inc-1"]);
  });
});
