import { describe, expect, it } from "vitest";
import { lossInShort, lossText } from "../../src/events/loss-text.ts";

const AT = "2026-03-07T02:14:07.900Z";

describe("lossText", () => {
  it.each([
    [{ kind: "measured" as const, bytes: 0, seconds: 0, at: AT }, "nothing (measured)"],
    [{ kind: "measured" as const, bytes: 1, seconds: 0.15, at: AT }, "at most 150 ms of writes, 1 byte (measured)"],
    [
      { kind: "bounded" as const, bytes: 4_096, seconds: 2.41, headAt: AT, at: AT },
      "at most 2.5 s of writes (bounded; 4,096 bytes were outstanding when the primary last answered at 02:14:07 UTC, and more may have followed)",
    ],
    [{ kind: "unknown" as const, reason: "no link.", at: AT }, "an unknown amount (no link)"],
  ])("keeps measured, bounded and unknown apart: %j", (loss, text) => expect(lossText(loss)).toBe(text));
});

it("says in short what it says at length", () => {
  expect(lossInShort({ kind: "measured", bytes: 0, seconds: 0, at: AT })).toBe("no writes (measured)");
  expect(lossInShort({ kind: "bounded", bytes: 0, seconds: 0, headAt: AT, at: AT })).toBe(
    "at most 0 s of writes (bounded)",
  );
  expect(lossInShort({ kind: "unknown", reason: "no link", at: AT })).toBe("an unknown amount of writes");
});
