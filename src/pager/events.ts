import { z } from "zod";

const page = {
  pager: z.string(),
  /** The pager's own id of this fact. */
  eventId: z.string(),
  /** Of the page, as it was sent. */
  key: z.string(),
  incidentId: z.string().exactOptional(),
  runId: z.string().exactOptional(),
  /** When it happened there. */
  happenedAt: z.iso.datetime({ offset: true }),
};

/** What people did in the pager. Who it was is said only of accounts that are linked: by the event's actor. */
export const pagerEvents = {
  "page.acknowledged": z.object(page),
  /** There; an incident here ends when the service is back. */
  "page.resolved": z.object(page),
};
