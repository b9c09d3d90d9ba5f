import { foldApproval } from "./approvals/fold.ts";
import { foldAsks } from "./assistant/fold.ts";
import { foldChat } from "./chat/fold.ts";
import { foldComms } from "./comms/fold.ts";
import { foldDeliveries } from "./deliveries/fold.ts";
import { foldDetection } from "./detection/fold.ts";
import type { DomainEvent } from "./events.ts";
import { foldIncident } from "./incidents/fold.ts";
import { foldRefused } from "./incidents/refused.ts";
import { foldInstances } from "./instances/fold.ts";
import { foldLocks } from "./locks/fold.ts";
import { foldOffline } from "./offline/fold.ts";
import { foldPeople, nobody } from "./people/fold.ts";
import type { Plan } from "./plans/plan.ts";
import { foldLandmarks, noLandmarks } from "./reports/fold.ts";
import { foldRun } from "./runs/fold.ts";
import { foldGuards } from "./runs/fold-guards.ts";
import type { AppState, RegionState } from "./state.ts";
import { foldWarRoom } from "./war-room/fold.ts";

/** The state before the first event: everything that is not in the journal comes from the plan. */
export function initialState(plan: Pick<Plan, "application" | "home" | "regions">): AppState {
  const regions = Object.keys(plan.regions).map((code): [string, RegionState] => [
    code,
    { code, verdict: "unknown", since: "", evidence: [] },
  ]);
  return {
    application: plan.application,
    version: 0,
    seq: 0,
    active: plan.home,
    home: plan.home,
    regions: Object.fromEntries(regions),
    availability: {},
    stores: {},
    divergences: {},
    incidents: {},
    runs: {},
    refusedProposals: {},
    approvals: {},
    readiness: {},
    chats: {},
    comms: {},
    deliveries: {},
    acceptedLosses: [],
    offlineRuns: [],
    people: nobody,
    asks: [],
    landmarks: noLandmarks,
    counts: { incidents: 0, runs: 0, approvals: 0, notes: 0, locks: 0 },
  };
}

/** Pure: the state after one more event. The given state is not changed. */
export function fold(state: AppState, event: DomainEvent): AppState {
  const next = { ...state, version: event.version, seq: event.seq };
  if (event.kind === "plan.adopted") return foldGuards(adopt(next, event.data.plan), event);
  const people = foldPeople(state.people, event);
  const known = people === state.people ? next : { ...next, people };
  return folds.reduce((folded, one) => one(folded, event), known);
}

/** Each domain's own; none looks at what another makes of the same event. */
const folds = [
  foldAsks,
  foldChat,
  foldComms,
  foldDeliveries,
  foldOffline,
  foldDetection,
  foldIncident,
  foldLandmarks,
  foldRefused,
  foldApproval,
  foldRun,
  foldGuards,
  foldLocks,
  foldInstances,
  foldWarRoom,
];

/**
 * The regions are the plan's from now on; what is known of them stays, and nothing of one that is gone but where the
 * service is. The journal's first plan says where that is: a later one moves home, and not the service.
 */
function adopt(state: AppState, plan: Plan): AppState {
  const { regions, active: first } = initialState(plan);
  const { warRoom: _, ...rest } = state;
  const warRoom = plan.warRoom && { warRoom: plan.warRoom };
  const active = state.planDigest === undefined ? first : state.active;
  const known = Object.entries(state.regions).filter(([code]) => plan.regions[code] || code === active);
  const { digest: planDigest, home } = plan;
  return { ...rest, ...warRoom, planDigest, home, active, regions: { ...regions, ...Object.fromEntries(known) } };
}
