import { actorName, count, instant, list, sentence } from "../format.ts";
import type { Briefing, warRoomEvents } from "../war-room/events.ts";
import { ROLE_NAMES } from "../war-room/views.ts";
import type { Describers } from "./describe.ts";

export const describeWarRoom: Describers<keyof typeof warRoomEvents> = {
  "role.taken": ({ data, actor }) => {
    const { role, principal, from, handoverId } = data;
    const what = ROLE_NAMES[role];
    if (handoverId !== undefined) return `${principal} took over as ${what} from ${from ?? "nobody"}, who had asked.`;
    const before = from === undefined ? "" : `, in place of ${from}`;
    if (actor !== principal) return `${actorName(actor)} made ${principal} ${what}${before}.`;
    return `${principal} is ${what} now${before}.`;
  },
  "role.released": ({ data }) => `${data.principal} is not ${ROLE_NAMES[data.role]} any more; nobody is.`,
  "handover.offered": ({ data, actor }) =>
    `${actorName(actor)} asks ${data.to} to take over as incident commander${data.note ? `: “${data.note}”` : "."}`,
  "handover.declined": ({ data, actor }) =>
    `${actorName(actor)} declined the handover ${data.handoverId}; the incident commander stays who it is.`,
  "checkin.due": ({ data, at }) => `Check-in of ${data.incidentId}: ${briefingText(data.briefing, at)}`,
  "checkin.answered": ({ data, actor }) =>
    data.text === undefined
      ? `${actorName(actor)} confirmed the check-in of ${data.incidentId}.`
      : `Check-in by ${actorName(actor)}: “${data.text.trim()}”`,
};

function briefingText({ status, eta, roadblocks }: Briefing, at: string): string {
  const estimate = etaText(eta, at);
  const open = roadblocks.map(({ what, on }) => `${what} (${on})`);
  const blocks = open.length === 0 ? "nothing waits" : `${count(open.length, "roadblock")}: ${open.join("; ")}`;
  return `${list(status.slice(-1))} ETA: ${sentence(estimate)} ${sentence(blocks)}`;
}

/** Never a moment without where it comes from. */
export function etaText(eta: Briefing["eta"], at: string): string {
  if (!eta) return "none, as nothing is under way that would end it";
  return eta.at === undefined ? eta.basis : `about ${instant(eta.at, at)} (${eta.basis})`;
}
