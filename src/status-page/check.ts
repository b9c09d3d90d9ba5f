import {
  contradictionsOf,
  decideContradiction,
  lastingOf,
  standingUpdates,
  watchedIncident,
} from "../comms/decide-contradiction.ts";
import type { Contradiction } from "../comms/events.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence } from "../journal/store.ts";
import type { Plan } from "../plans/plan.ts";
import type { Clock } from "../ports.ts";
import type { AppState } from "../state.ts";
import { markerOf } from "./deliver.ts";
import type { StatusPagePort } from "./port.ts";
import { publicUpdate } from "./views.ts";

interface CheckOptions {
  page: StatusPagePort;
  plan: Plan;
  journal: Pick<Journal, "load" | "commit">;
  clock: Pick<Clock, "now">;
  fence: Fence;
  signal: AbortSignal;
}

const EVERY_MS = 60_000;

/**
 * Reads a page back during an incident, and says when it contradicts what is seen. What only one look finds may be a
 * page that is just being changed, here or at the other side: it must be found by the next one as well.
 */
export function createTruthCheck({ page, plan, journal, clock, fence, signal }: CheckOptions) {
  let before: Contradiction[] = [];
  let lookAt = 0;

  return {
    isDue(state: AppState): boolean {
      const now = clock.now();
      return page.read !== undefined && now >= lookAt && watchedIncident(state, page.id, now) !== undefined;
    },

    /** Answers true when the page must be brought to what it should show once more. */
    async look(state: AppState): Promise<boolean> {
      const incident = watchedIncident(state, page.id, clock.now());
      if (!incident || !page.read) return false;
      lookAt = clock.now() + EVERY_MS;
      const { incidentId, startedAt } = incident;
      const asked = standingUpdates(state, incidentId, page.id).map((update) => ({
        marker: markerOf(plan, update.updateId),
        update: publicUpdate(update, startedAt),
        ...(update.sent[page.id]?.ref !== undefined && { incident: update.sent[page.id]?.ref as string }),
      }));
      const { missing, ...read } = { missing: [], ...(await page.read(asked, signal)) };
      const prefix = markerOf(plan, "");
      const reading = { ...read, missing: missing.map((marker) => marker.slice(prefix.length)) };
      // What changed while the page was read is not the page's fault.
      const was = new Set(contradictionsOf(plan, state, reading).map((one) => JSON.stringify(one)));
      const found = contradictionsOf(plan, await journal.load(), reading).filter((one) => was.has(JSON.stringify(one)));
      const lasting = lastingOf(found, before);
      before = found;
      const where = { incidentId, destination: page.id };
      const { events } = await journal.commit((fresh) => decideContradiction(fresh, where, { found, lasting }), {
        fence,
      });
      return events.some(({ kind }) => kind === "comms.contradicted");
    },
  };
}
