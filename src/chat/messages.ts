import { approvalCard } from "../cards/approval.ts";
import { updateCard } from "../cards/comms.ts";
import { haltCard, haltedStep, haltId } from "../cards/halt.ts";
import { incidentCard } from "../cards/incident.ts";
import { runCard } from "../cards/run.ts";
import { belongsTo } from "../cards/timeline.ts";
import { toneOf } from "../cards/tone.ts";
import { approvalView, runViewOf } from "../commands/run-view.ts";
import { updateView } from "../comms/comms-view.ts";
import type { Caller, Waiting } from "../core.ts";
import { describeEvent } from "../events/describe.ts";
import { isOnTimeline } from "../events/pins.ts";
import type { DomainEvent, EventKind } from "../events.ts";
import { instant } from "../format.ts";
import { own } from "../own.ts";
import type { AppState, IncidentState } from "../state.ts";
import { warRoomLink } from "../war-room/views.ts";
import type { ChatMessage } from "./port.ts";
import { attachmentOf, newsText } from "./report-line.ts";
import { checkInMessage, handoverMessage } from "./room-messages.ts";
import { timelineMessages } from "./timeline.ts";

export interface ChannelView {
  state: AppState;
  /** Of runs that are not over. */
  waiting: Waiting[];
  /** ISO 8601: elapsed times count up to it. */
  at: string;
  /** Whose buttons are shown; everybody's when undefined, for a channel that all see. */
  caller?: Caller;
}

/**
 * Where a fact is said that has no card of its own: in the `channel`, where it notifies people; in the `thread` of
 * its run or incident; or in the channel only while no incident is open (`alone`), because its card shows it then.
 */
type Place = "channel" | "thread" | "alone";

const LINES: Partial<Record<EventKind, Place>> = {
  "incident.resolved": "channel",
  "proposal.refused": "channel",
  "run.completed": "channel",
  "run.paused": "channel",
  "run.resumed": "channel",
  "run.aborting": "channel",
  "run.aborted": "channel",
  "offline.imported": "channel",
  "guard.overridden": "channel",
  "lock.set": "channel",
  "lock.lifted": "channel",
  "lock.expired": "channel",
  "lock.overridden": "channel",
  "store.head-accepted": "channel",
  "run.cancelled": "thread",
  "run.started": "thread",
  "verdict.changed": "thread",
  "availability.changed": "thread",
  "observer.late": "thread",
  "observer.punctual": "thread",
  "traffic.changed": "thread",
  "quarantine.started": "thread",
  "quarantine.lifted": "thread",
  "approval.decided": "thread",
  "approval.withdrawn": "thread",
  "approval.expired": "thread",
  "approval.reminded": "channel",
  "approval.escalated": "channel",
  "comms.sent": "thread",
  "comms.failed": "channel",
  "comms.abandoned": "channel",
  "comms.contradicted": "channel",
  "comms.agreed": "thread",
  "delivery.sent": "thread",
  "delivery.failed": "channel",
  "page.acknowledged": "thread",
  "page.resolved": "thread",
  "step.failed": "thread",
  "step.accepted": "thread",
  "step.skipped": "thread",
  "step.retried": "thread",
  "step.stopped": "thread",
  "step.held": "thread",
  "guard.held": "thread",
  "guard.released": "thread",
  "divergence.compared": "thread",
  "loss.assessed": "thread",
  "note.added": "thread",
  "role.taken": "thread",
  "role.released": "thread",
  "handover.declined": "thread",
  "report.written": "thread",
  "readiness.changed": "alone",
};

/** Kinds that the channel needs: those of its lines, of its cards and of the timeline. */
export function isOfChannel(event: DomainEvent): boolean {
  return !UNSAID.has(event.kind);
}

const UNSAID: ReadonlySet<EventKind> = new Set([
  "replication.sampled",
  "step.assessed",
  "step.intended",
  "step.started",
  "comms.posting",
  "comms.unposted",
  "ask.asked",
  "ask.tool-called",
  "ask.answered",
  "ask.refused",
]);

/** Pure: the channel as it should read, oldest first; what stands in a thread comes after the thread's head. */
export function chatMessages(events: readonly DomainEvent[], view: ChannelView): ChatMessage[] {
  const found = new Map<string, ChatMessage>();
  for (const event of events) {
    if (!isOnTimeline(event, view.state)) continue;
    for (const message of messagesOf(event, events, view)) if (!found.has(message.id)) found.set(message.id, message);
  }
  return [...found.values()];
}

function messagesOf(event: DomainEvent, events: readonly DomainEvent[], view: ChannelView): ChatMessage[] {
  const { state, at, caller } = view;
  switch (event.kind) {
    case "incident.opened": {
      const incident = own(state.incidents, event.data.incidentId);
      if (!incident) return [];
      const runs = incident.runIds.map((id) => own(state.runs, id)).filter((run) => run !== undefined);
      const link = warRoomLink(state, incident.incidentId);
      const card = incidentCard({ incident: { ...incident, notes: [] }, runs, link, at }, caller);
      const pin = link === undefined ? {} : { pin: incident.resolvedAt === undefined };
      const head: ChatMessage = { id: incident.incidentId, at: event.at, form: "card", card, ...pin };
      return [head, ...timelineMessages(incident, events, state)];
    }
    case "run.proposed":
      return event.data.approvalId === undefined ? runMessage(event, event.data.runId, view) : [];
    case "approval.requested":
      return [...approvalMessage(event, event.data.approvalId, view), ...runMessage(event, event.data.runId, view)];
    case "comms.due":
      return event.data.publish === "ask" ? updateMessage(event, event.data, view) : [];
    case "handover.offered":
      return handoverMessage(event, view);
    case "checkin.due":
      return checkInMessage(event, view);
    case "step.failed":
      return event.data.retryAt === undefined ? haltMessage(event, event.data, view) : lineOf(event, events, view);
    default:
      return lineOf(event, events, view);
  }
}

function runMessage({ at: since }: DomainEvent, runId: string, view: ChannelView): ChatMessage[] {
  const { state, waiting, at, caller } = view;
  const run = own(state.runs, runId);
  if (!run) return [];
  const its = waiting.filter((one) => one.runId === runId);
  const card = runCard(runViewOf(state, run, its, at), caller);
  return [{ id: runId, at: since, form: "card", card }];
}

function approvalMessage({ at: since }: DomainEvent, approvalId: string, view: ChannelView): ChatMessage[] {
  const approval = own(view.state.approvals, approvalId);
  const shown = approval && approvalView(view.state, approval, view.at);
  if (!shown) return [];
  const message: ChatMessage = { id: approvalId, at: since, form: "card", card: approvalCard(shown, view.caller) };
  // A question that is over before anybody could see it is not asked late.
  return [approval.phase === "pending" ? message : { ...message, over: true }];
}

/** What the public would be told waits for a tap; one that is over before anybody saw it is not asked late. */
function updateMessage(
  { at: since }: DomainEvent,
  { incidentId, updateId }: { incidentId: string; updateId: string },
  { state, at, caller }: ChannelView,
): ChatMessage[] {
  const comms = own(state.comms, incidentId);
  const update = comms?.updates[updateId];
  if (!comms || !update) return [];
  const shown = updateView(update, comms);
  const id = `comms-${updateId.replaceAll("/", "-")}`;
  const message: ChatMessage = { id, at: since, form: "card", card: updateCard(shown, incidentId, at, caller) };
  return [shown.phase === "asked" || shown.phase === "held" ? message : { ...message, over: true }];
}

/** The choices while a person has to decide; afterwards the message says that the question is over. */
function haltMessage(
  event: DomainEvent,
  failed: { runId: string; stepId: string; attempt: number },
  { state, caller }: ChannelView,
): ChatMessage[] {
  const run = own(state.runs, failed.runId);
  if (!run) return [];
  const id = haltId(failed);
  const step = haltedStep(run, failed);
  if (step) return [{ id, at: event.at, form: "card", card: haltCard(run, step, caller) }];
  const title = describeEvent(event, state);
  const now = run.steps.find(({ stepId }) => stepId === failed.stepId)?.phase ?? "gone";
  const card = {
    title,
    status: "muted" as const,
    text: [`Nobody needs to decide any more: it is ${now}.`],
    fallback: title,
  };
  return [{ id, at: event.at, form: "card", card, over: true }];
}

function lineOf(event: DomainEvent, events: readonly DomainEvent[], { state }: ChannelView): ChatMessage[] {
  const place = LINES[event.kind];
  if (place === undefined || isFirstLook(event)) return [];
  const incident = Object.values(state.incidents).findLast((one) => belongsTo(one, event));
  if (place === "alone" && Object.values(state.incidents).some((one) => wasOpen(one, event.at))) return [];
  const thread = place === "thread" ? threadOf(event, state, incident?.incidentId) : undefined;
  const title = describeEvent(event, state);
  const news = newsText(event, events, state);
  const text = news.length > 0 ? { text: news } : {};
  const card = { title, status: toneOf(event), ...text, context: [instant(event.at)], fallback: title };
  return [
    {
      id: `e${event.seq}`,
      at: event.at,
      form: "line",
      card,
      ...(thread !== undefined && { thread }),
      ...attachmentOf(event, state),
    },
  ];
}

function wasOpen({ startedAt, resolvedAt }: IncidentState, at: string): boolean {
  return startedAt <= at && at <= (resolvedAt ?? "9999");
}

/** At a start every region is seen for the first time, which is no news when it is well. */
function isFirstLook(event: DomainEvent): boolean {
  return event.kind === "verdict.changed" && event.data.from === "unknown" && event.data.to === "healthy";
}

function threadOf(event: DomainEvent, state: AppState, incidentId: string | undefined): string | undefined {
  const { runId } = event.data as { runId?: string };
  return runId !== undefined && own(state.runs, runId) ? runId : incidentId;
}
