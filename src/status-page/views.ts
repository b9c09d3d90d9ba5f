import { componentStateOf, situationOf } from "../comms/decide-truth.ts";
import type { Stage } from "../comms/events.ts";
import { isAfter, updatesOf } from "../comms/views.ts";
import type { ComponentState, Plan } from "../plans/plan.ts";
import type { AppState, IncidentState, UpdateState } from "../state.ts";
import type { PublicUpdate } from "./port.ts";

export type ShownState = ComponentState | "unknown";

export interface PublicPage {
  title: string;
  homepage?: string;
  /** ISO 8601. */
  at: string;
  /** The worst of the components. */
  state: ShownState;
  components: { id: string; name: string; state: ShownState }[];
  /** Newest first. */
  incidents: PublicIncident[];
}

export interface PublicIncident {
  /** Says when it began; made of nothing from inside. */
  id: string;
  title: string;
  stage: Stage;
  startedAt: string;
  /** Newest first. */
  updates: { id: string; stage: Stage; at: string; text: string }[];
}

const SHOWN_INCIDENTS = 30;
const WORST: ShownState[] = ["major_outage", "partial_outage", "degraded_performance", "unknown", "operational"];

/**
 * What the public may see, as it stands on a destination. `including` is an update that is about to be posted there.
 * Pure; undefined where the plan publishes nothing.
 */
export function publicPage(
  plan: Plan,
  state: AppState,
  at: string,
  { destination, including }: { destination: string; including?: string },
): PublicPage | undefined {
  const { communication } = plan;
  if (!communication) return undefined;
  const { conditions } = situationOf(plan, state);
  const components = Object.entries(communication.components).map(([id, { name }]) => ({
    id,
    name,
    state: componentStateOf(plan, id, conditions[id] ?? "unknown"),
  }));
  const isThere = ({ updateId, sent }: UpdateState) => updateId === including || sent[destination] !== undefined;
  const incidents = Object.values(state.incidents)
    .toReversed()
    .flatMap((incident) => publicIncident(state, incident, isThere))
    .slice(0, SHOWN_INCIDENTS);
  return {
    title: communication.title,
    ...(communication.homepage !== undefined && { homepage: communication.homepage }),
    at,
    state: WORST.find((one) => components.some((component) => component.state === one)) ?? "unknown",
    components,
    incidents,
  };
}

function publicIncident(
  state: AppState,
  { incidentId, startedAt }: IncidentState,
  isThere: (update: UpdateState) => boolean,
): PublicIncident[] {
  const all = state.comms[incidentId];
  const there = all ? updatesOf(all).filter(isThere).toSorted(inOrder) : [];
  const last = there.at(-1);
  if (!last) return [];
  const id = startedAt.replace(/\.\d+|[-:]/g, "");
  const updates = there.map((update, index) => {
    const { stage, at, text } = publicUpdate(update, startedAt);
    return { id: `${id}-${index + 1}`, stage, at, text };
  });
  return [{ id, title: last.title, stage: last.stage, startedAt, updates: updates.toReversed() }];
}

function inOrder(one: UpdateState, other: UpdateState): number {
  return isAfter(one, other) ? 1 : -1;
}

export function publicUpdate(update: UpdateState, startedAt: string): PublicUpdate {
  const { stage, title, text, dueAt, approved } = update;
  return { stage, title, text, at: approved?.at ?? dueAt, startedAt };
}
