import type { Detection } from "../plans/plan.ts";
import type { ProbeResult } from "../ports.ts";
import type { ProbeEvidence, Verdict } from "./events.ts";

/** What one probe said lately. Times are milliseconds since 1970. */
export interface ProbeRow {
  probe: string;
  ok: boolean;
  degraded: boolean;
  detail: string;
  failures: number;
  successes: number;
  /** Start of the present row of failures. */
  firstFailureAt?: number;
  /** Start of the present row of good answers. */
  firstSuccessAt?: number;
  lastGoodAt?: number;
}

export function emptyRow(probe: string): ProbeRow {
  return { probe, ok: false, degraded: false, detail: "not probed yet", failures: 0, successes: 0 };
}

/** The row after one more answer. `at`: when it was asked for a failure, when it came for a good answer. */
export function observe(row: ProbeRow, result: ProbeResult, at: number): ProbeRow {
  const { probe, lastGoodAt } = row;
  const common = { probe, ok: result.ok, degraded: result.degraded ?? false, detail: result.detail };
  if (result.ok) {
    const firstSuccessAt = row.successes > 0 ? (row.firstSuccessAt ?? at) : at;
    return { ...common, failures: 0, successes: row.successes + 1, firstSuccessAt, lastGoodAt: at };
  }
  const firstFailureAt = row.failures > 0 ? (row.firstFailureAt ?? at) : at;
  return {
    ...common,
    failures: row.failures + 1,
    successes: 0,
    firstFailureAt,
    ...(lastGoodAt !== undefined && { lastGoodAt }),
  };
}

/**
 * What a region's probes amount to. Down needs every probe failing `downAfter` times in a row: a grey failure is
 * not death. Coming back needs `healthyAfter` good answers in a row of each; until then the old verdict stands.
 */
export function verdictOf(
  rows: ProbeRow[],
  current: Verdict,
  detection: Pick<Detection, "downAfter" | "healthyAfter">,
): Verdict {
  if (rows.length === 0) return "unknown";
  const failing = rows.filter((row) => row.failures >= detection.downAfter);
  if (failing.length === rows.length) return "down";
  // A region that was never seen before needs one good answer of each probe, not a proof of recovery.
  const enough = current === "unknown" ? 1 : current === "healthy" ? 0 : detection.healthyAfter;
  const sound = rows.every((row) => row.failures === 0 && row.successes >= enough);
  if (current === "down" && !sound) return "down";
  // A probe that has begun to fail too decides between degraded and down within a few answers: wait for it.
  const settled = rows.every((row) => row.failures === 0 || row.failures >= detection.downAfter);
  if (failing.length > 0 && settled) return "degraded";
  if (sound) return rows.some((row) => row.degraded) ? "degraded" : "healthy";
  return current;
}

/** When the row that led to the verdict began, and the last good answer before it. */
export function verdictTimes(rows: ProbeRow[], verdict: Verdict, now: number): { since: number; lastGoodAt?: number } {
  const starts = rows
    .map((row) => (verdict === "down" || row.failures > 0 ? row.firstFailureAt : row.firstSuccessAt))
    .filter((at) => at !== undefined);
  const good = rows.map((row) => row.lastGoodAt).filter((at) => at !== undefined);
  const since = starts.length > 0 ? Math.min(...starts) : now;
  return { since, ...(good.length > 0 && { lastGoodAt: Math.max(...good) }) };
}

export function evidenceOf(rows: ProbeRow[]): ProbeEvidence[] {
  return rows.map(({ probe, ok, detail, failures }) => ({ probe, ok, detail, failures }));
}
