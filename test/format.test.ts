import { describe, expect, it } from "vitest";
import {
  actorName,
  bytes,
  clause,
  count,
  duration,
  instant,
  list,
  offset,
  percent,
  sentence,
  shares,
  span,
  timeOfDay,
} from "../src/format.ts";

const AT = "2026-03-07T02:14:07.900Z";

describe("duration", () => {
  it.each([
    [0, "0 s"],
    [0.2, "1 ms"],
    [340, "340 ms"],
    [1_001, "1.1 s"],
    // Seconds that were added up are a little more than they should be.
    [(0.1 + 0.2) * 1_000, "300 ms"],
    [9_901, "10 s"],
    [12_001, "13 s"],
    [59_901, "1 m"],
    [Number.POSITIVE_INFINITY, "unknown"],
    [60_001, "1 m 1 s"],
    [900_000, "15 m"],
    [90_061_000, "1 d 1 h 1 m 1 s"],
    [-5, "0 s"],
  ])("never understates: %d ms is %s", (ms, text) => expect(duration(ms)).toBe(text));
});

describe("an instant", () => {
  it("is absolute, in UTC, with seconds, and with the date on another day", () => {
    expect(instant("2026-03-07T23:59:59.900Z", AT)).toBe("23:59:59 UTC");
    expect(instant("2026-03-06T23:59:59.000Z", AT)).toBe("2026-03-06 23:59:59 UTC");
    expect(instant("2026-03-07T02:14:07.900Z")).toBe("2026-03-07 02:14:07 UTC");
    expect(instant("2026-03-07T00:30:00+02:00", AT)).toBe("2026-03-06 22:30:00 UTC");
    expect(timeOfDay(AT)).toBe("02:14:07 UTC");
    expect([instant(undefined, AT), instant("", AT)]).toEqual(["unknown time", "unknown time"]);
  });
});

describe("an amount", () => {
  it("is never rounded to nothing or to all", () => {
    expect([percent(0.0004), percent(0.9999)]).toEqual(["under 0.1 %", "over 99.9 %"]);
    expect([percent(0), percent(0.1), percent(0.125), percent(1)]).toEqual(["0 %", "10 %", "12.5 %", "100 %"]);
  });

  it("is exact as long as somebody might compare it", () => {
    expect([bytes(1), bytes(7_162), bytes(12_400), bytes(3_000_000)]).toEqual([
      "1 byte",
      "7,162 bytes",
      "12 kB",
      "3.0 MB",
    ]);
  });

  it("has its noun in the right number", () => {
    expect([count(1, "step"), count(1_200, "step"), count(2, "entry", "entries")]).toEqual([
      "1 step",
      "1,200 steps",
      "2 entries",
    ]);
  });
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

  it("takes the full stop away where a sentence becomes a part of another", () =>
    expect([clause("done. "), clause("done")]).toEqual(["done", "done"]));

  it("says who of Muster acted where it was nobody", () =>
    expect([actorName("system:detector"), actorName("approver-1")]).toEqual(["Muster (detector)", "approver-1"]));
});
