import type { Destination } from "../deliveries/port.ts";
import { AppError } from "../errors.ts";
import { own } from "../own.ts";
import { incidentKey } from "./decide-pages.ts";
import type { PagerPort } from "./port.ts";

type Shown = Required<Pick<PagerPort, "shows">> & Pick<PagerPort, "id" | "name">;

const LOOK_PACE_MS = 1_000;
const LOOK_FOR_MS = 60_000;

/**
 * Looks whether the page of an incident has become one in the pager, which takes pages before it works on them: a
 * service in maintenance, or a rule that suppresses it, wakes nobody and says nothing. As a delivery, because what is
 * not there is then tried again, given up after a while, and told to people who can call somebody.
 */
export function createShownDestination(pager: Shown, lookForMs = LOOK_FOR_MS): Destination<{ key: string }> {
  return {
    id: `${pager.id}-shown`,
    name: `what ${pager.name} shows`,
    paceMs: LOOK_PACE_MS,
    lateMs: lookForMs,
    messagesOf(event, state) {
      if (event.kind !== "delivery.sent" || event.data.destination !== pager.id) return [];
      const incident = own(state.incidents, event.data.incidentId ?? "");
      if (!incident || event.data.ref !== incidentKey(state, incident)) return [];
      // What is sent after its end is its end.
      if (incident.resolvedAt !== undefined && event.at >= incident.resolvedAt) return [];
      const { incidentId } = incident;
      const what = `look whether the page of ${incidentId} is there`;
      return [{ what, incidentId, quiet: true, body: { key: event.data.ref } }];
    },
    skip({ incidentId }, { state }) {
      const over = own(state.incidents, incidentId ?? "")?.resolvedAt !== undefined;
      return over ? "It was over before it could be seen." : undefined;
    },
    async send({ body, incidentId = "" }, { late, signal }) {
      if (await pager.shows(body.key, signal)) return undefined;
      throw new AppError({
        code: late ? "vendor-rejected" : "vendor-unavailable",
        summary: `${pager.name} took the page of ${incidentId} and shows nothing of it: probably nobody was woken.`,
        hint: "Call people by other means. Look there for a service in maintenance, or for a rule that suppresses it.",
        retryable: !late,
      });
    },
  };
}
