import type { NewDomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

/** The end of a freeze that was set for a time. Pure. */
export function decideLock({ lock }: AppState, now: number): { events: NewDomainEvent[]; wakeAt?: number } {
  if (lock?.until === undefined) return { events: [] };
  const endsAt = Date.parse(lock.until);
  if (now < endsAt) return { events: [], wakeAt: endsAt };
  const { lockId } = lock;
  return {
    events: [{ key: `lock/${lockId}/expired`, kind: "lock.expired", actor: "system:executor", data: { lockId } }],
  };
}
