import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Divergence } from "../../src/detection/events.ts";
import type { Plan, Step } from "../../src/plans/plan.ts";
import type { AppState } from "../../src/state.ts";
import { approver1, approver2, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;

beforeEach(() => {
  board = createSwitchboard();
  // The service is in west; east follows it again.
  board.copies.set("west", { role: "primary", position: 1_000, history: "h1", writable: true });
  board.copies.set("east", { role: "replica", position: 1_000, history: "h1", linkUp: true, writable: false });
});
afterEach(() => muster.stop());

const found = (change: Partial<Divergence> = {}): Divergence => ({ ...board.divergence, ...change });
const canary = makeStep("canary", { uses: "test.traffic" });
const rest = [
  makeStep("fence", { uses: "test.fence", needs: ["canary"] }),
  makeStep("promote", { uses: "test.promote", needs: ["fence"] }),
];

/** West serves, after a failover that left east behind. */
async function begin(first: Step[] = [], change: (plan: Plan) => void = () => {}): Promise<void> {
  const needs = first.map(({ id }) => id);
  const plan = makePlan({
    failover: { steps: [makeStep("move", { uses: "test.switch" })] },
    failback: { kind: "failback", steps: [...first, { ...canary, needs }, ...rest] },
  });
  change(plan);
  muster = startMuster(plan, board);
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  muster.start("executor");
  await muster.core.runs.propose("failover", { target: "west" }, operator);
  for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-1", [], one);
  await muster.until(({ active }) => active === "west");
}

/** As the rejoin of east would have found it. */
async function compared(divergence: Divergence): Promise<void> {
  const data = { runId: "run-9", stepId: "compare", store: "db", region: "east", against: "west", found: divergence };
  const key = `divergence/${divergence.onlyOld}/${divergence.differing}`;
  await muster.say({ key, kind: "divergence.compared", actor: "system:executor", data });
}

async function failback(): Promise<AppState> {
  await muster.core.runs.propose("failback", { reason: "home is well" }, operator);
  return muster.journal.load();
}

const completed = ({ runs }: AppState) => runs["run-2"]?.phase === "completed";
const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

describe("a failback", () => {
  it("asks for nothing more where the comparison found nothing", async () => {
    await begin();
    await compared(found({ onlyNew: 500 }));
    expect((await failback()).approvals["ap-2"]?.mustAccept).toEqual([]);
  });

  it("starts no canary before what only home held was accepted by name", async () => {
    await begin();
    await compared(found({ onlyOld: 3, differing: 1 }));
    const asked = (await failback()).approvals["ap-2"]!;
    expect(asked.mustAccept.map(({ id }) => id)).toEqual(["divergence:db"]);
    expect(asked.mustAccept[0]?.text).toContain("3 records only there");
    expect(asked.mustAccept[0]?.text).toContain("divergence-run-9.md");
    await expect(muster.core.approvals.approve("ap-2", [], approver1)).rejects.toMatchObject({
      code: "acceptance-missing",
    });
    await settle();
    expect(board.on.has("canary")).toBe(false);
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-2", ["divergence:db"], one);
    await muster.until(completed);
  });

  it.each([
    ["was never compared", undefined],
    ["was compared only in part", { cut: "it was stopped after 500 keys" }],
  ])("does not take for nothing what %s", async (_, change) => {
    await begin();
    if (change) await compared(found(change));
    expect((await failback()).approvals["ap-2"]?.mustAccept.map(({ id }) => id)).toEqual(["divergence:db"]);
  });

  it("asks under an automatic policy too, and never one person alone", async () => {
    await begin([], (plan) => {
      Object.assign(plan.runbooks.failback!.policy, { approval: "automatic", quorum: 1, excludeRequester: false });
    });
    await muster.core.runs.propose("failback", { reason: "home is well" }, commander);
    const asked = (await muster.journal.load()).approvals["ap-2"];
    expect(asked).toMatchObject({ excludeRequester: true, mustAccept: [{ id: "divergence:db" }] });
    await settle();
    expect(board.on.has("canary")).toBe(false);
  });

  it("halts before its canary when its own comparison finds what people were not shown", async () => {
    await begin([makeStep("compare", { uses: "test.compare" })]);
    await compared(found());
    await failback();
    board.divergence = found({ onlyOld: 7 });
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-2", [], one);
    const state = await muster.until(({ approvals }) => approvals["ap-3"] !== undefined);
    expect(state.approvals["ap-2"]).toMatchObject({ phase: "voided", changes: [{ what: "divergence of db" }] });
    await settle();
    expect(board.on.has("canary")).toBe(false);
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-3", ["divergence:db"], one);
    await muster.until(completed);
  });

  it("halts before its canary under an automatic policy as well", async () => {
    await begin([makeStep("compare", { uses: "test.compare" })], (plan) => {
      Object.assign(plan.runbooks.failback!.policy, { approval: "automatic" });
    });
    await compared(found());
    board.divergence = found({ differing: 2 });
    await failback();
    const state = await muster.until(({ approvals }) => approvals["ap-2"] !== undefined);
    expect(state.approvals["ap-2"]?.mustAccept).toMatchObject([{ id: "divergence:db" }]);
    await settle();
    expect(board.on.has("canary")).toBe(false);
  });

  it("goes on by itself when its own comparison finds nothing", async () => {
    await begin([makeStep("compare", { uses: "test.compare" })]);
    await compared(found());
    await failback();
    for (const one of [approver1, approver2]) await muster.core.approvals.approve("ap-2", [], one);
    const state = await muster.until(completed);
    expect(Object.keys(state.approvals)).toEqual(["ap-1", "ap-2"]);
  });

  it("forgets a comparison when the region is failed away from again", async () => {
    await begin();
    await compared(found());
    const data = { region: "east", runId: "run-1", reason: "failed away from" };
    const state = await muster.say({ key: "q", kind: "quarantine.started", actor: "system:executor", data });
    expect(state.divergences).toEqual({});
  });
});
