import { approvalCard } from "../../cards/approval.ts";
import type { Card } from "../../cards/card.ts";
import { updateCard } from "../../cards/comms.ts";
import { haltCard, haltedStep, haltId } from "../../cards/halt.ts";
import { incidentCard } from "../../cards/incident.ts";
import { runCard } from "../../cards/run.ts";
import { runsNewestFirst } from "../../cards/status-view.ts";
import { type Tone, toneOf } from "../../cards/tone.ts";
import { checkInCard, handoverCard } from "../../cards/war-room.ts";
import { approvalView, runViewOf } from "../../commands/run-view.ts";
import { updateView } from "../../comms/comms-view.ts";
import type { Caller, Waiting } from "../../core.ts";
import { describeEvent } from "../../events/describe.ts";
import { isOnTimeline } from "../../events/pins.ts";
import type { DomainEvent } from "../../events.ts";
import { own } from "../../own.ts";
import { isInFlight } from "../../runs/views.ts";
import type { AppState } from "../../state.ts";
import { findCheckIn, findHandover, warRoomLink } from "../../war-room/views.ts";

/** One entry of the channel. Its id stays, so that a card is edited where it stands. */
export interface Message {
  id: string;
  seq: number;
  at: string;
  author: string;
  content:
    | { kind: "line"; tone: Tone; text: string }
    | { kind: "note"; text: string }
    | { kind: "card"; card: Card; folded: boolean };
}

export interface ChannelView {
  state: AppState;
  /** Of runs that are not over. */
  waiting: Waiting[];
  at: string;
  /** Whose buttons are shown; nobody's when undefined. */
  caller: Caller | undefined;
}

/** Kinds that people are told about; how a step gets on shows on its run's card. */
export const CHANNEL_KINDS: ReadonlySet<string> = new Set([
  "incident.opened",
  "incident.resolved",
  "proposal.refused",
  "verdict.changed",
  "availability.changed",
  "observer.late",
  "observer.punctual",
  "quarantine.started",
  "quarantine.lifted",
  "divergence.compared",
  "traffic.changed",
  "plan.adopted",
  "run.proposed",
  "run.started",
  "run.completed",
  "run.paused",
  "run.resumed",
  "run.aborting",
  "run.aborted",
  "run.cancelled",
  "approval.requested",
  "approval.decided",
  "approval.voided",
  "approval.reminded",
  "approval.escalated",
  "approval.withdrawn",
  "approval.expired",
  "step.failed",
  "step.held",
  "step.accepted",
  "step.skipped",
  "step.stopped",
  "step.retried",
  "guard.held",
  "guard.released",
  "guard.overridden",
  "lock.set",
  "lock.lifted",
  "lock.expired",
  "lock.overridden",
  "loss.assessed",
  "readiness.changed",
  "note.added",
  "offline.imported",
  "store.head-accepted",
  "timeline.pinned",
  "role.taken",
  "role.released",
  "handover.offered",
  "handover.declined",
  "checkin.due",
  "chat.lost",
  "chat.restored",
  "comms.due",
  "comms.held",
  "comms.failed",
  "comms.abandoned",
  "comms.contradicted",
  "comms.agreed",
  "comms.sent",
  "delivery.sent",
  "delivery.failed",
  "page.acknowledged",
  "page.resolved",
  "report.written",
  "people.changed",
  "people.file-refused",
  "token.created",
  "token.refused",
]);

const NOBODY: Caller = { principal: "", name: "", roles: [] };

/** Pure: the channel as one person sees it, oldest first. */
export function channelMessages(events: readonly DomainEvent[], view: ChannelView): Message[] {
  const placed = new Set<string>();
  return events
    .filter((event) => isOnTimeline(event, view.state))
    .flatMap((event) => messagesOf(event, view))
    .filter(({ id }) => {
      const isNew = !placed.has(id);
      placed.add(id);
      return isNew;
    });
}

function messagesOf(event: DomainEvent, view: ChannelView): Message[] {
  const { state, at } = view;
  const caller = view.caller ?? NOBODY;
  const base = { seq: event.seq, at: event.at, author: authorOf(event.actor) };
  const card = (id: string, content: Card, folded: boolean): Message => ({
    ...base,
    id,
    content: { kind: "card", card: content, folded },
  });
  const line = (): Message => ({
    ...base,
    id: `e${event.seq}`,
    content: { kind: "line", tone: toneOf(event), text: describeEvent(event, state) },
  });
  switch (event.kind) {
    case "incident.opened": {
      const incident = own(state.incidents, event.data.incidentId);
      if (!incident) return [line()];
      const runs = incident.runIds.map((id) => own(state.runs, id)).filter((run) => run !== undefined);
      // Notes stand in the channel already, each at its time.
      const link = warRoomLink(state, incident.incidentId);
      const shown = incidentCard({ incident: { ...incident, notes: [] }, runs, link, at }, caller);
      return [card(incident.incidentId, shown, incident.resolvedAt !== undefined)];
    }
    case "note.added":
      return [{ ...base, id: `e${event.seq}`, content: { kind: "note", text: event.data.text } }];
    // A token of one's own is nobody's news; with one for somebody else a commander could act as that person.
    case "token.created":
      return event.actor === event.data.principal ? [] : [line()];
    case "run.proposed":
      // With an approval the question comes first and the card of the run after it.
      return event.data.approvalId === undefined ? runMessage(event.data.runId, view, card) : [];
    case "approval.requested": {
      const approval = own(state.approvals, event.data.approvalId);
      const asked = approval && approvalView(state, approval, at);
      if (!asked) return [line()];
      const question = card(asked.approval.approvalId, approvalCard(asked, caller), asked.approval.phase !== "pending");
      return [question, ...runMessage(event.data.runId, view, card)];
    }
    case "comms.due": {
      const comms = own(state.comms, event.data.incidentId);
      const update = comms?.updates[event.data.updateId];
      // What is posted by itself is said when it stands there.
      if (!comms || !update || event.data.publish === "automatic") return [];
      const shown = updateView(update, comms);
      const waits = shown.phase === "asked" || shown.phase === "held";
      return [card(`comms-e${event.seq}`, updateCard(shown, event.data.incidentId, at, caller), !waits)];
    }
    case "handover.offered": {
      const found = findHandover(state, event.data);
      return found
        ? [card(`handover-e${event.seq}`, handoverCard(...found, caller), found[0].phase !== "offered")]
        : [line()];
    }
    case "checkin.due": {
      const found = findCheckIn(state, event.data);
      const [checkIn, incident] = found ?? [];
      const isLatest = checkIn !== undefined && incident?.room?.checkIns.at(-1) === checkIn;
      const folded = !isLatest || incident?.resolvedAt !== undefined;
      return found ? [card(`checkin-e${event.seq}`, checkInCard(...found, caller), folded)] : [line()];
    }
    case "step.failed":
      return [line(), ...haltMessage(event.data, view, base)];
    default:
      return [line()];
  }
}

type MakeCard = (id: string, card: Card, folded: boolean) => Message;

function runMessage(runId: string, { state, waiting, at, caller }: ChannelView, card: MakeCard): Message[] {
  const run = own(state.runs, runId);
  if (!run) return [];
  const its = waiting.filter((one) => one.runId === runId);
  const shown = runCard(runViewOf(state, run, its, at), caller ?? NOBODY);
  // Beside the channel its steps are seen anyway; a halt has its own message with the choices, at the end.
  const { buttons = [], ...rest } = shown;
  const newest = runsNewestFirst(state)[0]?.runId === runId;
  const over = !isInFlight(run);
  const content = run.phase === "halted" ? rest : { ...rest, buttons };
  return [card(runId, content, run.phase === "proposed" || (over && !newest))];
}

/** While a step still waits for a person, the choices stand where people look: at the end. */
function haltMessage(
  failed: { runId: string; stepId: string; attempt: number },
  { state, caller }: ChannelView,
  base: { seq: number; at: string; author: string },
): Message[] {
  const run = own(state.runs, failed.runId);
  const step = haltedStep(run, failed);
  if (!run || !step) return [];
  const card = haltCard(run, step, caller ?? NOBODY);
  return [{ ...base, id: haltId(failed), content: { kind: "card", card, folded: false } }];
}

function authorOf(actor: string): string {
  return actor.startsWith("system:") ? "Muster" : actor;
}
