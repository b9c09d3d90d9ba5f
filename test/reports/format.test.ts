import { describe, expect, it } from "vitest";
import { duration, list, lossText, offset, sentence, shares, span } from "../../src/reports/format.ts";

const AT = "2026-03-07T02:14:07.900Z";

describe("duration", () => {
  it.each([
    [0, "0 s"],
    [0.2, "1 ms"],
    [340, "340 ms"],
    [1_001, "1.1 s"],
    [59_901, "1 m"],
    [60_001, "1 m 1 s"],
    [900_000, "15 m"],
    [90_061_000, "1 d 1 h 1 m 1 s"],
    [-5, "0 s"],
  ])("never understates: %d ms is %s", (ms, text) => expect(duration(ms)).toBe(text));
});

describe("offset", () => {
  it.each([
    ["2026-03-07T02:14:07.100Z", "T+00:00"],
    ["2026-03-07T02:15:10.000Z", "T+01:03"],
    ["2026-03-07T03:29:17.000Z", "T+1:15:10"],
    ["2026-03-07T02:14:04.000Z", "T-00:03"],
  ])("counts from the start by the seconds that are shown: %s is %s", (at, text) => expect(offset(AT, at)).toBe(text));
});

describe("phrases", () => {
  it("says a day twice only where it changes", () => {
    expect(span(AT, "2026-03-07T02:20:00Z")).toBe("2026-03-07 02:14:07 to 02:20:00 UTC");
    expect(span(AT, "2026-03-08T02:20:00Z")).toBe("2026-03-07 02:14:07 to 2026-03-08 02:20:00 UTC");
  });

  it("joins words as people do", () => {
    expect([list([]), list(["a"]), list(["a", "b"]), list(["a", "b", "c"], "or")]).toEqual([
      "",
      "a",
      "a and b",
      "a, b or c",
    ]);
  });

  it("writes shares with their unit", () =>
    expect(shares({ east: 0.125, west: 0.875 })).toBe("east 12.5 %, west 87.5 %"));

  it("ends sentences once", () =>
    expect([sentence("done"), sentence("done. "), sentence("done?")]).toEqual(["done.", "done.", "done?"]));
});

describe("lossText", () => {
  it.each([
    [{ kind: "measured" as const, bytes: 0, seconds: 0, at: AT }, "nothing (measured)"],
    [{ kind: "measured" as const, bytes: 1, seconds: 0.15, at: AT }, "at most 150 ms of writes, 1 byte (measured)"],
    [
      { kind: "bounded" as const, bytes: 4_096, seconds: 2.41, headAt: AT, at: AT },
      "at most 2.5 s of writes (bounded; 4,096 bytes were outstanding when the primary last answered at 02:14:07 UTC, and more may have followed)",
    ],
    [{ kind: "unknown" as const, reason: "no link", at: AT }, "an unknown amount (no link)"],
  ])("keeps measured, bounded and unknown apart: %j", (loss, text) => expect(lossText(loss)).toBe(text));
});
