import type { NewDomainEvent } from "../events.ts";
import type { Detection } from "../plans/plan.ts";
import type { ProbeResult } from "../ports.ts";
import type { AppState } from "../state.ts";

/** What is known of the observer itself by what became of its looks. Times are milliseconds since 1970. */
export interface Doubt {
  /** When the first look ended that was no observation, with neither a good answer nor enough failures since. */
  since: number;
  /** By how much this process was late at the latest of them; for how long it cannot look where there is a `fault`. */
  lateMs: number;
  /** Why it could not look, where it was not by being late. */
  fault?: string;
}

/** By probe: doubt, or none since it was last looked at; a probe that was not looked at yet is not there. */
export type Doubts = ReadonlyMap<string, Doubt | undefined>;

/**
 * A failed look counts while this process was late by at most this share of the probe's timeout. The timeout is
 * several times what a well region takes, so that three quarters of it are still enough for an answer to be read.
 */
const TOLERATED_SHARE = 1 / 4;
/** How often lateness is measured within a timeout: a pause that is shorter than a beat may be missed. */
const BEATS = 20;

type Times = Pick<Detection, "intervalMs" | "timeoutMs" | "downAfter">;

export const beatMs = ({ timeoutMs }: Times): number => timeoutMs / BEATS;

type Look = Pick<ProbeResult, "ok" | "ownFault">;

/** A good answer was seen, however late. A failure of a late observer may be its own: it says nothing of the region. */
export function isObservation({ ok, ownFault }: Look, lateMs: number, { timeoutMs }: Times): boolean {
  return ok || (ownFault === undefined && lateMs <= TOLERATED_SHARE * timeoutMs);
}

/** After a look that was no observation. */
export function doubted(before: Doubt | undefined, { ownFault }: Look, lateMs: number, now: number): Doubt {
  const since = before?.since ?? now;
  return ownFault === undefined ? { since, lateMs } : { since, lateMs: Math.max(lateMs, now - since), fault: ownFault };
}

/** For how long an observer that sees nothing of a region may keep that to itself: twice what a death takes. */
export const patienceMs = ({ intervalMs, downAfter }: Times): number => 2 * downAfter * intervalMs;

/** The one that has lasted for longest, if it has lasted for too long. */
export function lastingDoubt(doubts: Doubts, now: number, times: Times): Doubt | undefined {
  const lasting = [...doubts.values()]
    .filter((one) => one !== undefined)
    .filter(({ since }) => now - since >= patienceMs(times));
  return lasting.sort((one, other) => one.since - other.since)[0];
}

/** Says so when this instance has been late for too long, and when whoever looks now sees everything it looks at. */
export function observerEvents(
  state: AppState,
  doubts: Doubts,
  about: { probes: number; now: number; times: Times },
): NewDomainEvent[] {
  const { probes, now, times } = about;
  const doubt = lastingDoubt(doubts, now, times);
  if (doubt && !state.observer) {
    const { lateMs, fault } = doubt;
    const since = new Date(doubt.since).toISOString();
    const data = { lateMs: Math.round(lateMs), since, ...(fault !== undefined && { fault }) };
    return [{ key: `observer/late/${state.version}`, kind: "observer.late", actor: "system:detector", data }];
  }
  const seesAll = doubts.size === probes && [...doubts.values()].every((one) => one === undefined);
  if (!state.observer || !seesAll) return [];
  const { since } = state.observer;
  return [
    { key: `observer/punctual/${state.version}`, kind: "observer.punctual", actor: "system:detector", data: { since } },
  ];
}
