import { describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import type { Card } from "../../src/cards/card.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import { AppError } from "../../src/errors.ts";
import { type FakeCore, fakeDirectory, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

async function summaryOf(core: FakeCore): Promise<Card> {
  const logger = { error: () => {} };
  const dispatcher = createDispatcher({ core, commands, directory: fakeDirectory, logger });
  return (await dispatcher.text("/dr summary", person("observer"))).card;
}

const lines = async (core: FakeCore) => (await summaryOf(core)).text ?? [];

describe("the summary", () => {
  it("is five lines at every moment of a night", async () => {
    for (const [name, scene] of Object.entries(scenes)) {
      const told = await lines(await scene());
      expect(told, name).toHaveLength(5);
      for (const line of told) expect(line, name).toMatch(/^[A-Z][a-z ]+: .{3,400}\.$/s);
    }
  });

  it("says before anything happened that nothing did", async () => {
    const card = await summaryOf(await scenes.calm());
    expect(card).toMatchObject({ status: "ok", title: expect.stringContaining("no incident is open") as string });
    expect(card.text?.[0]).toBe("Incident: there was none yet.");
    expect(card.text?.[3]).toBe("Recovery: no run has been proposed.");
  });

  it("says what is wrong, and whom it waits for", async () => {
    const [incident, clients, regions, recovery, open] = await lines(await scenes.pending());
    expect(incident).toMatch(
      /incident-1, SEV1 · us-east-1 is down, region us-east-1, began at .*ago; nobody has taken a role\.$/,
    );
    expect(clients).toContain("api NOT available since");
    expect(regions).toContain("served from us-east-1, its home; us-east-1 down and eu-central healthy");
    expect(recovery).toContain("run-1");
    expect(open).toContain("approval-1");
    expect(open).toContain("sessions not yet in eu-central");
  });

  it("says how far a run is, and which step failed", async () => {
    const [, , , running] = await lines(await scenes.running());
    expect(running).toMatch(/\(run-1\) .*\d of \d steps?/);
    const halted = await summaryOf(await scenes.halted());
    expect(halted.status).toBe("danger");
    const core = await scenes.halted();
    const failed = core.current().runs["run-1"]?.steps.find(({ phase }) => phase === "failed");
    expect(halted.text?.[3]).toContain(failed?.stepId);
    expect(halted.text?.[4]).toContain("run-1 waits for a person");
  });

  it("tells of a resolved incident how it ended", async () => {
    const core = await scenes.completed();
    await core.incidents.resolve("served from eu-central", person("operator"));
    const card = await summaryOf(core);
    expect(card.title).toContain("no incident is open");
    expect(card.text?.[0]).toMatch(
      /resolved .* later: Served from eu-central\.$|resolved .* later: served from eu-central\.$/,
    );
  });

  it("shows what was known last while the store does not answer, and says so first", async () => {
    const core = await scenes.pending();
    const error = { code: "store-unavailable", summary: "It did not answer.", hint: "", retryable: true } as const;
    const at = new Date(core.now()).toISOString();
    core.storeStatus = { state: "unavailable", since: at, error, asOf: at };
    core.state = () => Promise.reject(new AppError({ ...error }));
    const card = await summaryOf(core);
    expect(card.status).toBe("danger");
    expect(card.text).toHaveLength(6);
    expect(card.text?.[0]).toMatch(/^Store: /);
  });
});
