import type { AppState } from "../../src/state.ts";
import type { MusterClient } from "./muster.ts";

/** Every incident is resolved, and has documents that were made from a journal in which it was. */
export async function isWrittenUp(muster: MusterClient, { incidents, openIncidentId }: AppState): Promise<boolean> {
  if (openIncidentId !== undefined) return false;
  const resolved = new Map(
    (await muster.events("incident.resolved")).map(({ seq, data }) => [
      (data as { incidentId: string }).incidentId,
      seq,
    ]),
  );
  return Object.values(incidents).every(({ incidentId, reports }) => {
    const seq = resolved.get(incidentId);
    return seq !== undefined && reports.some(({ asOfSeq }) => asOfSeq >= seq);
  });
}
