import { describe, expect, it } from "vitest";
import { lossInWords } from "../../src/cards/loss.ts";
import { errorCard } from "../../src/cards/plain.ts";
import { toneOf } from "../../src/cards/tone.ts";
import { type DomainEvent, type EventData, eventSchemas } from "../../src/events.ts";
import { everyKind } from "../helpers/every-kind.ts";
import { scenes } from "../helpers/scenes.ts";

const AT = "2026-05-04T02:14:07.000Z";

describe("loss in plain words", () => {
  it("is measured, bounded or unknown, against the budget, with the moment of the look", () => {
    expect(lossInWords({ kind: "measured", bytes: 0, seconds: 0, at: AT }, 5, true, AT)).toBe(
      "nothing (measured), within the budget of 5 s; seen at 02:14:07 UTC (0 s ago)",
    );
    expect(lossInWords({ kind: "bounded", bytes: 12_400, seconds: 7, headAt: AT, at: AT }, 5, false, AT)).toBe(
      "at most 7 s of writes (bounded; 12 kB were outstanding when the primary last answered at 02:14:07 UTC, and more may have followed), OVER the budget of 5 s; seen at 02:14:07 UTC (0 s ago)",
    );
    expect(lossInWords({ kind: "unknown", reason: "the primary was never seen.", at: AT }, 5, false, AT)).toBe(
      "an unknown amount (the primary was never seen), OVER the budget of 5 s; seen at 02:14:07 UTC (0 s ago)",
    );
  });
});

describe("the tone of an event", () => {
  const toneIn = (events: DomainEvent[], kind: string) => events.filter((one) => one.kind === kind).map(toneOf);

  it("is one of the five for every kind", () => {
    const tones = new Map(
      everyKind()
        .events()
        .map((event) => [event.kind, toneOf(event)]),
    );
    expect([...tones.keys()].sort()).toEqual(Object.keys(eventSchemas).sort());
    for (const [kind, tone] of tones) expect(["ok", "info", "warning", "danger", "muted"], kind).toContain(tone);
  });

  it("depends on what the event says, where that decides whether anybody has to do something", async () => {
    const { events } = await scenes.completed();
    expect(toneIn(events, "verdict.changed")).toEqual(["muted", "muted", "danger"]);
    expect(toneIn(events, "availability.changed")).toEqual(["ok", "danger", "ok"]);
    const core = await scenes.halted();
    const { data } = core.events.find(({ kind }) => kind === "step.failed")!;
    core.emit("step.failed", { ...(data as EventData<"step.failed">), retryAt: AT });
    expect(toneIn(core.events, "step.failed")).toEqual(["danger", "warning"]);
  });
});

it("says that nothing was changed only where that is known", () => {
  const report = { summary: "No.", hint: "Do this.", retryable: false };
  expect(errorCard({ ...report, code: "bad-input" }).context).toContain("nothing was changed");
  expect(errorCard({ ...report, code: "internal" }).context).not.toContain("nothing was changed");
});
