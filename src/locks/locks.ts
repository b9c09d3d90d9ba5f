import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import { instant } from "../format.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock } from "../ports.ts";
import type { AppState, LockState } from "../state.ts";

/** The change freeze: one for the application at a time. Both throw AppError when refused; nothing is written then. */
export function createLocks({ journal, clock }: { journal: Journal; clock: Clock }) {
  return {
    async lock({ reason, forMs }: { reason: string; forMs?: number | undefined }, caller: Caller): Promise<AppState> {
      const { state } = await journal.commit((fresh) => {
        if (fresh.lock) throw alreadyLocked(fresh.lock);
        const lockId = `lock-${fresh.counts.locks + 1}`;
        const until = forMs === undefined ? undefined : new Date(clock.now() + forMs).toISOString();
        const data = { lockId, reason, ...(until !== undefined && { until }) };
        return [{ key: `lock/${lockId}/set`, kind: "lock.set", actor: caller.principal, data }];
      });
      return state;
    },

    /** For whoever set it, or a commander: a freeze that anybody lifts in passing protects nothing. */
    async unlock(reason: string | undefined, caller: Caller): Promise<{ lifted: LockState; state: AppState }> {
      let lifted: LockState | undefined;
      const { state } = await journal.commit((fresh) => {
        if (!fresh.lock) throw notLocked();
        lifted = fresh.lock;
        const { lockId, by } = lifted;
        if (by !== caller.principal && !caller.roles.includes("commander")) throw notTheirs(lifted, caller);
        const data = { lockId, ...(reason !== undefined && { reason }) };
        return [{ key: `lock/${lockId}/lifted`, kind: "lock.lifted", actor: caller.principal, data }];
      });
      return { lifted: lifted as LockState, state };
    },
  };
}

function alreadyLocked({ lockId, by, since, reason }: LockState): AppError {
  return new AppError({
    code: "locked",
    summary: `The application is locked already (${lockId}, by ${by} since ${instant(since)}): ${reason}`,
    hint: 'One freeze at a time. To change its reason or its end, "unlock" it first.',
  });
}

function notLocked(): AppError {
  return new AppError({
    code: "wrong-state",
    summary: "The application is not locked.",
    hint: 'There is nothing to unlock; see "status".',
  });
}

function notTheirs({ by }: LockState, { principal }: Caller): AppError {
  return new AppError({
    code: "not-allowed",
    summary: `${principal} did not set this lock and may not lift it.`,
    hint: `Ask ${by}, who set it, or a commander.`,
  });
}
