import { describe, expect, it } from "vitest";
import { showTraffic, showVerification } from "../../lab/show.ts";

const AT = "2026-05-04T02:13:40.000Z";
const LATER = "2026-05-04T02:13:42.500Z";

describe("what the lab shows people", () => {
  it("says what was lost, and when, in a width that a terminal has", () => {
    const text = showVerification({
      primary: "eu-central",
      acknowledged: 1_200,
      lost: { count: 17, firstAt: AT, lastAt: LATER, spanSeconds: 2.5 },
      splitBrain: { count: 4, missing: 3, firstAt: AT, lastAt: AT },
      records: { lost: [1], stale: [], unanswered: [] },
    });
    for (const word of ["eu-central", "1200", "17", "02:13:40 to 02:13:42 UTC (2.5 s)", "4", "3"])
      expect(text).toContain(word);
    expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it("says of an outage whether it goes on, and that nothing was taken yet", () => {
    const clients = { clients: 6, acknowledged: 0, failed: 9, seconds: [{ second: 1, ok: 0, failed: 9 }] };
    const outage = { lastGoodAt: AT, seconds: 2.5, failures: 9 };
    const stats = (outages: object[]) =>
      showTraffic({
        startedAt: AT,
        ratePerSecond: 40,
        classes: { "ttl-honouring": clients, sticky: clients },
        last: null,
        last10Seconds: { byRegion: {}, byPrimary: {} },
        outages: outages as never,
        outage: null,
      });
    expect(stats([outage])).toContain("Outage of 2.5 s from 02:13:40 UTC, goes on; 9 requests failed.");
    expect(stats([{ ...outage, firstGoodAt: LATER }])).toContain("until 02:13:42;");
    expect(stats([])).toContain("no good answer");
    expect(stats([])).toContain("Nothing was taken yet.");
  });
});
