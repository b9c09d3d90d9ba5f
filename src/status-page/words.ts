import type { Stage } from "../comms/events.ts";
import type { ShownState } from "./views.ts";

/** How states and stages are called on the page and in feeds. */
export const stateWords: Record<ShownState, string> = {
  operational: "Working",
  degraded_performance: "Slower than usual",
  partial_outage: "Some requests fail",
  major_outage: "Requests fail",
  unknown: "Not known",
};

export const summaryWords: Record<ShownState, string> = {
  operational: "Everything works",
  degraded_performance: "Some services are slower than usual",
  partial_outage: "Some requests fail",
  major_outage: "Requests fail",
  unknown: "Not everything could be looked at",
};

export const stageWords: Record<Stage, string> = {
  investigating: "Investigating",
  identified: "Identified",
  degraded: "Slower than usual",
  monitoring: "Monitoring",
  resolved: "Resolved",
};
