import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import { sealEvent } from "../../src/journal/chain.ts";
import { GENESIS_HASH, type NewEvent } from "../../src/journal/store.ts";
import { fakeEvidence } from "../helpers/fake-decisions.ts";
import { jsonRoots } from "../helpers/json-roots.ts";
import { commander, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const plan = makePlan({ failover: { steps: [makeStep("a")] } });
const LONG_AGO = "2026-01-01T00:00:00.000Z";

let server: TestMuster;
beforeEach(async () => {
  server = startMuster(plan, createSwitchboard());
});
afterEach(() => server.stop());

type Forged = Pick<NewEvent, "kind" | "data"> & { actor?: unknown; at?: unknown };

/** A file whose chain holds, for whoever makes it can make the chain too. */
function chained(...events: Forged[]): string {
  let previousHash = GENESIS_HASH;
  const lines = events.map(({ kind, data, actor = "commander", at = LONG_AGO }, index) => {
    const event = { key: `k-${index}`, kind, data, actor } as NewEvent;
    const place = { seq: index + 1, stream: "app/shop", version: index + 1, at: at as string, instance: "i" };
    const { hash, text } = sealEvent({ ...place, previousHash, event });
    const line = JSON.stringify({ previousHash, hash, text });
    previousHash = hash;
    return line;
  });
  return lines.join("\n");
}

const began: Forged = { kind: "offline.began", data: { confirmed: "x", reason: "y" } };
const adopted: Forged = { kind: "plan.adopted", data: { plan } };
const proposed = (more: object = {}): Forged => ({
  kind: "run.proposed",
  data: {
    runId: "run-1",
    runbook: "failover",
    source: plan.home,
    target: "west",
    reason: "z",
    plan,
    rehearsal: false,
    evidence: fakeEvidence(plan, LONG_AGO),
    ...more,
  },
});
const completed = (at = LONG_AGO): Forged => ({ kind: "run.completed", data: { runId: "run-1" }, at });

const imported = (...events: Forged[]) => server.core.importOffline(chained(...events), commander);
const refusal = async (...events: Forged[]) => {
  const thrown = await imported(...events).then(
    () => "imported",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
  return [thrown, (await server.core.state()).offlineRuns.length, (await server.core.state()).active];
};
const nothing = ["bad-input", 0, plan.home];

describe("a file whose chain holds", () => {
  it("is taken in when it is what Muster writes", async () => {
    await imported(began, adopted, proposed(), completed());
    expect((await server.core.state()).active).toBe("west");
  });

  it.each([
    ["without data", [{ kind: "offline.began" } as Forged, adopted, proposed(), completed()]],
    ["with no plan", [began, { kind: "plan.adopted", data: { plan: null } }, proposed(), completed()]],
    ["with a plan of a name alone", [began, { kind: "plan.adopted", data: { plan: { application: "shop" } } }]],
    ["with a run of no plan", [began, adopted, proposed({ plan: undefined }), completed()]],
    ["with the data of another kind", [began, adopted, { kind: "step.failed", data: null }, proposed(), completed()]],
    ["with somebody who is an object", [{ ...began, actor: { is: "commander" } }, adopted, proposed(), completed()]],
    ["of a time that is none", [began, adopted, proposed(), completed("then")]],
    ["of a run that is in the future", [began, adopted, proposed(), completed("2999-01-01T00:00:00.000Z")]],
    ["to a region that is not in the plan", [began, adopted, proposed({ target: "mars" }), completed()]],
    ["from a region that is not in the plan", [began, adopted, proposed({ source: "constructor" }), completed()]],
  ] satisfies [string, Forged[]][])("is refused %s, and changes nothing", async (_, events) => {
    expect(await refusal(...events)).toEqual(nothing);
  });

  it.each(jsonRoots)("is refused with lines, texts and data that are %s", async (_, text) => {
    const { previousHash, hash } = JSON.parse(chained(began)) as Record<string, string>;
    const files = [
      text,
      JSON.stringify({ previousHash, hash, text }),
      chained(began, { kind: "plan.adopted", data: JSON.parse(text) }, proposed(), completed()),
    ];
    for (const file of files)
      await expect(server.core.importOffline(file, commander), file).rejects.toMatchObject({ code: "bad-input" });
    expect((await server.core.state()).offlineRuns).toEqual([]);
  });

  it("that was imported before such files were refused moves the service nowhere", async () => {
    const { incidentId: _, ...data } = await imported(began, adopted, proposed(), completed());
    const other = { ...data, offlineId: "forged", source: "constructor", target: "mars", quarantined: true };
    await server.say({ key: "offline/forged", kind: "offline.imported", actor: "commander", data: other });
    const { active, regions } = await server.core.state();
    expect([active, Object.keys(regions)]).toEqual(["west", Object.keys(plan.regions)]);
  });
});
