import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Assessment } from "../../src/ports.ts";
import { AT_ONCE, nothingTold, STAYS_MS, tellingOf } from "../../src/runs/telling.ts";
import { operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const HOUR_MS = 3_600_000;
const unknown = (reason: string): Assessment<unknown> => ({ state: "unknown", reason });
const away: Assessment<unknown> = { state: "away", seen: {} };

/** Looks once a second and answers when each look was told, and which. */
function looked(looks: Iterable<Assessment<unknown>>): { at: number; look: string }[] {
  let telling = nothingTold;
  let now = 0;
  const told: { at: number; look: string }[] = [];
  for (const one of looks) {
    now += 1_000;
    const { tell, ...next } = tellingOf(telling, one, now);
    telling = next;
    if (tell) told.push({ at: now, look: next.last });
  }
  return told;
}

const looks = (ms: number, make: (index: number) => Assessment<unknown>) =>
  Array.from({ length: ms / 1_000 }, (_, index) => make(index));

describe("what is told of the looks of an attempt", () => {
  it("is each change as it comes, and nothing twice in a row", () => {
    const seen = [unknown("A"), unknown("A"), away, unknown("A"), unknown("B"), { state: "moving", seen: {} } as const];
    expect(looked(seen).map(({ look }) => look)).toEqual(["unknown A", "away", "unknown A", "unknown B", "moving"]);
  });

  it("is told ever more rarely while answers alternate, or each gives another reason", () => {
    for (const reason of [(index: number) => `R${index % 2}`, (index: number) => `R${index}`]) {
      const day = looked(looks(24 * HOUR_MS, (index) => unknown(reason(index))));
      const inHour = (hour: number) => day.filter(({ at }) => Math.ceil(at / HOUR_MS) === hour).length;
      expect(inHour(1)).toBeLessThanOrEqual(AT_ONCE + 15);
      for (let hour = 2; hour <= 24; hour++) expect(inHour(hour)).toBeLessThanOrEqual(7);
      // It is not held back for ever either: what is read is of this quarter of an hour.
      expect(inHour(24)).toBeGreaterThanOrEqual(4);
    }
  });

  it("is what stays so within a minute, however often it had changed before", () => {
    const restless = looks(HOUR_MS, (index) => unknown(`R${index % 2}`));
    const told = looked([...restless, ...looks(HOUR_MS, () => away)]);
    expect(told.at(-1)?.look).toBe("away");
    expect(told.at(-1)?.at).toBeLessThanOrEqual(HOUR_MS + STAYS_MS + 1_000);
  });
});

let muster: TestMuster | undefined;
afterEach(() => muster?.stop());

it("a paused run in which two answers alternate for hours leaves a short journal, and why says what is so", async () => {
  const board = createSwitchboard();
  const action = board.registry.actions.get("test.switch")!;
  let asked = 0;
  let clears = false;
  const assess: typeof action.assess = async (input, context) => {
    if (context.startedAt === undefined) return await action.assess(input, context);
    asked++;
    return unknown(clears ? "the door is closed" : `answer ${asked % 2}`);
  };
  const actions = new Map(board.registry.actions).set("test.switch", { ...action, onUnknown: "wait", assess });
  // Each look's pause is over at once by the clock that nobody sets.
  let skippedMs = 0;
  const clock = {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + skippedMs,
    sleep: async (ms: number, signal?: AbortSignal) => {
      if (clock.hurries && ms <= 1_000) skippedMs += ms;
      await systemClock.sleep(clock.hurries ? 1 : ms, signal);
    },
    hurries: false,
  };
  const steps = [makeStep("a", { timeoutMs: 60_000 })];
  const plan = makePlan({ failover: { steps } });
  plan.runbooks.failover!.policy.approval = "automatic";
  muster = startMuster(plan, { registry: { ...board.registry, actions } }, undefined, { clock, leaseMs: 36_000_000 });
  muster.start("executor");
  for (const region of ["east", "west"]) await muster.verdict(region, "healthy");
  const { runId } = (await muster.core.runs.propose("failover", { target: "west" }, operator)).run;
  await muster.until(({ runs }) => runs[runId]?.steps[0]?.phase === "running");
  await muster.core.runs.pause(runId, "wait", operator);
  clock.hurries = true;
  const reasonOf = async () => (await muster!.journal.load()).runs[runId]?.steps[0]?.reason;
  await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(600);
  const assessed = await muster.core.journal.query({ kind: "step.assessed" });
  expect(assessed.length).toBeLessThan(40);
  clears = true;
  await expect.poll(reasonOf, { timeout: 20_000 }).toBe("the door is closed");
  expect((await muster.core.runs.why(runId)).run.steps[0]?.reason).toBe("the door is closed");
});
