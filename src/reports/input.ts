import type { EventOf } from "../events/describe.ts";
import type { DomainEvent, EventKind } from "../events.ts";
import type { Head } from "../journal/store.ts";
import type { Plan } from "../plans/plan.ts";
import type { AppState, IncidentState, RunState } from "../state.ts";

/** What documents are made from. Everything in them follows from this; nothing here is changed. */
export interface ReportInput {
  plan: Plan;
  state: AppState;
  incident: IncidentState;
  /** In sequence order: all from before the incident up to `asOf`, and what was said last before that. */
  events: readonly DomainEvent[];
  /** The journal's head when the events were read. */
  asOf: Head;
  /** ISO 8601; the "now" of what is still going on. */
  generatedAt: string;
}

/** The input with what every part of the facts looks up again and again. */
export interface ReportContext extends ReportInput {
  /** The events that belong to the incident, in sequence order. */
  own: readonly DomainEvent[];
  /** The runs of the incident, oldest first. */
  runs: readonly RunState[];
}

export function createContext(input: ReportInput): ReportContext {
  const runs = input.incident.runIds.map((id) => input.state.runs[id]).filter((run) => run !== undefined);
  return { ...input, runs, own: incidentEvents(input.events, input.incident) };
}

export function ofKind<K extends EventKind>(events: readonly DomainEvent[], kind: K): EventOf<K>[] {
  return events.filter((event): event is EventOf<K> => event.kind === kind);
}

/** The sequence numbers of events, for references. */
export function refsOf(...events: ({ seq: number } | undefined)[]): number[] {
  return [...new Set(events.flatMap((event) => (event ? [event.seq] : [])))].sort((a, b) => a - b);
}

export function elapsedMs(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

/**
 * The events of an incident: those that name it or one of its runs, and whatever happened to the application
 * between its first sign and its end. Only one incident is open at a time, so nothing in between is another's.
 */
function incidentEvents(events: readonly DomainEvent[], incident: IncidentState): DomainEvent[] {
  const runs = new Set(incident.runIds);
  const endSeq =
    ofKind(events, "incident.resolved").find(({ data }) => data.incidentId === incident.incidentId)?.seq ??
    Number.POSITIVE_INFINITY;
  return events.filter((event) => {
    const { incidentId, runId } = event.data as { incidentId?: string; runId?: string };
    if (incidentId !== undefined) return incidentId === incident.incidentId;
    if (runId !== undefined && runs.has(runId)) return true;
    return event.at >= incident.startedAt && event.seq <= endSeq;
  });
}

/**
 * The events of `events.jsonl`: all that stand between the incident's first and last, so that their chain can be
 * checked, and those from before that the documents cite.
 */
export function exportedEvents(
  { own, events }: Pick<ReportContext, "own" | "events">,
  said: unknown,
): { span: readonly DomainEvent[]; earlier: readonly DomainEvent[] } {
  const first = own[0]?.seq ?? Number.POSITIVE_INFINITY;
  const last = own.at(-1)?.seq ?? 0;
  const cited = citedIn(said);
  return {
    span: events.filter(({ seq }) => seq >= first && seq <= last),
    earlier: events.filter(({ seq }) => seq < first && cited.has(seq)),
  };
}

/** Every sequence number under a field named `refs` or `…Refs`. */
function citedIn(value: unknown, cited: Set<number> = new Set()): Set<number> {
  if (typeof value !== "object" || value === null) return cited;
  for (const [name, inner] of Object.entries(value)) {
    if (/refs$/i.test(name) && Array.isArray(inner)) for (const seq of inner) cited.add(seq as number);
    else citedIn(inner, cited);
  }
  return cited;
}
