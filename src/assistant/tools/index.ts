import type { MonitorPort } from "../monitor.ts";
import { alerts } from "./alerts.ts";
import { azureTools } from "./azure.ts";
import { journalSearch } from "./journal-search.ts";
import { lag } from "./lag.ts";
import { onCall } from "./on-call.ts";
import { plan } from "./plan.ts";
import { readiness } from "./readiness.ts";
import { run } from "./run.ts";
import { status } from "./status.ts";
import type { Tool } from "./tool.ts";

/** Everything that the assistant may look at. All of it reads; there is no other list that a tool could come from. */
export function createTools(monitor?: MonitorPort): readonly Tool[] {
  return [status, lag, readiness, run, journalSearch, alerts, plan, onCall, ...azureTools(monitor)];
}
