import { approvalCard } from "../cards/approval.ts";
import type { Card } from "../cards/card.ts";
import { personalNote } from "../cards/deciding.ts";
import { incidentCard } from "../cards/incident.ts";
import { errorCard } from "../cards/plain.ts";
import { readinessCard } from "../cards/readiness.ts";
import { statusCard } from "../cards/status.ts";
import { statusView } from "../cards/status-view.ts";
import { knownState } from "../commands/known-state.ts";
import { approvalView, nowIso } from "../commands/run-view.ts";
import type { Caller, Core } from "../core.ts";
import { standsForNobody } from "../people/identity.ts";
import { hasRole } from "../people/roles.ts";
import { warRoomLink } from "../war-room/views.ts";

const RECENT_INCIDENTS = 3;

/** A person's own page: how things are, what waits for this person, the latest incidents, and readiness. */
export async function homeCards(core: Core, caller: Caller): Promise<Card[]> {
  // Whoever can write in the chat has such a page.
  if (!hasRole(caller, "observer")) return [errorCard(standsForNobody(caller.identity?.system ?? "chat"))];
  const known = await knownState(core);
  const { state } = known;
  const at = nowIso(core);
  const asked = Object.values(state.approvals)
    .filter(({ phase }) => phase === "pending")
    .flatMap((approval) => approvalView(state, approval, at) ?? [])
    // Whoever has decided, or may not, is not waited for.
    .filter((view) => personalNote(view, caller) === undefined);
  const incidents = Object.values(state.incidents)
    .toSorted((one, other) => other.openedAt.localeCompare(one.openedAt))
    .slice(0, RECENT_INCIDENTS);
  return [
    statusCard(statusView(known, core.plan, at)),
    ...asked.map((view) => approvalCard(view, caller)),
    ...incidents.map((incident) => {
      const runs = incident.runIds.map((id) => state.runs[id]).filter((run) => run !== undefined);
      return incidentCard({ incident, runs, link: warRoomLink(state, incident.incidentId), at }, caller);
    }),
    readinessCard({ readiness: Object.values(state.readiness), at }),
  ];
}
