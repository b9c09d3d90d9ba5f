import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/detection/events.ts";
import { emptyRow, observe, type ProbeRow, verdictOf, verdictTimes } from "../../src/detection/verdicts.ts";

const detection = { downAfter: 3, healthyAfter: 3 };

/** A probe's row after these answers, a second apart: `+` good, `-` failed, `~` good but degraded. */
function row(answers: string): ProbeRow {
  return [...answers].reduce(
    (row, answer, at) =>
      observe(row, { ok: answer !== "-", degraded: answer === "~", latencyMs: 1, detail: answer }, at * 1_000),
    emptyRow("p"),
  );
}

/** The verdict that follows, answer by answer, as the detector would come to it. */
function follow(...probes: string[]): Verdict {
  let verdict: Verdict = "unknown";
  const length = Math.max(...probes.map((answers) => answers.length));
  for (let at = 1; at <= length; at++)
    verdict = verdictOf(
      probes.map((answers) => row(answers.slice(0, at))),
      verdict,
      detection,
    );
  return verdict;
}

describe("a region's verdict", () => {
  it.each<[string, string[], Verdict]>([
    ["is unknown before anything was seen", ["", ""], "unknown"],
    ["is healthy after one good answer of each probe", ["+", "+"], "healthy"],
    ["stays healthy through two failures in a row", ["+--", "+--"], "healthy"],
    ["is down after three failures in a row of every probe", ["+---", "+---"], "down"],
    ["is down when it was never seen up", ["---", "---"], "down"],
    ["is degraded when only some probes fail: a grey failure is not death", ["+---", "++++"], "degraded"],
    ["is not called degraded on the way down", ["+---", "++--"], "healthy"],
    ["is degraded when a probe says so", ["~", "+"], "degraded"],
    ["stays down through two good answers", ["+---++", "+---++"], "down"],
    ["is healthy again after three good answers in a row of each", ["+---+++", "+---+++"], "healthy"],
    ["stays down while one of its probes still fails", ["+---+++", "+------"], "down"],
    ["starts counting anew when a good row is broken", ["+---++-++", "+---+++++"], "down"],
  ])("%s", (_, probes, verdict) => {
    expect(follow(...probes)).toBe(verdict);
  });

  it("dates a down back to the first failing answer, and names the last good one", () => {
    expect(verdictTimes([row("++---"), row("+----")], "down", 99)).toEqual({ since: 1_000, lastGoodAt: 1_000 });
  });

  it("dates a recovery back to the first good answer of the row", () => {
    expect(verdictTimes([row("+---+++")], "healthy", 99_000).since).toBe(4_000);
  });
});
