import type { ComponentState, Plan } from "../plans/plan.ts";
import { inFlightRuns, passedNoReturn, primaryRegion } from "../runs/views.ts";
import type { AppState, IncidentState, RunState } from "../state.ts";
import type { Stage } from "./events.ts";

/** How a service is for its clients, in the words of the plan's mapping. */
export type Condition = "healthy" | "degraded" | "elsewhere" | "partial" | "down" | "unknown";

export interface Situation {
  /** By service; of services that are on the page. */
  conditions: Record<string, Condition>;
  /** Services of which requests fail. */
  failing: string[];
  /** Every region looks down: Muster's own view may be what is broken. */
  suspect: boolean;
  /** The failover that is to end it, drills left aside. */
  failover?: RunState;
  drill?: RunState;
}

/** What may be said in public, from what is seen. Pure. */
export function situationOf(plan: Plan, state: AppState): Situation {
  const names = Object.keys(plan.communication?.components ?? {});
  const conditions = Object.fromEntries(names.map((name) => [name, conditionOf(state, name)]));
  const moving = inFlightRuns(state).filter(({ kind }) => kind === "failover");
  const failover = moving.find(({ rehearsal }) => !rehearsal);
  const drill = inFlightRuns(state).find(({ rehearsal }) => rehearsal);
  return {
    conditions,
    failing: names.filter((name) => isFailing(conditions[name])),
    suspect: Object.values(state.regions).every(({ verdict }) => verdict === "down"),
    ...(failover && { failover }),
    ...(drill && { drill }),
  };
}

/** What clients see comes first; what regions answer stands in where nobody looks from outside. */
function conditionOf(state: AppState, service: string): Condition {
  const available = state.availability[service]?.available;
  const serving = primaryRegion(state);
  const verdict = state.regions[serving]?.verdict;
  if (available === false || (available === undefined && verdict === "down")) return "down";
  if (verdict === "down") return "partial";
  if (available === undefined && (verdict === undefined || verdict === "unknown")) return "unknown";
  if (verdict === "degraded") return "degraded";
  return serving === state.home ? "healthy" : "elsewhere";
}

function isFailing(condition: Condition | undefined): boolean {
  return condition === "down" || condition === "partial";
}

/** As the page shows it; nothing is said of what was not seen. */
export function componentStateOf(plan: Plan, service: string, condition: Condition): ComponentState | "unknown" {
  if (condition === "unknown") return "unknown";
  return plan.communication?.components[service]?.states[condition] ?? "unknown";
}

/** Is what a stage says so? `early`: so much so that it is said before its time. */
export function truthOf(
  stage: Stage,
  incident: IncidentState,
  situation: Situation,
): { holds: boolean; early: boolean } {
  const { failing, suspect, failover, conditions } = situation;
  const open = incident.resolvedAt === undefined;
  const answered = open && failing.length === 0;
  const started = failover?.startedAt !== undefined && !failover.paused && failover.phase === "running";
  const normal = Object.values(conditions).every((condition) => condition === "healthy");
  switch (stage) {
    case "investigating":
      return both(open && failing.length > 0);
    case "identified": {
      const holds = open && failing.length > 0 && failover !== undefined && !suspect;
      return { holds, early: holds && started };
    }
    case "degraded":
      return both(answered && !normal);
    case "monitoring": {
      const holds = answered && (failover === undefined || (started && passedNoReturn(failover)));
      return { holds, early: holds && normal };
    }
    case "resolved":
      return both(!open);
  }
}

function both(holds: boolean): { holds: boolean; early: boolean } {
  return { holds, early: holds };
}
