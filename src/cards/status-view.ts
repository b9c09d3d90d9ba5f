import type { PlacementFinding } from "../instances/events.ts";
import type { InstanceView, StoreStatus } from "../instances/views.ts";
import { own } from "../own.ts";
import type { Plan } from "../plans/plan.ts";
import type {
  ApprovalState,
  AppState,
  IncidentState,
  LockState,
  ReadinessState,
  RegionState,
  RunState,
  StoreState,
} from "../state.ts";
import { warRoomLink } from "../war-room/views.ts";

/** The whole situation at one moment, as the status card and the control room show it. */
export interface StatusView {
  at: string;
  application: string;
  summary: string;
  seq: number;
  active: string;
  home: string;
  regions: RegionView[];
  /** While whoever looks is late itself. */
  observer?: NonNullable<AppState["observer"]>;
  services: ServiceView[];
  stores: StoreView[];
  /** Stores of which no other region's copy is being measured now. */
  unmeasured: string[];
  incident?: IncidentState;
  /** Where people meet about it. */
  link?: string;
  /** The freeze in force. */
  lock?: LockState;
  /** Runs that are not over, newest first. */
  runs: RunState[];
  pending: ApprovalState[];
  readiness: ReadinessState[];
  /** Chats that cannot be reached now. */
  lostChats: { chat: string; since: string; summary: string; hint: string }[];
  /** Why the latest people file is not in force. */
  peopleProblem?: { at: string; summary: string; problems: string[] };
  /** When it is not available, everything above is what was known last. */
  store: StoreStatus;
  instances: InstanceView[];
  /** Where Muster and its store are, as far as that is a risk. */
  placement: PlacementFinding[];
}

interface Known {
  state: AppState;
  store: StoreStatus;
  instances: InstanceView[];
}

export interface RegionView extends RegionState {
  name: string;
  active: boolean;
  home: boolean;
  /** 0 to 1; absent while nobody could read it. */
  share?: number;
}

export interface ServiceView {
  service: string;
  available?: boolean;
  since?: string;
  /** The latest outage, over or not. */
  outage?: { from: string; to?: string; precisionMs: number };
  rtoMs: number;
}

export interface StoreView extends StoreState {
  budgetSeconds: number;
}

const OVER: ReadonlySet<RunState["phase"]> = new Set(["completed", "aborted", "cancelled"]);

export function statusView({ state, store, instances }: Known, plan: Plan, at: string): StatusView {
  const incident = state.openIncidentId ? state.incidents[state.openIncidentId] : undefined;
  const link = incident && warRoomLink(state, incident.incidentId);
  const stores = Object.values(state.stores)
    .filter(({ source, target }) => source === state.active && target !== state.active)
    .map((store) => ({ ...store, budgetSeconds: plan.stores[store.store]?.lossBudgetSeconds ?? 0 }));
  return {
    at,
    application: state.application,
    summary: plan.summary,
    seq: state.seq,
    active: state.active,
    home: state.home,
    regions: Object.values(state.regions).map((region) => regionView(region, state, plan)),
    ...(state.observer && { observer: state.observer }),
    services: Object.entries(plan.services).map(([service, { rtoMs }]) => serviceView(service, rtoMs, state)),
    stores,
    unmeasured: Object.keys(plan.stores).filter((name) => !stores.some(({ store }) => store === name)),
    ...(incident && { incident }),
    ...(incident && link !== undefined && { link }),
    ...(state.lock && { lock: state.lock }),
    runs: runsNewestFirst(state).filter(({ phase }) => !OVER.has(phase)),
    pending: Object.values(state.approvals).filter(({ phase }) => phase === "pending"),
    readiness: Object.values(state.readiness).filter(({ source }) => source === state.active),
    lostChats: Object.entries(state.chats).flatMap(([chat, { lost }]) => (lost ? [{ chat, ...lost }] : [])),
    store,
    instances,
    ...(state.people.problem && { peopleProblem: state.people.problem }),
    placement: state.placement?.findings ?? [],
  };
}

export function runsNewestFirst(state: AppState): RunState[] {
  return Object.values(state.runs).sort((one, other) => other.proposedAt.localeCompare(one.proposedAt));
}

/** The incident that is asked for; without an id the open one, else the latest; undefined when there is none. */
export function chooseIncident(state: AppState, incidentId?: string): IncidentState | undefined {
  const id = incidentId ?? state.openIncidentId;
  if (id !== undefined) return own(state.incidents, id);
  return Object.values(state.incidents).sort((one, other) => other.openedAt.localeCompare(one.openedAt))[0];
}

function regionView(region: RegionState, state: AppState, plan: Plan): RegionView {
  const share = state.traffic?.shares[region.code];
  return {
    ...region,
    name: plan.regions[region.code]?.name ?? region.code,
    active: region.code === state.active,
    home: region.code === state.home,
    ...(share !== undefined && { share }),
  };
}

function serviceView(service: string, rtoMs: number, state: AppState): ServiceView {
  const known = state.availability[service];
  const outage = known?.outages.at(-1);
  return {
    service,
    rtoMs,
    ...(known && { available: known.available, since: known.since }),
    ...(outage && { outage }),
  };
}
