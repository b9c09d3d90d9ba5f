import type { DomainEvent } from "../events.ts";
import { own } from "../own.ts";
import type { AppState, IncidentState } from "../state.ts";

export function foldIncident(state: AppState, event: DomainEvent): AppState {
  switch (event.kind) {
    case "incident.opened": {
      const incident: IncidentState = {
        ...event.data,
        openedAt: event.at,
        runIds: [],
        notes: [],
        pins: [],
        reports: [],
      };
      return {
        ...state,
        incidents: { ...state.incidents, [incident.incidentId]: incident },
        openIncidentId: incident.incidentId,
        counts: { ...state.counts, incidents: state.counts.incidents + 1 },
      };
    }
    case "incident.resolved": {
      const { openIncidentId: _, ...rest } = state;
      return withIncident(rest, event.data.incidentId, (old) => ({
        ...old,
        resolvedAt: event.at,
        resolution: event.data.reason,
      }));
    }
    case "note.added": {
      const { noteId, incidentId, text } = event.data;
      const counted = { ...state, counts: { ...state.counts, notes: state.counts.notes + 1 } };
      if (incidentId === undefined) return counted;
      const note = { noteId, seq: event.seq, at: event.at, author: event.actor, text };
      return withIncident(counted, incidentId, (old) => ({ ...old, notes: [...old.notes, note] }));
    }
    case "run.proposed": {
      const { incidentId, runId } = event.data;
      if (incidentId === undefined) return state;
      return withIncident(state, incidentId, (old) => ({ ...old, runIds: [...old.runIds, runId] }));
    }
    case "report.written": {
      const { incidentId, documents, asOf, generatedAt = event.at } = event.data;
      const report = { seq: event.seq, at: event.at, asOfSeq: asOf.seq, generatedAt, documents };
      return withIncident(state, incidentId, (old) => ({ ...old, reports: [...old.reports, report] }));
    }
    case "report.drafted":
    case "report.rejected":
    case "comms.suggested":
      return withTokens(state, event.data.incidentId, event.data.tokens);
    case "comms.due":
      return event.data.wording ? withTokens(state, event.data.incidentId, event.data.wording.tokens) : state;
    default:
      return state;
  }
}

function withTokens(state: AppState, id: string, { input, output }: { input: number; output: number }): AppState {
  return withIncident(state, id, (old) => ({ ...old, tokens: (old.tokens ?? 0) + input + output }));
}

function withIncident(state: AppState, id: string, change: (old: IncidentState) => IncidentState): AppState {
  const old = own(state.incidents, id);
  return old ? { ...state, incidents: { ...state.incidents, [id]: change(old) } } : state;
}
