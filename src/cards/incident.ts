import type { Caller } from "../core.ts";
import { count, elapsed, instant } from "../format.ts";
import { phaseWord, runTitle } from "../runs/summary-view.ts";
import { isInFlight } from "../runs/views.ts";
import type { IncidentState, RunState } from "../state.ts";
import { type OfferedButton, offered } from "./buttons.ts";
import type { Card } from "./card.ts";
import { links, roomButtons, roomFacts } from "./war-room.ts";

export interface IncidentView {
  incident: IncidentState;
  runs: RunState[];
  /** Where people meet. */
  link?: string | undefined;
  at: string;
}

export function incidentCard(view: IncidentView, caller?: Caller): Card {
  const { incident, runs, link, at } = view;
  const title = incidentTitle(incident);
  const open = incident.resolvedAt === undefined;
  const notes = incident.notes.length;
  const busy = runs.some(isInFlight);
  return {
    title,
    status: open ? "danger" : "ok",
    facts: incidentFacts(view),
    text: incident.notes.slice(-5).map(({ at: noteAt, author, text }) => `${instant(noteAt, at)} ${author}: ${text}`),
    ...(open && links(link)),
    buttons: open ? offered(caller, [...roomButtons(incident), ...(busy ? [] : [RESOLVE])]) : [],
    context: [incident.incidentId, ...(notes > 0 ? [count(notes, "note")] : []), `as of ${instant(at)}`],
    fallback: `${title} (${incident.incidentId})`,
  };
}

const RESOLVE: OfferedButton = {
  label: "Resolve",
  style: "default",
  command: "resolve",
  input: {},
  ask: { field: "reason", label: "What ended it?" },
  role: "operator",
};

export function incidentTitle({ severity, title, resolvedAt }: IncidentState): string {
  return `${severity.toUpperCase()} · ${title}${resolvedAt === undefined ? "" : " · resolved"}`;
}

function incidentFacts({ incident, runs, at }: IncidentView): { label: string; value: string }[] {
  const { startedAt, openedAt, resolvedAt, resolution } = incident;
  const opener =
    incident.openedBy === "signal"
      ? `by detection, ${elapsed(startedAt, openedAt)} after the first failure`
      : "by a person";
  const facts = [
    { label: "Region", value: incident.region },
    {
      label: "Started",
      value: `${instant(startedAt, at)} (${elapsed(startedAt, resolvedAt ?? at)}${resolvedAt ? "" : " ago"})`,
    },
    { label: "Opened", value: `${instant(openedAt, at)} ${opener}` },
    ...roomFacts(incident, runs, at),
    ...runs.map((run) => ({ label: `Run ${run.runId}`, value: `${runTitle(run)}: ${phaseWord(run)}` })),
    ...incident.reports.map((report) => ({
      label: "Documents",
      value: `${instant(report.at, at)}: ${report.documents.map(({ name, sha256 }) => `${name} (${sha256.slice(0, 8)})`).join(", ")}`,
    })),
  ];
  if (resolvedAt)
    facts.push({ label: "Resolved", value: `${instant(resolvedAt, at)}${resolution ? `: ${resolution}` : ""}` });
  return facts;
}
