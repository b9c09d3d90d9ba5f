import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import { inFlightRuns } from "../runs/views.ts";
import type { IncidentState } from "../state.ts";

/** What people may say and do about an incident. */
export function createIncidents({ journal }: { journal: Journal }) {
  return {
    async note(text: string, caller: Caller): Promise<{ noteId: string; incidentId?: string }> {
      let noteId = "";
      let incidentId: string | undefined;
      await journal.commit((state) => {
        noteId = `note-${state.counts.notes + 1}`;
        incidentId = state.openIncidentId;
        const data = { noteId, text, ...(incidentId !== undefined && { incidentId }) };
        return [{ key: `note/${noteId}`, kind: "note.added", actor: caller.principal, data }];
      });
      return { noteId, ...(incidentId !== undefined && { incidentId }) };
    },

    async resolve(reason: string, caller: Caller): Promise<IncidentState> {
      let incidentId = "";
      const { state } = await journal.commit((fresh) => {
        if (fresh.openIncidentId === undefined) {
          throw new AppError({ code: "wrong-state", summary: "No incident is open.", hint: 'See "status".' });
        }
        const [run] = inFlightRuns(fresh);
        if (run) {
          throw new AppError({
            code: "run-in-progress",
            summary: `${run.runId} is ${run.phase}; an incident is not over while a run is in flight.`,
            hint: `See "why ${run.runId}".`,
          });
        }
        incidentId = fresh.openIncidentId;
        return [
          {
            key: `incident/${incidentId}/resolved`,
            kind: "incident.resolved",
            actor: caller.principal,
            data: { incidentId, reason },
          },
        ];
      });
      return state.incidents[incidentId] as IncidentState;
    },
  };
}
