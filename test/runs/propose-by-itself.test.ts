import { afterEach, describe, expect, it } from "vitest";
import { startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let muster: TestMuster;
afterEach(() => muster.stop());

/** A switchboard at which every look takes until it is let go. */
function slowToLook(board: Switchboard) {
  const looked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const action = board.registry.actions.get("test.switch")!;
  const assess: typeof action.assess = async (...args) => {
    looked.resolve();
    await gate.promise;
    return action.assess(...args);
  };
  const actions = new Map([...board.registry.actions, ["test.switch", { ...action, assess }]]);
  return { registry: { ...board.registry, actions }, looked: looked.promise, letGo: gate.resolve };
}

describe("a region that is well again while the evidence for its failover is gathered", () => {
  it.each(["required", "automatic"] as const)("is not failed away from (approval %s)", async (approval) => {
    const policy = { approval, quorum: 1, roles: ["approver" as const], excludeRequester: false, expiryMs: 60_000 };
    const plan = makePlan({ failover: { trigger: "region-down", policy, steps: [makeStep("a")] } });
    const { registry, looked, letGo } = slowToLook(createSwitchboard());
    muster = startMuster(plan, { registry }, undefined, { requestTimeoutMs: 5_000 });
    await muster.verdict("west", "healthy");
    await muster.verdict("east", "down");
    muster.start("executor");
    await looked;
    const { version } = await muster.verdict("east", "healthy");
    letGo();
    const { incidents } = await muster.until(({ openIncidentId }) => openIncidentId === undefined);
    expect(incidents["inc-1"]?.runIds).toEqual([]);
    // The next fault is proposed for, so that what was gathered for the first one has come to its end by then.
    await muster.verdict("east", "down");
    const { runs } = await muster.until((state) => Object.keys(state.runs).length > 0);
    expect(Object.values(runs).map(({ runId, incidentId }) => [runId, incidentId])).toEqual([["run-1", "inc-2"]]);
    const between = await muster.core.journal.query({});
    const kinds = between.filter(({ seq }) => seq > version).map(({ kind }) => kind);
    expect(kinds.indexOf("run.proposed")).toBeGreaterThan(kinds.indexOf("verdict.changed"));
    expect(kinds).not.toContain("proposal.refused");
  });
});
