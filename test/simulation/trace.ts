/** What happened, in words, in order. The same seed gives the same lines, byte for byte. */
export interface Trace {
  say(who: string, what: string): void;
  /** Counts what a simulator that does nothing would not have. */
  count(what: Counted, by?: number): void;
  lines(): string[];
  counts(): Coverage;
}

/** Everything that a day of disasters should have had at least once. */
export const COUNTED = [
  "runs proposed",
  "runs completed",
  "runs aborted",
  "runs cancelled",
  "runs undone",
  "runs paused",
  "runs resumed",
  "steps left in flight at an abort",
  "runs halted",
  "steps started",
  "effects",
  "requests",
  "repeated requests",
  "lost answers",
  "late effects",
  "refused requests",
  "promotions",
  "fences accepted unseen",
  "steps skipped",
  "steps retried by people",
  "approvals given",
  "approvals voided",
  "approvals denied",
  "approvals expired",
  "refused commands",
  "double clicks",
  "requests on their way at an abort",
  "crashes",
  "crashes between an effect and its record",
  "crashes at a write",
  "freezes",
  "answers read too late",
  "takeovers",
  "writes refused from an old epoch",
  "store outages",
  "store errors before a write",
  "store answers lost after a write",
  "region failures",
  "region returns",
  "losses over budget",
  "plans adopted",
] as const;
export type Counted = (typeof COUNTED)[number];
export type Coverage = Record<Counted, number>;

export function emptyCoverage(): Coverage {
  return Object.fromEntries(COUNTED.map((name) => [name, 0])) as Coverage;
}

export function createTrace(nowMs: () => number, keep: boolean): Trace {
  const lines: string[] = [];
  const counts = emptyCoverage();
  return {
    say(who, what) {
      if (keep) lines.push(`${(nowMs() / 1_000).toFixed(3).padStart(9)} s  ${who.padEnd(12)} ${what}`);
    },
    count(what, by = 1) {
      counts[what] += by;
    },
    lines: () => lines,
    counts: () => counts,
  };
}
