import { duration, elapsed } from "../format.ts";
import type { AppState, RunState } from "../state.ts";

/** How long a service has been away for its users, against what the plan promises. */
export interface RtoClock {
  service: string;
  /** Last good answer, ISO 8601. */
  from: string;
  /** First good answer after it; absent while it lasts. */
  to?: string;
  targetMs: number;
}

/** The outage that this failover is to end: the latest of any service that had not ended when the run was asked for. */
export function rtoClock(state: AppState, run: RunState): RtoClock | undefined {
  if (run.kind !== "failover" || run.rehearsal) return undefined;
  const clocks = Object.entries(run.plan.services).flatMap(([service, { rtoMs }]): RtoClock[] => {
    const outage = state.availability[service]?.outages.at(-1);
    if (!outage || (outage.to !== undefined && outage.to < run.proposedAt)) return [];
    if (run.endedAt !== undefined && outage.from > run.endedAt) return [];
    return [{ service, from: outage.from, ...(outage.to && { to: outage.to }), targetMs: rtoMs }];
  });
  return clocks.toSorted((one, other) => one.from.localeCompare(other.from))[0];
}

export function rtoText({ service, from, to, targetMs }: RtoClock, at: string): string {
  const spentMs = Date.parse(to ?? at) - Date.parse(from);
  const over = spentMs > targetMs ? ", MISSED" : to ? ", met" : "";
  return `${service} away for ${elapsed(from, to ?? at)} of at most ${duration(targetMs)}${over}`;
}
