import { verdictClass } from "../approvals/envelope.ts";
import type { ErrorReport } from "../errors.ts";
import { instant } from "../format.ts";
import type { Plan, Runbook } from "../plans/plan.ts";
import type { AppState } from "../state.ts";
import { takingOfRun, uncarried } from "./capacity.ts";
import type { ReadinessStatus } from "./readiness-views.ts";
import { inFlightRuns, isAllowed } from "./views.ts";

/** What is being asked for, with the readiness that was just assessed (absent while only looking). */
export interface Request {
  plan: Plan;
  runbook: Runbook;
  source: string;
  target: string;
  readiness?: ReadinessStatus;
}

type Guard = (state: AppState, request: Request) => ErrorReport | undefined;

function refuse(code: ErrorReport["code"], summary: string, hint: string): ErrorReport {
  return { code, summary, hint, retryable: false };
}

const oneRunAtATime: Guard = (state, { runbook, target }) => {
  const [run] = inFlightRuns(state);
  if (!run) return undefined;
  // Detection was quicker than the person: what is wanted is a decision, not another proposal.
  if (run.phase === "proposed" && run.runbook === runbook.name && run.target === target) {
    return refuse(
      "run-in-progress",
      `That is asked for already: ${run.runId} (${run.runbook} to ${run.target}) waits for approval.`,
      `"pending" shows the question${run.approvalId === undefined ? "" : ` (${run.approvalId})`}; approvers answer it with approve or deny.`,
    );
  }
  return refuse(
    "run-in-progress",
    `${run.runId} (${run.runbook} to ${run.target}) is ${run.phase}.`,
    `One run at a time. See "why ${run.runId}"; approve, deny or abort it first.`,
  );
};

const notTheActiveRegion: Guard = (state, { runbook, target }) => {
  if ((runbook.kind !== "failover" && runbook.kind !== "rejoin") || target !== state.active) return undefined;
  if (runbook.kind === "rejoin") {
    return refuse("already-active", `${target} serves the traffic: it has nobody to follow.`, 'See "status".');
  }
  return refuse(
    "already-active",
    `${target} already serves the traffic.`,
    'See "status"; name another region to fail over to.',
  );
};

const somethingToFailBack: Guard = (state, { runbook, target }) => {
  if (runbook.kind !== "failback" || target !== state.active) return undefined;
  return refuse("nothing-to-fail-back", `The service is at home in ${state.active}.`, "There is nothing to fail back.");
};

/** Promise 5: every region down at once says more about the observer than about the regions. */
const someRegionIsUp: Guard = (state) => {
  if (Object.values(state.regions).some(({ verdict }) => verdictClass(verdict) === "up")) return undefined;
  return refuse(
    "no-healthy-region",
    "No region is seen healthy, so Muster's own view is suspect and it changes nothing.",
    "Look from another network. If Muster can reach the regions again, their verdicts change within a few probes.",
  );
};

/** Promise 5, too: what a run takes from one region, another must be seen to carry. */
const somebodyCarriesOn: Guard = (state, { runbook, source, target }) => {
  const [region] = uncarried(state, takingOfRun(runbook.kind, source, target));
  if (region === undefined) return undefined;
  const other = region === source ? target : source;
  return refuse(
    "last-capacity",
    `${region} is ${state.regions[region]?.verdict ?? "unknown"}, and ${other}, which would have to carry on, is not seen healthy.`,
    `Nobody may override this. Wait until ${other} is seen healthy, or name another region.`,
  );
};

/** A freeze holds for everything new but the protective rejoin: a returned primary that takes writes is no rest. */
const applicationIsNotLocked: Guard = ({ lock }, { runbook }) => {
  if (!lock || runbook.kind === "rejoin") return undefined;
  return refuse(
    "locked",
    `The application is locked by ${lock.by} since ${instant(lock.since)}${lock.until ? ` until ${instant(lock.until)}` : ""}: ${lock.reason}`,
    'Wait for "unlock". In an emergency a commander may add --override-lock to failover, failback or rollback.',
  );
};

const targetIsUp: Guard = (state, { target }) => {
  const region = state.regions[target];
  if (region && verdictClass(region.verdict) === "up") return undefined;
  const detail = region?.evidence.map(({ probe, detail: said }) => `${probe}: ${said}`).join(", ");
  return refuse(
    "target-unhealthy",
    `${target} is ${region?.verdict ?? "unknown"}${detail ? ` (${detail})` : ""}.`,
    "Wait until it is healthy, or name another region.",
  );
};

const targetIsNotQuarantined: Guard = (state, { target, runbook }) => {
  const quarantine = state.regions[target]?.quarantine;
  if (!quarantine || runbook.kind === "rejoin") return undefined;
  return refuse(
    "target-quarantined",
    `${target} is in quarantine since ${instant(quarantine.since)}, after ${quarantine.runId}.`,
    "It leaves quarantine when its stores follow the active region and its probes have been good for the plan's time.",
  );
};

const targetIsAllowed: Guard = (_, { plan, target }) => {
  if (isAllowed(plan, target)) return undefined;
  return refuse(
    "jurisdiction",
    `${target} is in a jurisdiction (${plan.regions[target]?.jurisdiction}) where this application's data may not go.`,
    "Name a region that every service's jurisdictions allow.",
  );
};

const readinessIsNotBlocked: Guard = (_, { readiness, runbook }) => {
  if (readiness !== "blocked" || runbook.kind === "rejoin") return undefined;
  return refuse(
    "readiness-blocked",
    "A step of the runbook is blocked on this target.",
    'See "readiness" for the step and its reason.',
  );
};

const guards: Guard[] = [
  notTheActiveRegion,
  somethingToFailBack,
  applicationIsNotLocked,
  oneRunAtATime,
  someRegionIsUp,
  targetIsAllowed,
  targetIsUp,
  somebodyCarriesOn,
  targetIsNotQuarantined,
  readinessIsNotBlocked,
];

/** Every reason why this run must not be proposed now; the first is the one to tell. Pure. */
export function refusals(state: AppState, request: Request): ErrorReport[] {
  return guards.map((guard) => guard(state, request)).filter((report) => report !== undefined);
}
