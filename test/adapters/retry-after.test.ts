import { describe, expect, it } from "vitest";
import { retryAfterMs, throttled } from "../../adapters/retry-after.ts";

const NOW = Date.parse("2026-05-04T02:13:00.000Z");
const asked = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), NOW);

describe("how long an answer asks to be left alone", () => {
  it.each([
    ["seconds", { "retry-after": "12" }, 12_000],
    ["seconds with a part", { "retry-after": "1.5" }, 1_500],
    ["a date", { "retry-after": "Mon, 04 May 2026 02:14:30 GMT" }, 90_000],
    ["Azure's milliseconds before its seconds", { "retry-after-ms": "1250", "retry-after": "2" }, 1_250],
    ["its seconds where the milliseconds cannot be read", { "retry-after-ms": "soon", "retry-after": "2" }, 2_000],
    ["PagerDuty's own header", { "ratelimit-reset": "30" }, 30_000],
    ["the standard's header before PagerDuty's", { "retry-after": "7", "ratelimit-reset": "30" }, 7_000],
    ["at once: a second", { "retry-after": "0" }, 1_000],
    ["a date that is over: a second", { "retry-after": "Mon, 04 May 2026 02:12:00 GMT" }, 1_000],
    ["longer than an hour: an hour", { "retry-after": "86400" }, 3_600_000],
    ["more digits than a number holds: an hour", { "retry-after": "9".repeat(400) }, 3_600_000],
    ["a date far away: an hour", { "retry-after": "Fri, 04 May 2126 02:13:00 GMT" }, 3_600_000],
  ])("is read from %s", (_, headers, expected) => {
    expect(asked(headers)).toBe(expected);
  });

  it.each(["", "soon", "-5", "0x10", "1e9", "Infinity", "2026-05-04", "Mon, 99 Foo 2026 02:14:30 GMT", "12 s"])(
    "is not made up: %j",
    (said) => {
      expect(asked({ "retry-after": said })).toBeUndefined();
    },
  );

  it("is undefined where nothing is said", () => {
    expect(asked({})).toBeUndefined();
  });
});

it("is told in whole seconds, within the same bounds", () => {
  const cause = new Error("429");
  expect(throttled("Slack", 1_250, cause)).toMatchObject({
    code: "vendor-throttled",
    summary: "Slack asks to wait 2 s.",
    retryable: true,
    retryAfterMs: 1_250,
    cause,
  });
  expect(throttled("Slack", 0)).toMatchObject({ summary: "Slack asks to wait 1 s.", retryAfterMs: 1_000 });
  expect(throttled("Slack", 1e12)).toMatchObject({ summary: "Slack asks to wait 3600 s.", retryAfterMs: 3_600_000 });
});
