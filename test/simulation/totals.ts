import type { Outcome } from "./simulate.ts";
import { COUNTED, type Coverage, emptyCoverage } from "./trace.ts";

/** What came of many seeds. */
export interface Totals {
  disasters: number;
  events: number;
  virtualMs: number;
  coverage: Coverage;
  /** In the order of their seeds. */
  failures: { seed: number; atMs: number; what: string }[];
}

function nothing(): Totals {
  return { disasters: 0, events: 0, virtualMs: 0, coverage: emptyCoverage(), failures: [] };
}

export function totalOf(): { totals: Totals; add(outcome: Outcome): void } {
  const totals = nothing();
  return {
    totals,
    add({ seed, events, virtualMs, coverage, violation }) {
      const failures = violation ? [{ seed, ...violation }] : [];
      include(totals, { disasters: 1, events, virtualMs, coverage, failures });
    },
  };
}

export function addUp(parts: Totals[]): Totals {
  const totals = nothing();
  for (const part of parts) include(totals, part);
  totals.failures.sort((a, b) => a.seed - b.seed);
  return totals;
}

function include(totals: Totals, part: Totals): void {
  totals.disasters += part.disasters;
  totals.events += part.events;
  totals.virtualMs += part.virtualMs;
  totals.failures.push(...part.failures);
  for (const name of COUNTED) totals.coverage[name] += part.coverage[name];
}
