import { describe, expect, it } from "vitest";
import { Duration, durationFrom } from "../../src/plans/duration.ts";

describe("a duration", () => {
  it.each([
    ["500ms", 500],
    ["2s", 2_000],
    ["2 s", 2_000],
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["14d", 1_209_600_000],
    ["0s", 0],
    [250, 250],
  ])("%j is %d ms, and may be parsed again", (written, expected) => {
    expect(Duration.parse(written)).toBe(expected);
    expect(Duration.parse(Duration.parse(written))).toBe(expected);
  });

  it.each(["5 minutes", "2", "-2s", "", "s", "1y", "2s 5ms", -1, null, true, Number.NaN])(
    "refuses %j and shows the form",
    (written) => {
      const message = Duration.safeParse(written).error?.issues[0]?.message;
      expect(message).toMatch(/is not a duration; write a number and a unit, as in "500ms"/);
    },
  );

  it("refuses what no timer can wait for", () => {
    expect(Duration.safeParse("15d").error?.issues[0]?.message).toBe('"15d" is longer than the longest duration, 14d');
  });

  it("can have a shortest", () => {
    expect(durationFrom(100).parse("100ms")).toBe(100);
    expect(durationFrom(100).safeParse(99).error?.issues[0]?.message).toBe("must be at least 100ms");
  });
});
