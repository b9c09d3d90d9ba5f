import type { Caller } from "../core.ts";
import { AppError, type ErrorCode, type ErrorReport } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import type { AppState } from "../state.ts";

export interface OverrideRequest {
  reason?: string | undefined;
  /** Propose it in spite of the guards that a commander may override. */
  breakGlass?: boolean | undefined;
  /** Propose it in spite of a change freeze. */
  overrideLock?: boolean | undefined;
  /** A rollback heeds every guard but the freeze: it has no flag to break the glass. */
  rollbackOf?: string | undefined;
}

/**
 * What breaking the glass is for. Not among them: that some region is seen healthy and carries on, and where data
 * may go (promise 5: whoever asks); and what no will can change, such as a failover to where the traffic is already.
 */
const BREAKABLE: ReadonlySet<ErrorCode> = new Set(["target-unhealthy", "target-quarantined", "readiness-blocked"]);
const PROMISED: ReadonlySet<ErrorCode> = new Set(["no-healthy-region", "last-capacity", "jurisdiction"]);

/** Before anything is looked at: may this person override at all, and did they say why? Throws AppError. */
export function ensureMayOverride(request: OverrideRequest, caller: Partial<Caller>): void {
  const { breakGlass, overrideLock, reason } = request;
  if (!breakGlass && !overrideLock) return;
  const flag = breakGlass ? "--break-glass" : "--override-lock";
  if (!caller.roles?.includes("commander")) {
    throw new AppError({
      code: "not-allowed",
      summary: `${flag} is for commanders; ${caller.principal} is none.`,
      hint: "Nothing was proposed. Ask a commander to propose it, or wait until what refuses it is satisfied.",
    });
  }
  if (reason === undefined || reason.trim() === "") {
    throw new AppError({
      code: "bad-input",
      summary: `${flag} needs a reason: it is shown to whoever must confirm, and kept.`,
      hint: `Add --reason "…" and ask again.`,
    });
  }
}

/** The guards that this request overrides; throws AppError with the first that stands in spite of it. Pure. */
export function overriddenBy(reports: ErrorReport[], request: OverrideRequest): ErrorReport[] {
  const goes = ({ code }: ErrorReport) =>
    (request.breakGlass === true && BREAKABLE.has(code)) || (request.overrideLock === true && code === "locked");
  const standing = reports.filter((report) => !goes(report));
  // What nobody may override is told first: breaking the rest would be for nothing.
  const [first] = request.breakGlass ? [...standing.filter(isPromised), ...standing] : standing;
  if (!first) return reports;
  // Advice to break the glass would be wrong where another refusal stands that nobody may override.
  const breakable = !standing.some(isPromised);
  if (!request.breakGlass || !isPromised(first)) throw new AppError(breakable ? withHint(first, request) : first);
  throw new AppError({
    ...first,
    hint: `No one may override this guard, not by breaking the glass either. ${first.hint}`,
  });
}

function isPromised({ code }: ErrorReport): boolean {
  return PROMISED.has(code);
}

function withHint(report: ErrorReport, { rollbackOf }: OverrideRequest): ErrorReport {
  if (rollbackOf !== undefined || !BREAKABLE.has(report.code)) return report;
  return { ...report, hint: `${report.hint} In an emergency a commander may add --break-glass with a --reason.` };
}

/** Override only what is there to be overridden, or the card would cry wolf. Throws AppError. */
export function ensureNeeded(overridden: ErrorReport[], request: OverrideRequest): void {
  const broken = overridden.some(({ code }) => code !== "locked");
  const [flag, why] =
    request.breakGlass && !broken
      ? ["--break-glass", "No guard stands in the way of this run."]
      : request.overrideLock && !overridden.some(({ code }) => code === "locked")
        ? ["--override-lock", "The application is not locked."]
        : [];
  if (flag) throw new AppError({ code: "wrong-state", summary: `${why}`, hint: `Ask again without ${flag}.` });
}

/** The facts of it, in the same append as the proposal. Whoever pages people pages them with `guard.overridden`. */
export function overrideEvents(
  { lock }: AppState,
  overridden: ErrorReport[],
  about: { runId: string; incidentId?: string | undefined; reason: string },
  actor: string,
): NewDomainEvent[] {
  const { runId, incidentId, reason } = about;
  const guards = overridden
    .filter(({ code }) => code !== "locked")
    .map(({ code, summary }) => ({ guard: code, summary }));
  const events: NewDomainEvent[] = [];
  if (guards.length > 0) {
    const data = { runId, guards, reason, ...(incidentId !== undefined && { incidentId }) };
    events.push({ key: `guard/${runId}/overridden`, kind: "guard.overridden", actor, data });
  }
  if (lock && overridden.some(({ code }) => code === "locked")) {
    const data = { lockId: lock.lockId, runId, lockReason: lock.reason, lockedBy: lock.by, reason };
    events.push({ key: `lock/${lock.lockId}/overridden/${runId}`, kind: "lock.overridden", actor, data });
  }
  return events;
}
