import type { Caller } from "../core.ts";
import { etaText } from "../events/describe-war-room.ts";
import { capital, elapsed, instant, list, sentence } from "../format.ts";
import { isInFlight } from "../runs/views.ts";
import type { IncidentState, RunState } from "../state.ts";
import { type IncidentRole, incidentRoles } from "../war-room/events.ts";
import type { CheckIn, Handover, RoleHolder } from "../war-room/fold.ts";
import { askedOf, openHandover, ROLE_NAMES, roomOf } from "../war-room/views.ts";
import { type OfferedButton, offered } from "./buttons.ts";
import type { Card, CardButton } from "./card.ts";

export interface WarRoomView {
  incident: IncidentState;
  /** Where people meet. */
  link?: string;
  at: string;
}

/** Who has which role, and buttons to take each. */
export function rolesCard({ incident, link, at }: WarRoomView, caller?: Caller): Card {
  const { roles } = roomOf(incident);
  const title = `Who does what in ${incident.incidentId}`;
  const rows = incidentRoles.map((role) => {
    const holder = roles[role];
    return [capital(ROLE_NAMES[role]), holder?.principal ?? "nobody", holder ? instant(holder.since, at) : "–"];
  });
  return {
    title,
    status: roles["incident-commander"] ? "info" : "warning",
    ...links(link),
    table: { columns: ["Role", "Who", "Since"], rows },
    text: ["A role says who does what. It gives nobody a permission: those are of the person."],
    buttons: incident.resolvedAt === undefined ? offered(caller, allButtons(incident, caller)) : [],
    context: [incident.incidentId, `as of ${instant(at)}`],
    fallback: `${title}: ${rolesText(incident)}`,
  };
}

/** "incident commander: approver-1; communications: nobody; scribe: operator" */
export function rolesText(incident: IncidentState): string {
  const { roles } = roomOf(incident);
  if (Object.keys(roles).length === 0) return "nobody has taken a role";
  return incidentRoles.map((role) => `${ROLE_NAMES[role]}: ${roles[role]?.principal ?? "nobody"}`).join("; ");
}

/** What the incident's card says of the room. */
export function roomFacts(
  incident: IncidentState,
  runs: readonly RunState[],
  at: string,
): { label: string; value: string }[] {
  const { roles, checkIns } = roomOf(incident);
  const open = incident.resolvedAt === undefined;
  const facts = open || Object.keys(roles).length > 0 ? [{ label: "Roles", value: rolesText(incident) }] : [];
  const offer = openHandover(roomOf(incident));
  if (offer && open) facts.push({ label: "Handover", value: `${offer.from} asked ${offer.to} to take over` });
  const latest = checkIns.at(-1);
  if (latest) facts.push({ label: "Latest check-in", value: checkInText(latest, runs, at) });
  return facts;
}

function checkInText({ at: since, briefing, answers }: CheckIn, runs: readonly RunState[], at: string): string {
  // An estimate outlives its run by up to the time between two check-ins, and would be read as news.
  const over = briefing.eta !== undefined && !runs.some((run) => isInFlight(run) && run.proposedAt <= since);
  const eta = over ? "gone, as what was under way has ended" : etaText(briefing.eta, at);
  const said = answers.at(-1);
  const open = briefing.roadblocks.length;
  const blocks = open === 0 ? "nothing waits" : `${open} waiting`;
  const by = said ? `, ${said.by}${said.text === undefined ? " confirmed" : `: “${said.text}”`}` : "";
  return `${instant(since, at)}: ETA ${eta}; ${blocks}${by}`;
}

/** On the incident's card: what nobody does yet. Who has a role takes no more room than a word. */
export function roomButtons(incident: IncidentState): OfferedButton[] {
  const { roles } = roomOf(incident);
  const free = incidentRoles.filter((role) => !roles[role]).map((role) => takeButton(role, undefined));
  if (free.length === incidentRoles.length) return free;
  return [...free, { label: "Roles", style: "default", command: "role", input: {}, role: "observer" }];
}

function allButtons(incident: IncidentState, caller: Caller | undefined): OfferedButton[] {
  const { roles } = roomOf(incident);
  const mine = (holder: RoleHolder | undefined) => holder !== undefined && holder.principal === caller?.principal;
  return incidentRoles.flatMap((role): OfferedButton[] => {
    const holder = roles[role];
    if (!mine(holder)) return [takeButton(role, holder)];
    const give: OfferedButton = {
      label: "Hand over",
      style: "primary",
      command: "handover",
      input: {},
      ask: { field: "person", label: "Who shall take over as incident commander?" },
      role: "observer",
    };
    const release: OfferedButton = {
      label: `Give up: ${ROLE_NAMES[role]}`,
      style: "default",
      command: "role release",
      input: { role },
      confirm: `Give up ${ROLE_NAMES[role]}? Nobody will be, until somebody takes it.`,
      role: "observer",
    };
    return role === "incident-commander" ? [give, release] : [release];
  });
}

/** To take it from somebody is asked about, and says from whom: it may be somebody else's by then. */
function takeButton(role: IncidentRole, holder: RoleHolder | undefined): OfferedButton {
  const base = { style: "default" as const, command: "role take", role: "observer" as const };
  if (!holder) return { ...base, label: `Take: ${ROLE_NAMES[role]}`, input: { role } };
  const { principal } = holder;
  return {
    ...base,
    label: `Take over: ${ROLE_NAMES[role]}`,
    input: { role, from: principal },
    confirm: `${principal} is ${ROLE_NAMES[role]}. Take over from ${principal}?`,
  };
}

const ENDED: Record<Handover["phase"], string> = {
  offered: "",
  accepted: "accepted",
  declined: "declined: the incident commander stays who it is",
  void: "not needed any more",
};

/** The question to the one who shall lead, with what that person needs to know. */
export function handoverCard(offer: Handover, incident: IncidentState, caller?: Caller): Card {
  const { from, to, note, at, briefing, phase, handoverId } = offer;
  const open = phase === "offered" && incident.resolvedAt === undefined;
  const title = `Handover: ${from} asks ${to} to lead ${incident.incidentId}`;
  const ended = phase === "offered" ? "over, as the incident is" : ENDED[phase];
  return {
    title: open ? title : `${title} · ${ended}`,
    status: open ? "waiting" : "muted",
    ...(note !== undefined && { facts: [{ label: `${from} says`, value: note }] }),
    text: [
      ...briefing.status,
      `ETA: ${sentence(etaText(briefing.eta, at))}`,
      `Open: ${roadblocksText(offer)}`,
      ...briefing.next.map((line) => `Next: ${line}`),
    ],
    buttons: open ? handoverButtons(offer, caller) : [],
    context: [handoverId, `as of ${instant(at)}`],
    fallback: title,
  };
}

function roadblocksText({ briefing: { roadblocks }, at }: Pick<CheckIn, "briefing" | "at">): string {
  if (roadblocks.length === 0) return "nothing waits for anybody.";
  return sentence(roadblocks.map(({ what, since, on }) => `${what}, since ${elapsed(since, at)}, on ${on}`).join("; "));
}

/** Only the one who was asked can say yes; a channel that all see shows the buttons to all. */
function handoverButtons({ from, to }: Handover, caller: Caller | undefined): CardButton[] {
  const accept: OfferedButton = {
    label: "Accept: I lead",
    style: "primary",
    command: "handover accept",
    input: {},
    role: "observer",
  };
  const decline: OfferedButton = {
    label: caller?.principal === from ? "Take it back" : "Decline",
    style: "default",
    command: "handover decline",
    input: {},
    role: "observer",
  };
  if (caller === undefined || caller.principal === to) return offered(caller, [accept, decline]);
  return caller.principal === from ? offered(caller, [decline]) : [];
}

/** How it goes, asked of whoever leads and whoever writes: is it so, and what else? */
export function checkInCard(checkIn: CheckIn, incident: IncidentState, caller?: Caller): Card {
  const { at, because, briefing, answers, checkInId } = checkIn;
  const room = roomOf(incident);
  const open = incident.resolvedAt === undefined && room.checkIns.at(-1)?.checkInId === checkInId;
  const asked = askedOf(room);
  const title = `Check-in of ${incident.incidentId} at ${instant(at, at)}`;
  const question =
    asked.length > 0 ? `${list(asked)}: is this so, and what else?` : "Nobody leads yet. Is this so, and what else?";
  return {
    title,
    status: open ? "waiting" : "muted",
    facts: [
      { label: "ETA", value: etaText(briefing.eta, at) },
      { label: "Roadblocks", value: roadblocksText(checkIn) },
    ],
    text: [
      ...briefing.status,
      ...answers.map(({ by, at: when, text }) => `${instant(when, at)} ${by}${text ? `: ${text}` : " confirmed it."}`),
      ...(open && answers.length === 0 ? [question] : []),
    ],
    buttons: open ? offered(caller, checkInButtons()) : [],
    context: [checkInId, because === "time" ? "asked by itself" : "begun by a person"],
    fallback: `${title}: ${briefing.status.at(-1) ?? ""} ETA ${etaText(briefing.eta, at)}`,
  };
}

function checkInButtons(): OfferedButton[] {
  return [
    { label: "It is so", style: "primary", command: "checkin", input: {}, role: "observer" },
    {
      label: "Add a line",
      style: "default",
      command: "checkin",
      input: {},
      ask: { field: "text", label: "What else should people know?" },
      role: "observer",
    },
  ];
}

export function links(link: string | undefined): Pick<Card, "links"> {
  return link === undefined ? {} : { links: [{ label: "War room", url: link }] };
}
