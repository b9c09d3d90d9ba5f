import type { DomainEvent, EventKind } from "../events.ts";
import { actorName, capital, count, list, sentence } from "../format.ts";
import type { AppState } from "../state.ts";
import { describeApproval } from "./describe-approvals.ts";
import { describeAsks } from "./describe-asks.ts";
import { describeChat } from "./describe-chat.ts";
import { describeComms } from "./describe-comms.ts";
import { describeDeliveries } from "./describe-deliveries.ts";
import { describeDetection } from "./describe-detection.ts";
import { describeGuards } from "./describe-guards.ts";
import { describeOffline } from "./describe-offline.ts";
import { describePager } from "./describe-pager.ts";
import { describePeople } from "./describe-people.ts";
import { describeRun } from "./describe-runs.ts";
import { describeWarRoom } from "./describe-war-room.ts";

export type EventOf<K extends EventKind> = Extract<DomainEvent, { kind: K }>;
export type Describers<K extends EventKind> = { [P in K]: (event: EventOf<P>, state: AppState | undefined) => string };

const describers: Describers<EventKind> = {
  ...describeDetection,
  ...describeRun,
  ...describeApproval,
  ...describeAsks,
  ...describeChat,
  ...describeComms,
  ...describeDeliveries,
  ...describeWarRoom,
  ...describePager,
  ...describeOffline,
  ...describePeople,
  ...describeGuards,
  "incident.opened": ({ data, actor }) => {
    const by = data.openedBy === "signal" ? "detection" : actorName(actor);
    return `Incident ${data.incidentId} (${data.severity.toUpperCase()}) opened by ${by}: ${sentence(data.title)}`;
  },
  "incident.resolved": ({ data, actor }) =>
    `Incident ${data.incidentId} resolved by ${actorName(actor)}: ${sentence(data.reason)}`,
  "proposal.refused": ({ data: { runbook, source, target, code, summary, hint } }) =>
    `${capital(runbook)} ${source} → ${target}, which detection asks for, was refused (${code}): ${sentence(summary)} ${sentence(hint)} It is asked for again until it can be proposed.`,
  "note.added": ({ data, actor }) => `Note by ${actorName(actor)}: “${data.text.trim()}”`,
  "plan.adopted": ({ data }) => `Plan of ${data.plan.application} adopted, digest ${data.plan.digest.slice(0, 12)}.`,
  "placement.changed": ({ data: { findings } }) =>
    findings.length === 0
      ? "Muster and its store are outside what they protect."
      : `Where Muster and its store are: ${findings.map(({ text }) => text).join(" ")}`,
  "store.head-accepted": ({ data: { known, head, lost, foundBy, reason }, actor }) =>
    `${actorName(actor)} went on with a store that lost events ${lost.from} to ${lost.to}: ${sentence(reason)} ${foundBy} had seen event ${known.seq} (${known.hash.slice(0, 12)}) stand; the store ended at event ${head.seq} (${head.hash.slice(0, 12)}). Lost: ${list(lost.keys)}.`,
  "report.drafted": ({ data: { document, incidentId, model, endpoint, statements, dropped, redraft } }) => {
    const kept = statements.filter(({ by }) => by !== "code").length;
    return `Model ${model} at ${endpoint} drafted ${redraft ? `${redraft.section} anew, in ` : ""}the ${document} of ${incidentId}: ${count(kept, "claim")} kept, ${dropped.length} dropped.`;
  },
  "report.rejected": ({ data }) =>
    `No draft of the ${data.document} of ${data.incidentId} by a model: ${sentence(data.summary)}`,
  "report.written": ({ data: { incidentId, version, asOf, documents, kept = [] } }) => {
    const which = version === undefined ? "" : `, version ${version},`;
    const left = kept.length === 0 ? "" : ` A person had changed ${list(kept)}, which is left as it is.`;
    return `Documents of ${incidentId}${which} written from the journal as of #${asOf.seq}: ${list(documents.map(({ name }) => name))}.${left}`;
  },
};

/**
 * One plain-text sentence about an event: for timelines, cards and terminals, each of which escapes it for itself.
 * `state` (of that moment or later) adds what the event does not say itself: names of steps, counts of decisions.
 * Of a kind that only a newer version knows, a client has nothing but the kind to say.
 */
export function describeEvent(event: DomainEvent, state?: AppState): string {
  const describe = describers[event.kind] as ((event: DomainEvent, state: AppState | undefined) => string) | undefined;
  return describe ? describe(event, state) : (event as { kind: string }).kind;
}
