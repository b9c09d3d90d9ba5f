import { describe, expect, it } from "vitest";
import { decideStepMove, type StepSituation } from "../../src/runs/decide-step.ts";

const action = {
  id: "test.action",
  effect: "none",
  repeat: "converging",
  onUnknown: "ask",
  onAbort: "finish",
  applies: true,
} satisfies StepSituation["action"];
const step: StepSituation["step"] = {
  stepId: "a",
  name: "Step a",
  uses: "test.action",
  phase: "running",
  attempt: 1,
  attemptsSinceRetry: 1,
  intents: 0,
};
const at = "2026-05-04T02:13:40.000Z";
const intended = { ...step, intents: 1, intended: { at } };
const away = { state: "away", seen: { on: false } } as const;
const reached = { state: "reached", seen: { on: true } } as const;
const moving = { state: "moving", seen: { on: false } } as const;
const unknown = { state: "unknown", reason: "out of sight" } as const;

/** An attempt that has just begun, at something that is away, unless a test says otherwise. */
function situation(change: Partial<StepSituation> = {}): StepSituation {
  return { action, step, input: {}, assessment: away, timedOut: false, accepted: new Set(), ...change };
}

const move = (change: Partial<StepSituation>) => decideStepMove(situation(change));
const codeOf = (change: Partial<StepSituation>) => {
  const next = move(change);
  return next.move === "fail" ? next.error.code : next.move;
};

describe("the next move in a step", () => {
  it("is to be done with what is reached, and to say whether it was so before", () => {
    expect(move({ assessment: reached })).toEqual({ move: "verify", seen: { on: true }, alreadySo: true });
    expect(move({ assessment: reached, step: intended })).toMatchObject({ move: "verify", alreadySo: false });
    const check = { ...action, applies: false };
    expect(move({ assessment: reached, action: check })).toMatchObject({ move: "verify", alreadySo: false });
  });

  it("verifies nothing but what was seen as reached", () => {
    for (const assessment of [away, moving, unknown]) {
      for (const timedOut of [false, true]) {
        for (const one of [step, intended]) expect(codeOf({ assessment, timedOut, step: one })).not.toBe("verify");
      }
    }
  });

  it("is to apply what is away, once", () => {
    expect(move({})).toEqual({ move: "apply", seen: { on: false } });
    expect(codeOf({ step: { ...intended, applied: { at } } })).toBe("wait");
  });

  it("is to wait where there is nothing to apply, or a change is under way", () => {
    expect(codeOf({ action: { ...action, applies: false } })).toBe("wait");
    expect(codeOf({ assessment: moving })).toBe("wait");
  });

  it("repeats an intent without an answer where that is harmless, and otherwise asks a person", () => {
    expect(codeOf({ step: intended })).toBe("apply");
    expect(codeOf({ step: intended, action: { ...action, repeat: "conditional" } })).toBe("apply");
    expect(move({ step: intended, action: { ...action, repeat: "once" } })).toMatchObject({
      move: "fail",
      error: { code: "step-unknown", retryable: false },
    });
    expect(codeOf({ action: { ...action, repeat: "once" } })).toBe("apply");
  });

  it("never applies what is out of sight after an intent, whatever the action says of the unknown", () => {
    for (const onUnknown of ["wait", "ask", "proceed"] as const) {
      expect(codeOf({ assessment: unknown, step: intended, action: { ...action, onUnknown } })).toBe("wait");
    }
  });

  it("follows the action about the unknown before the first intent", () => {
    expect(codeOf({ assessment: unknown, action: { ...action, onUnknown: "wait" } })).toBe("wait");
    expect(codeOf({ assessment: unknown, action: { ...action, onUnknown: "ask" } })).toBe("step-unverified");
    expect(codeOf({ assessment: unknown, action: { ...action, onUnknown: "proceed" } })).toBe("apply");
  });

  it("asks about a look without an answer when it was repeated for the step's time, and once", () => {
    const lost = { ...unknown, retryable: true };
    expect(codeOf({ assessment: lost })).toBe("wait");
    expect(move({ assessment: lost, timedOut: true })).toMatchObject({
      error: { code: "step-unverified", retryable: false },
    });
    expect(codeOf({ assessment: { ...unknown, retryable: false } })).toBe("step-unverified");
    expect(codeOf({ assessment: lost, action: { ...action, effect: "fence" } })).toBe("step-unverified");
  });

  it("goes past a fence out of sight only when people accepted that very fence", () => {
    const fence = { ...action, effect: "fence" } as const;
    expect(codeOf({ assessment: unknown, action: fence })).toBe("step-unverified");
    expect(codeOf({ assessment: unknown, action: fence, accepted: new Set(["fence:b"]) })).toBe("step-unverified");
    expect(move({ assessment: unknown, action: fence, accepted: new Set(["fence:a"]) })).toEqual({
      move: "accept",
      acceptance: "fence:a",
      reason: "out of sight",
    });
    expect(codeOf({ assessment: unknown, accepted: new Set(["fence:a"]) })).toBe("step-unverified");
    expect(codeOf({ assessment: away, action: fence, accepted: new Set(["fence:a"]) })).toBe("apply");
  });

  it("does not apply what is blocked, and says why", () => {
    const blocked = move({ action: { ...action, blockers: () => ["it still takes writes"] } });
    expect(blocked).toMatchObject({ move: "fail", error: { code: "step-blocked", retryable: true } });
    expect(JSON.stringify(blocked)).toContain("it still takes writes");
  });

  it("ends with its time, unless it is reached at that moment", () => {
    for (const assessment of [away, moving]) expect(codeOf({ assessment, timedOut: true })).toBe("step-timeout");
    expect(codeOf({ assessment: unknown, step: intended, timedOut: true })).toBe("step-timeout");
    expect(codeOf({ assessment: reached, timedOut: true })).toBe("verify");
  });

  it("has no other attempt follow by itself when its time is over and something was sent that must be once", () => {
    const once = { ...action, repeat: "once" } as const;
    const taken = { ...intended, applied: { at } };
    for (const [one, sent, retryable] of [
      [once, taken, false],
      [once, step, true],
      [action, taken, true],
    ] as const) {
      const error = { code: "step-timeout", retryable };
      expect(move({ action: one, step: sent, assessment: moving, timedOut: true })).toMatchObject({ error });
    }
  });
});
