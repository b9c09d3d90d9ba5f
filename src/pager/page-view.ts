import { lossInShort } from "../events/loss-text.ts";
import type { DomainEvent } from "../events.ts";
import { clip, instant, sentence } from "../format.ts";
import type { Severity } from "../incidents/events.ts";
import type { AppState, IncidentState, RunState } from "../state.ts";
import type { Page } from "./port.ts";

/** What a page is made of. */
export interface About {
  state: AppState;
  event: DomainEvent;
  /** Of the control room, where this installation has one that people reach. */
  url: string | undefined;
}

const SEVERITIES: Record<Severity, Page["severity"]> = { sev1: "critical", sev2: "error", sev3: "warning" };
const LONGEST = 500;

/** A page as it reads: what is wrong, how things stand, and where to decide. Pure; names no person. */
export function contentOf(
  { state: { application, regions, active, stores }, event, url }: About,
  incident: IncidentState | undefined,
  run: RunState | undefined,
  said: string,
): Page {
  const region = incident?.region ?? run?.source;
  const known = region === undefined ? undefined : regions[region];
  const losses = Object.values(stores).filter(({ source }) => source === region);
  const details = {
    application,
    ...(incident && { incident: incident.incidentId, started: instant(incident.startedAt) }),
    ...(run && { run: `${run.runId} (${run.runbook} ${run.source} → ${run.target})` }),
    "active region": active,
    ...(known && { [`region ${known.code}`]: known.verdict }),
    ...Object.fromEntries(losses.map(({ store, target, loss }) => [`${store} not in ${target}`, lossInShort(loss)])),
    "what to do": "Open the control room, or say /dr status; whoever may decide says /dr pending.",
  };
  return {
    summary: `${said.startsWith(application) ? "" : `${application}: `}${sentence(clip(said, LONGEST))}`,
    severity: incident ? SEVERITIES[incident.severity] : "critical",
    source: application,
    ...(region !== undefined && { component: region }),
    at: event.kind === "incident.opened" ? event.data.startedAt : event.at,
    details,
    links: url === undefined ? [] : [{ href: url, text: "Control room" }],
  };
}
