import { elapsed, instant, sentence } from "../format.ts";
import type { LockState, RunState } from "../state.ts";

/** One line that is true wherever it stands: "LOCKED by operator since 02:14:07 UTC: a migration is under way." */
export function lockText({ by, since, until, reason, lockId }: LockState, at: string): string {
  const end = until ? `, until ${instant(until, at)} (in ${elapsed(at, until)})` : "";
  return `LOCKED by ${by} since ${instant(since, at)}${end}: ${sentence(reason)} New runs are refused (${lockId}).`;
}

/** Every guard that a run goes against, in words, and the freeze: what whoever confirms it must have read. */
export function overrideTexts({ overridden, overriddenLock }: RunState, at: string): string[] {
  const guards = overridden?.guards.map(({ guard, summary }) => `GUARD OVERRIDDEN (${guard}): ${sentence(summary)}`);
  const by =
    overridden && `Broken by ${overridden.by} at ${instant(overridden.at, at)}: ${sentence(overridden.reason)}`;
  return [
    ...(guards ?? []),
    ...(by ? [by] : []),
    ...(overriddenLock
      ? [`LOCK OVERRIDDEN (${overriddenLock.lockId}, set by ${overriddenLock.by}): ${sentence(overriddenLock.reason)}`]
      : []),
  ];
}
