import { z } from "zod";
import type { PagerNotes } from "../../src/pager/port.ts";
import type { PagerDutyClient } from "./pagerduty-client.ts";

const Incident = z.object({ id: z.string(), status: z.string(), incident_key: z.string().nullish() });
const Note = z.object({ id: z.string(), content: z.string() });
const LONGEST_NOTE = 20_000;

/** Notes of the incident that a page became. */
export function createPagerDutyNotes(client: PagerDutyClient, keyOf: (key: string) => string): PagerNotes {
  const incident = (key: string, signal: AbortSignal) => latestIncident(client, keyOf(key), signal);

  return {
    async add(key, text, signal) {
      const known = await incident(key, signal);
      if (!known) return undefined;
      const data = { note: { content: text.slice(0, LONGEST_NOTE) } };
      const path = `${pathOf(known.id)}/notes`;
      return (await client.rest({ path, method: "POST", data, answer: z.object({ note: Note }), signal })).note.id;
    },

    async find(key, ending, signal) {
      const known = await incident(key, signal);
      if (!known) return undefined;
      const path = `${pathOf(known.id)}/notes`;
      const { notes } = await client.rest({ path, answer: z.object({ notes: z.array(Note) }), signal });
      return notes.find(({ content }) => content.endsWith(ending))?.id;
    },

    async keyOf(remoteId, keys, signal) {
      const path = pathOf(remoteId);
      const shown = await client.rest({ path, answer: z.object({ incident: Incident }), signal });
      const own = (one: string | null | undefined) => keys.find((key) => keyOf(key) === one);
      const direct = own(shown.incident.incident_key);
      if (direct !== undefined) return direct;
      // An incident that alerts made may show their keys alone.
      const Alerts = z.object({ alerts: z.array(z.object({ alert_key: z.string().nullish() })) });
      const { alerts } = await client.rest({ path: `${path}/alerts`, answer: Alerts, signal });
      return alerts.map(({ alert_key }) => own(alert_key)).find((key) => key !== undefined);
    },
  };
}

/** The newest incident with this key, open or not. */
export async function latestIncident(client: PagerDutyClient, key: string, signal: AbortSignal) {
  const query = { incident_key: key, sort_by: "created_at:desc", limit: "1" };
  const answer = z.object({ incidents: z.array(Incident) });
  return (await client.rest({ path: "incidents", query, answer, signal })).incidents[0];
}

function pathOf(id: string): string {
  return `incidents/${encodeURIComponent(id)}`;
}
