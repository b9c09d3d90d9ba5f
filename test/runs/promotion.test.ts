import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askAgain } from "../../src/approvals/decide.ts";
import { AppError } from "../../src/errors.ts";
import type { DomainEvent, NewDomainEvent } from "../../src/events.ts";
import type { Plan, Policy } from "../../src/plans/plan.ts";
import type { RecoveryAction } from "../../src/ports.ts";
import { acceptedBy } from "../../src/runs/attempt.ts";
import { intendPromotion } from "../../src/runs/promotion.ts";
import type { AppState, StoreState } from "../../src/state.ts";
import { approver1, approver2, commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

let board: Switchboard;
let muster: TestMuster;

beforeEach(() => {
  board = createSwitchboard();
});
afterEach(() => muster.stop());

const steps = [
  makeStep("fence", { uses: "test.fence" }),
  makeStep("promote", { uses: "test.promote", needs: ["fence"], retries: 1 }),
  makeStep("after", { needs: ["promote"] }),
];

/** A budget of nothing, so that a single byte is beyond it. */
function strict(policy: Partial<Policy> = {}, lossBudgetSeconds = 0): Plan {
  const plan = makePlan({ failover: { steps } });
  Object.assign(plan.runbooks.failover!.policy, policy);
  plan.stores.db!.lossBudgetSeconds = lossBudgetSeconds;
  return plan;
}

async function begin(plan: Plan, ...workers: string[]): Promise<void> {
  muster = startMuster(plan, board);
  await muster.verdict("east", "healthy");
  await muster.verdict("west", "healthy");
  muster.start("executor", ...workers);
}

const behind = () => board.copies.set("east", { role: "primary", position: 2_234, history: "h1", writable: true });
const caughtUp = () =>
  board.copies.set("west", { role: "replica", position: 2_234, history: "h1", linkUp: true, writable: false });

/** Something happens in the world between the start of a promotion's attempt and its intent. */
function whilePromotionIsLookedAt(happens: () => void): void {
  const actions = new Map<string, RecoveryAction>(board.registry.actions);
  const promote = actions.get("test.promote")!;
  actions.set("test.promote", {
    ...promote,
    assess: async (input, context) => {
      const seen = await promote.assess(input, context);
      if (context.startedAt !== undefined) happens();
      return seen;
    },
  });
  board.registry = { ...board.registry, actions };
}

async function propose(): Promise<AppState> {
  await muster.core.runs.propose("failover", { target: "west" }, operator);
  return muster.journal.load();
}

async function approve(id: string): Promise<void> {
  const accepted = (await muster.journal.load()).approvals[id]!.mustAccept.map((one) => one.id);
  await muster.core.approvals.approve(id, accepted, approver1);
  await muster.core.approvals.approve(id, accepted, approver2);
}

const completed = ({ runs }: AppState) => runs["run-1"]?.phase === "completed";
const eventsOf = async (kind: string): Promise<DomainEvent[]> => muster.core.journal.query({ kind });

describe("a promotion that would lose more than was approved", () => {
  /** Approved with nothing to lose; then the primary goes ahead, and only the last look can see it. */
  async function held(...workers: string[]): Promise<AppState> {
    whilePromotionIsLookedAt(() => {
      if (!board.on.has("promote") && board.copies.get("west")?.position === 1_000) behind();
    });
    await begin(strict(), ...workers);
    await propose();
    await approve("ap-1");
    return muster.until(({ approvals }) => approvals["ap-2"] !== undefined);
  }

  it("is held between its start and its intent, with seconds and bytes, and people are asked", async () => {
    const state = await held();
    const step = state.runs["run-1"]?.steps[1];
    expect(step).toMatchObject({ phase: "pending", intents: 0, loss: { within: false, loss: { bytes: 1_234 } } });
    expect(step?.held?.reason).toContain("1,234 bytes");
    expect(await eventsOf("step.held")).toHaveLength(1);
    expect((await eventsOf("step.intended")).map(({ data }) => (data as { stepId: string }).stepId)).toEqual(["fence"]);
    expect(board.requests).toEqual(["fence"]);
    expect(state.approvals["ap-2"]).toMatchObject({ phase: "pending", beside: "ap-1", quorum: 2 });
    expect(state.approvals["ap-2"]?.mustAccept[0]).toMatchObject({ id: "loss:db" });
    expect(state.approvals["ap-2"]?.mustAccept[0]?.text).toContain("1,234 bytes");
    const { waiting } = await muster.core.runs.why("run-1");
    expect(waiting.map(({ because }) => because).join("\n")).toContain("held");
  });

  it("leaves standing what was accepted by name before, so that another fence out of sight is not failed", async () => {
    await begin(strict());
    const { runs, approvals } = await propose();
    const decided = { principal: "approver-1", decision: "approve" as const, accepted: ["fence:other"], at: "" };
    const asked = approvals["ap-1"]!;
    const state = {
      ...(await muster.journal.load()),
      approvals: {
        "ap-1": { ...asked, phase: "granted" as const, decisions: [decided] },
        "ap-2": { ...asked, approvalId: "ap-2", beside: "ap-1" },
      },
    };
    expect(acceptedBy(state, { ...runs["run-1"]!, approvalId: "ap-2" })).toEqual(new Set(["fence:other"]));
  });

  it("is not asked about again once it is done", async () => {
    await begin(strict());
    await propose();
    await approve("ap-1");
    await muster.until(completed);
    // Since the promotion nobody looks at this pair of copies any more.
    const state = { ...(await muster.journal.load()), stores: {} };
    const changes = { ofClass: [{ what: "region east", old: "up", new: "down" }], ofLoss: [] };
    const events = askAgain(state, state.runs["run-1"]!, changes, Date.now(), board.registry.actions);
    const asked = events.find(({ kind }) => kind === "approval.requested");
    expect(asked?.data).toMatchObject({ mustAccept: [], envelope: { lossCeilingSeconds: {} } });
  });

  it("goes on by itself under the old approval when the copies have caught up", async () => {
    await held("sampler");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(board.on.has("promote")).toBe(false);
    caughtUp();
    const state = await muster.until(completed);
    expect(state.approvals["ap-2"]).toMatchObject({ phase: "closed", decisions: [] });
    expect(state.runs["run-1"]?.approvalId).toBe("ap-1");
    expect((await eventsOf("approval.withdrawn"))[0]?.data).toMatchObject({ approvalId: "ap-2", restores: "ap-1" });
  });

  it("goes on when the loss was accepted by name, and journals what it takes on itself", async () => {
    await held();
    await expect(muster.core.approvals.approve("ap-2", [], approver1)).rejects.toMatchObject({
      code: "acceptance-missing",
    });
    await muster.core.approvals.approve("ap-2", ["loss:db"], approver1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(board.on.has("promote")).toBe(false);
    await muster.core.approvals.approve("ap-2", ["loss:db"], approver2);
    const state = await muster.until(completed);
    expect(state.runs["run-1"]?.steps[1]?.loss).toMatchObject({ within: true, loss: { bytes: 1_234 } });
  });

  it("is given up when people abort, or deny", async () => {
    await held();
    await muster.core.approvals.deny("ap-2", "not with that", approver1);
    const state = await muster.until(({ runs }) => runs["run-1"]?.phase === "aborted");
    expect(state.approvals["ap-2"]?.phase).toBe("denied");
    expect(board.on.has("promote")).toBe(false);
  });

  it("is not sent by a successor either, that finds it started and not intended", async () => {
    let stop: Promise<void> | undefined;
    whilePromotionIsLookedAt(() => {
      stop ??= muster.stop({ keep: true });
    });
    await begin(strict());
    await propose();
    await approve("ap-1");
    await muster.until(() => stop !== undefined).catch(() => {});
    await stop;
    behind();
    muster = startMuster(strict(), board, muster.directory);
    muster.start("executor");
    const state = await muster.until(({ approvals }) => approvals["ap-2"] !== undefined);
    expect(state.runs["run-1"]?.steps[1]?.phase).toBe("pending");
    expect(board.on.has("promote")).toBe(false);
  });
});

describe("the look that a promotion is decided on", () => {
  it("is taken after the fence was verified, and stands before the intent", async () => {
    board.delays.set("fence", 100);
    await begin(strict());
    await propose();
    await approve("ap-1");
    await muster.until(completed);
    const events = await muster.core.journal.query({});
    const seqOf = (kind: string, stepId?: string) =>
      events.findLast(
        (event) => event.kind === kind && (!stepId || (event.data as { stepId?: string }).stepId === stepId),
      )?.seq ?? 0;
    const places = [
      seqOf("step.verified", "fence"),
      seqOf("replication.sampled"),
      seqOf("loss.assessed"),
      seqOf("step.intended", "promote"),
    ];
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("does not ask about a promotion that was sent and whose answer was lost: what is done is seen to be done", async () => {
    const lost = new AppError({ code: "vendor-unavailable", summary: "No answer.", retryable: true });
    board.failures.set("promote", { times: 1, error: lost, afterActing: true });
    whilePromotionIsLookedAt(() => {
      // A promoted copy has a history of its own.
      if (board.on.has("promote"))
        board.copies.set("west", { role: "primary", position: 1_001, history: "h2", writable: true });
    });
    await begin(strict(), "sampler");
    await propose();
    await approve("ap-1");
    const state = await muster.until(completed);
    expect(Object.keys(state.approvals)).toEqual(["ap-1"]);
    expect(board.transitions).toEqual(["fence", "promote", "after"]);
  });
});

describe("an automatic policy", () => {
  const automatic = (policy: Partial<Policy> = {}) => strict({ approval: "automatic", quorum: 1, ...policy });

  it("proceeds by itself inside the budget", async () => {
    await begin(automatic());
    const state = await propose();
    expect(state.runs["run-1"]?.approvalId).toBeUndefined();
    await muster.until(completed);
  });

  it("asks when the loss is unknown or over budget, and never lets one person take it alone", async () => {
    board.copies.delete("east");
    await begin(automatic({ excludeRequester: false }));
    await muster.core.runs.propose("failover", { target: "west" }, commander);
    const state = await muster.journal.load();
    expect(state.approvals["ap-1"]).toMatchObject({ quorum: 1, excludeRequester: true });
    await expect(muster.core.approvals.approve("ap-1", ["loss:db"], commander)).rejects.toMatchObject({
      code: "requester-excluded",
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(board.requests).toEqual([]);
    await muster.core.approvals.approve("ap-1", ["loss:db"], approver1);
    await muster.until(completed);
  });

  it("needs two people where Muster itself asked for the run", async () => {
    board.copies.delete("east");
    const plan = automatic();
    plan.runbooks.failover!.trigger = "region-down";
    await begin(plan);
    await muster.verdict("east", "down");
    const state = await muster.until(({ approvals }) => approvals["ap-1"] !== undefined);
    expect(state.approvals["ap-1"]).toMatchObject({ quorum: 2, mustAccept: [{ id: "loss:db" }] });
  });

  it("is held at the promotion when the loss has grown, and goes on by itself when it is back inside", async () => {
    whilePromotionIsLookedAt(() => {
      if (board.copies.get("west")?.position === 1_000) behind();
    });
    await begin(automatic(), "sampler");
    await propose();
    const state = await muster.until(({ approvals }) => approvals["ap-1"] !== undefined);
    expect(board.on.has("promote")).toBe(false);
    expect(state.approvals["ap-1"]?.changes).toMatchObject([{ what: "loss of db", old: "at most 0 s" }]);
    caughtUp();
    await muster.until(completed);
    expect((await muster.journal.load()).approvals["ap-1"]?.decisions).toEqual([]);
  });
});

describe("the append that holds the intent", () => {
  /** A run at its promotion, and what the journal and the attempt's own look say of the store. */
  async function decided(inJournal: StoreState["loss"], looked: StoreState["loss"] | undefined): Promise<string[]> {
    await begin(strict({}, 5));
    await propose();
    await approve("ap-1");
    await muster.until(completed);
    const done = await muster.journal.load();
    const run = done.runs["run-1"]!;
    const open = run.steps.map((step) => (step.stepId === "fence" ? step : { ...step, phase: "running" as const }));
    const sample = (loss: StoreState["loss"]): StoreState => {
      return { store: "db", source: "east", target: "west", loss, withinBudget: true };
    };
    const state: AppState = {
      ...done,
      stores: { "db/west": sample(inJournal) },
      runs: { "run-1": { ...run, phase: "running", steps: open } },
    };
    const { actions } = board.registry;
    const planned = steps[1]!;
    const action = actions.get("test.promote")!;
    const input = { name: "promote" };
    const attempt = { runId: "run-1", stepId: "promote", attempt: 1, run, planned, action, input, now: Date.now };
    const intent = { key: "the-intent", kind: "step.intended" } as unknown as NewDomainEvent;
    const seen = looked ? [sample(looked)] : [];
    return intendPromotion(state, attempt, intent, seen, Date.now(), actions).map(({ kind }) => kind);
  }

  const at = "2026-05-04T02:13:40.000Z";
  const inside = { kind: "measured" as const, bytes: 10, seconds: 5, at };
  const beyond = { kind: "measured" as const, bytes: 10, seconds: 5.1, at };
  const unknown = { kind: "unknown" as const, reason: "the target's copy does not answer", at };
  const heldAndAsked = ["loss.assessed", "step.held", "approval.requested"];

  it.each([
    ["both looks are inside", inside, inside, ["loss.assessed", "step.intended"]],
    ["its own look is beyond, and a later one inside", inside, beyond, ["loss.assessed", "step.held"]],
    ["both are beyond", beyond, beyond, heldAndAsked],
    ["the journal's latest is beyond", beyond, inside, heldAndAsked],
    ["neither saw anything", unknown, unknown, heldAndAsked],
    ["there was no look", inside, undefined, heldAndAsked],
  ])("when %s", async (_, inJournal, looked, kinds) => {
    expect(await decided(inJournal, looked)).toEqual(kinds);
  });
});
