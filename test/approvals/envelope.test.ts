import { describe, expect, it } from "vitest";
import { acceptancesOf, classChanges, envelopeOf, lossChanges } from "../../src/approvals/envelope.ts";
import type { Envelope } from "../../src/approvals/events.ts";
import type { LossAssessment, Verdict } from "../../src/detection/events.ts";
import { initialState } from "../../src/fold.ts";
import type { AppState } from "../../src/state.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard } from "../helpers/switchboard.ts";

const plan = makePlan({
  failover: {
    steps: [makeStep("fence", { uses: "test.fence" }), makeStep("promote", { uses: "test.promote", needs: ["fence"] })],
  },
});
const { actions } = createSwitchboard().registry;
const subject = { plan, runbook: plan.runbooks.failover!, source: "east", target: "west" };
const at = "2026-05-04T02:13:40.000Z";
const measured = (seconds: number): LossAssessment => ({ kind: "measured", bytes: 10, seconds, at });
const unknownLoss: LossAssessment = { kind: "unknown", reason: "no look at the store yet", at };

/** East is down and west healthy; the store's backlog as given. The plan's budget is 5 s. */
function state(loss?: LossAssessment, verdicts: Record<string, Verdict> = {}, source = "east"): AppState {
  const first = initialState(plan);
  const all: Record<string, Verdict> = { east: "down", west: "healthy", ...verdicts };
  const regions = Object.values(first.regions).map((region) => [
    region.code,
    { ...region, verdict: all[region.code] ?? "unknown" },
  ]);
  const withinBudget = loss !== undefined && loss.kind !== "unknown" && loss.seconds <= 5;
  const stores = loss ? { "db/west": { store: "db", source, target: "west", loss, withinBudget } } : {};
  return { ...first, regions: Object.fromEntries(regions), stores };
}

/** As src/approvals/decide.ts puts the two together. */
const envelopeChanges = (of: Envelope, now: AppState, readiness?: Envelope["readiness"]) => [
  ...classChanges(of, now, readiness),
  ...lossChanges(of, of.lossCeilingSeconds, now),
];
const bound = (from: AppState) => envelopeOf(from, subject, "ready", actions);

describe("the envelope of an approval", () => {
  it("binds the plan, both regions, their verdicts, readiness and a ceiling for each promoted store", () => {
    expect(bound(state(measured(1)))).toEqual({
      planDigest: plan.digest,
      runbook: "failover",
      source: "east",
      target: "west",
      verdicts: { east: "down", west: "up" },
      readiness: "ready",
      lossCeilingSeconds: { db: 5 },
    });
  });

  it("lets a loss within budget grow to the budget, and one over it by a fifth of what was shown", () => {
    expect(bound(state(measured(20))).lossCeilingSeconds).toEqual({ db: 24 });
    const small = bound(state(measured(1)));
    expect(envelopeChanges(small, state(measured(5)))).toEqual([]);
    expect(envelopeChanges(small, state(measured(5.1)))).toEqual([
      { what: "loss of db", old: "at most 5 s", new: "5.1 s, 10 bytes" },
    ]);
  });

  it("has no ceiling where the loss was unknown, or was measured from another source", () => {
    for (const unseen of [state(), state(unknownLoss), state(measured(1), {}, "north")]) {
      expect(bound(unseen).lossCeilingSeconds).toEqual({ db: null });
    }
    expect(envelopeChanges(bound(state(unknownLoss)), state(measured(60)))).toEqual([]);
  });

  it("is left when a known loss becomes unknown", () => {
    const [change] = envelopeChanges(bound(state(measured(1))), state(unknownLoss));
    expect(change).toMatchObject({ what: "loss of db", old: "at most 5 s" });
    expect(change?.new).toContain("unknown");
  });

  it("is left when a verdict changes its class, and not when it wobbles within it", () => {
    const before = bound(state(measured(1)));
    expect(envelopeChanges(before, state(measured(1), { west: "degraded" }))).toEqual([]);
    expect(envelopeChanges(before, state(measured(1), { west: "down" }))).toEqual([
      { what: "region west", old: "up", new: "down" },
    ]);
    expect(envelopeChanges(before, state(measured(1), { east: "healthy" }))).toEqual([
      { what: "region east", old: "down", new: "up" },
    ]);
  });

  it("is left when readiness gets worse, and not when it gets better", () => {
    const now = state(measured(1));
    const unsure = envelopeOf(now, subject, "unknown", actions);
    expect(envelopeChanges(unsure, now, "blocked")).toEqual([{ what: "readiness", old: "unknown", new: "blocked" }]);
    expect(envelopeChanges(unsure, now, "ready")).toEqual([]);
    expect(envelopeChanges(unsure, now)).toEqual([]);
  });
});

describe("what must be accepted by name", () => {
  const accepted = (from: AppState, fence: "ready" | "unknown" = "ready") =>
    acceptancesOf(from, subject, [{ stepId: "fence", state: fence, reason: "it does not answer" }], actions);

  it("is nothing while the fence is in sight and the loss within budget", () => {
    expect(accepted(state(measured(5)))).toEqual([]);
  });

  it("is a loss over budget, with its size and the budget", () => {
    const [loss, ...others] = accepted(state(measured(20)));
    expect(others).toEqual([]);
    expect(loss?.id).toBe("loss:db");
    expect(loss?.text).toContain("20 s");
    expect(loss?.text).toContain("5 s");
  });

  it("is a loss that is unknown, never looked at, or of another source: none proceeds by itself", () => {
    for (const unseen of [state(unknownLoss), state(), state(measured(1), {}, "north")]) {
      expect(accepted(unseen).map(({ id }) => id)).toEqual(["loss:db"]);
    }
  });

  it("is a fence that cannot be seen, with the reason", () => {
    const [fence] = accepted(state(measured(1)), "unknown");
    expect(fence?.id).toBe("fence:fence");
    expect(fence?.text).toContain("it does not answer");
  });

  it("ends each of its sentences once, whoever wrote the reason", () => {
    const loss: LossAssessment = { ...unknownLoss, reason: "no look at the store yet." };
    const readiness = [{ stepId: "fence", state: "unknown" as const, reason: "it does not answer (503)." }];
    const texts = acceptancesOf(state(loss), subject, readiness, actions).map(({ text }) => text);
    expect(texts).toHaveLength(2);
    for (const text of texts) expect(text).not.toMatch(/\.\.|\.\)/);
    const left = envelopeChanges(bound(state(measured(1))), state(loss));
    expect(left).toEqual([{ what: "loss of db", old: "at most 5 s", new: "unknown (no look at the store yet)" }]);
  });
});
