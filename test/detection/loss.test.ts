import { describe, expect, it } from "vitest";
import { assessLoss, type LossMemory, remember, type Sample, withinBudget } from "../../src/detection/loss.ts";

const start = Date.parse("2026-01-01T00:00:00.000Z");

function primary(position: number, history = "h1") {
  return { role: "primary" as const, position, history, writable: true };
}
function replica(position: number, history = "h1") {
  return { role: "replica" as const, position, history, linkUp: true, writable: false };
}

/** Looks one second apart, from `start` on. */
function following(...samples: Omit<Sample, "at" | "askedAt">[]): LossMemory {
  return samples.reduce<LossMemory>(
    (memory, sample, at) => remember(memory, { askedAt: start + at * 1_000, at: start + at * 1_000, ...sample }),
    {
      heads: [],
    },
  );
}

function look(memory: LossMemory) {
  return assessLoss(memory, start + 60_000);
}

describe("the unreplicated amount", () => {
  it("is measured as nothing when the replica holds all that the primary has", () => {
    expect(look(following({ primary: primary(500), replica: replica(500) }))).toMatchObject({
      kind: "measured",
      bytes: 0,
      seconds: 0,
    });
  });

  it("is measured in bytes, and in seconds back to when the replica had everything", () => {
    const memory = following(
      { primary: primary(100), replica: replica(100) },
      { primary: primary(200), replica: replica(100) },
      { primary: primary(300), replica: replica(150) },
    );
    expect(look(memory)).toMatchObject({ kind: "measured", bytes: 150, seconds: 2 });
  });

  it("does not grow in seconds while a fenced primary writes no more and its replica does not catch up", () => {
    const memory = following(
      { primary: primary(100), replica: replica(100) },
      { primary: primary(300), replica: replica(100) },
      { primary: primary(300), replica: replica(100) },
      { primary: primary(300), replica: replica(100) },
    );
    expect(look(memory)).toMatchObject({ kind: "measured", bytes: 200, seconds: 1 });
  });

  it("is bounded when the primary is gone: backlog at its last answer, seconds to its first failure", () => {
    const memory = following(
      { primary: primary(100), replica: replica(100) },
      { primary: primary(200), replica: replica(120) },
      { replica: replica(160) },
      { replica: replica(160) },
      { replica: replica(160) },
    );
    expect(look(memory)).toMatchObject({
      kind: "bounded",
      bytes: 40,
      seconds: 2,
      headAt: "2026-01-01T00:00:01.000Z",
    });
  });

  it("does not grow while a dead primary stays dead", () => {
    const dead = following({ primary: primary(100), replica: replica(100) }, { replica: replica(100) });
    const longDead = remember(dead, { askedAt: start + 3_600_000, at: start + 3_600_000, replica: replica(100) });
    expect(assessLoss(longDead, start + 3_600_000)).toMatchObject({ kind: "bounded", bytes: 0, seconds: 1 });
  });

  it("is unknown over a clock that was set back, and never the less for that", () => {
    const at = (seconds: number, sample: Omit<Sample, "at" | "askedAt">): Sample => ({
      askedAt: start + seconds * 1_000,
      at: start + seconds * 1_000,
      ...sample,
    });
    const lagging = [at(300, { primary: primary(100), replica: replica(100) })];
    // Five minutes back, with what was written since not there yet.
    const back = [...lagging, at(2, { primary: primary(300), replica: replica(100) })].reduce(remember, { heads: [] });
    expect(look(back)).toMatchObject({ kind: "unknown", bytes: 200 });
    expect(look(remember(back, at(3, { replica: replica(100) })))).toMatchObject({ kind: "unknown" });
    expect(look(remember(back, at(4, { primary: primary(400), replica: replica(300) })))).toMatchObject({
      kind: "measured",
      seconds: 2,
    });
    const died = [...lagging, at(2, { replica: replica(100) })].reduce(remember, { heads: [] });
    expect(look(died)).toMatchObject({ kind: "unknown" });
    const during = { ...at(2, { primary: primary(300), replica: replica(100) }), askedAt: start + 301_000 };
    expect(look([...lagging, during, at(3, { replica: replica(300) })].reduce(remember, { heads: [] }))).toMatchObject({
      kind: "unknown",
    });
  });

  it("stays as it was bounded when the clock is set back after that, and begins anew with the primary's return", () => {
    const dead = following({ primary: primary(100), replica: replica(100) }, { replica: replica(100) });
    const back = { askedAt: start - 300_000, at: start - 300_000 };
    const longDead = remember(dead, { ...back, replica: replica(100) });
    expect(look(longDead)).toMatchObject({ kind: "bounded", bytes: 0, seconds: 1 });
    const later = { askedAt: start + 600_000, at: start + 600_000 };
    const returned = remember(longDead, { ...later, primary: primary(200), replica: replica(100) });
    expect(look(returned)).toMatchObject({ kind: "unknown", bytes: 100 });
  });

  it.each([
    ["nothing was looked at", { heads: [] }],
    ["the target does not answer", following({ primary: primary(100) })],
    ["the primary never answered", following({ replica: replica(100) })],
    ["the histories differ", following({ primary: primary(100, "h1"), replica: replica(100, "h2") })],
    ["the replica is further behind than anybody looked", following({ primary: primary(100), replica: replica(50) })],
    ["the source is no primary", following({ primary: { ...primary(100), role: "replica" }, replica: replica(100) })],
  ])("is unknown when %s, and unknown is over every budget", (_, memory) => {
    const loss = look(memory);
    expect(loss.kind).toBe("unknown");
    expect(withinBudget(loss, 1_000_000)).toBe(false);
  });

  it("is never understated by a primary that comes back with another history", () => {
    const memory = following(
      { primary: primary(100), replica: replica(100) },
      { replica: replica(100) },
      { primary: primary(10, "h2"), replica: replica(100) },
    );
    expect(look(memory).kind).toBe("unknown");
  });

  it("is over budget by its seconds, not its bytes", () => {
    const at = "2026-01-01T00:00:00.000Z";
    expect(withinBudget({ kind: "measured", bytes: 1e9, seconds: 5, at }, 5)).toBe(true);
    expect(withinBudget({ kind: "measured", bytes: 1, seconds: 5.1, at }, 5)).toBe(false);
  });
});
