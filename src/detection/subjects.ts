import type { NewDomainEvent } from "../events.ts";
import type { Plan, ProbeUse } from "../plans/plan.ts";
import type { Clock, ProbeResult } from "../ports.ts";
import type { AppState } from "../state.ts";
import { type AvailabilityRow, availabilityEvent, observeAvailability } from "./availability.ts";
import { emptyRow, evidenceOf, observe, type ProbeRow, verdictOf, verdictTimes } from "./verdicts.ts";

/** One thing that is looked at again and again, and what it amounts to so far. */
export interface Subject {
  key: string;
  use: ProbeUse;
  observe(result: ProbeResult, at: number): void;
  /** Seen well at the last look, or seen failing often enough to say so. */
  isSettled(): boolean;
  events(state: AppState): NewDomainEvent[];
}

/** Every probe of every region, and the public name, with nothing seen of them yet. */
export function subjectsOf(plan: Plan, clock: Clock): Subject[] {
  const { probes, outside, downAfter } = plan.detection;
  const ofRegions = Object.keys(plan.regions).flatMap((region) => {
    const uses = probes[region] ?? [];
    const rows = uses.map(({ id }) => emptyRow(id));
    return uses.map((use, index): Subject => {
      const row = () => rows[index] ?? emptyRow(use.id);
      return {
        key: `${region}/${use.id}`,
        use,
        observe(result, at) {
          rows[index] = observe(row(), result, at);
        },
        isSettled: () => row().ok || row().failures >= downAfter,
        events: (state) => verdictEvents(plan, state, region, rows, clock.now()),
      };
    });
  });
  return outside ? [...ofRegions, outsideSubject(plan, outside)] : ofRegions;
}

function outsideSubject(plan: Plan, use: ProbeUse): Subject {
  let row: AvailabilityRow | undefined;
  return {
    key: use.id,
    use,
    observe(result, at) {
      row = observeAvailability(row, result.ok, at);
    },
    isSettled: () => row !== undefined && (row.ok || row.row >= plan.detection.downAfter),
    events: (state) => (row ? availabilityEvent(plan, state, use.id, row) : []),
  };
}

function verdictEvents(plan: Plan, state: AppState, region: string, rows: ProbeRow[], now: number): NewDomainEvent[] {
  const from = state.regions[region]?.verdict ?? "unknown";
  const to = verdictOf(rows, from, plan.detection);
  if (to === from) return [];
  const { since, lastGoodAt } = verdictTimes(rows, to, now);
  return [
    {
      key: `verdict/${region}/${state.version}/${to}`,
      kind: "verdict.changed",
      actor: "system:detector",
      data: {
        region,
        from,
        to,
        since: new Date(since).toISOString(),
        ...(lastGoodAt !== undefined && { lastGoodAt: new Date(lastGoodAt).toISOString() }),
        evidence: evidenceOf(rows),
      },
    },
  ];
}
