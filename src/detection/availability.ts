import type { NewDomainEvent } from "../events.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState } from "../state.ts";

/** The public name as one outside client sees it. Times are milliseconds since 1970. */
export interface AvailabilityRow {
  ok: boolean;
  /** Equal answers in a row. */
  row: number;
  firstAt: number;
  lastGoodAt?: number;
}

export function observeAvailability(old: AvailabilityRow | undefined, ok: boolean, at: number): AvailabilityRow {
  const lastGoodAt = ok ? at : old?.lastGoodAt;
  const continues = old !== undefined && old.ok === ok;
  return {
    ok,
    row: continues ? old.row + 1 : 1,
    firstAt: continues ? old.firstAt : at,
    ...(lastGoodAt !== undefined && { lastGoodAt }),
  };
}

/** An outage begins after `downAfter` failures in a row and ends with two good answers; both are dated back. */
export function availabilityEvent(
  plan: Plan,
  state: AppState,
  service: string,
  row: AvailabilityRow,
): NewDomainEvent[] {
  const known = state.availability[service];
  const { downAfter, intervalMs, timeoutMs } = plan.detection;
  const enough = row.ok ? (known && !known.available ? 2 : 1) : downAfter;
  if (row.row < enough || known?.available === row.ok) return [];
  const first = new Date(row.firstAt).toISOString();
  const lastGood = row.lastGoodAt !== undefined ? new Date(row.lastGoodAt).toISOString() : undefined;
  const data = row.ok
    ? { service, available: true, firstGoodAt: first, precisionMs: intervalMs }
    : { service, available: false, ...(lastGood && { lastGoodAt: lastGood }), precisionMs: intervalMs + timeoutMs };
  return [
    { key: `availability/${service}/${state.version}`, kind: "availability.changed", actor: "system:detector", data },
  ];
}
