import { describeEvent } from "../events/describe.ts";
import { leftText } from "../events/divergence-text.ts";
import { lossText } from "../events/loss-text.ts";
import type { DomainEvent } from "../events.ts";
import { actorName, clause, duration, instant, list, percent } from "../format.ts";
import { own } from "../own.ts";
import { verbOf } from "../reports/course.ts";
import type { AppState } from "../state.ts";
import type { Status } from "./lexicon.ts";

/** One event, as a model is shown it and as its claims are held to it. */
export interface Fact {
  /** `e` and the sequence; of a row of a tool's result `t3r1`. */
  id: string;
  seq: number;
  at: string;
  /** Of the event; of a row of a tool's result, the domain and `now`. */
  kind: string;
  /** What the event says, by code. */
  sentence: string;
  /** What a text may refer to, by field. */
  values: Record<string, string>;
  /** What may be said to be so on the strength of this event alone. */
  says: Status[];
}

export function factOf(event: DomainEvent, state: AppState): Fact {
  const { seq, at, kind } = event;
  return {
    id: `e${seq}`,
    seq,
    at,
    kind,
    sentence: describeEvent(event, state),
    values: { at: instant(at), ...valuesOf(event, state) },
    says: statusesOf(event, state),
  };
}

/** Oldest first and each once, however they come. */
export function factsOf(events: readonly DomainEvent[], state: AppState): Fact[] {
  const bySeq = new Map(events.map((event) => [event.seq, event]));
  return [...bySeq.values()].toSorted((one, other) => one.seq - other.seq).map((event) => factOf(event, state));
}

function valuesOf(event: DomainEvent, state: AppState): Record<string, string> {
  switch (event.kind) {
    case "verdict.changed":
      return { region: event.data.region, from: event.data.from, to: event.data.to, since: instant(event.data.since) };
    case "availability.changed":
      return {
        service: event.data.service,
        ...(event.data.lastGoodAt && { lastGood: instant(event.data.lastGoodAt) }),
        ...(event.data.firstGoodAt && { firstGood: instant(event.data.firstGoodAt) }),
      };
    case "quarantine.started":
    case "quarantine.lifted":
      return { region: event.data.region, reason: clause(event.data.reason) };
    case "replication.sampled": {
      const { store, source, target, loss } = event.data;
      return { store, source, target, loss: lossText(loss) };
    }
    case "divergence.compared": {
      const { store, region, against, found } = event.data;
      const run = runValues(event, state);
      // A part of a store says nothing of how much there is.
      return { ...run, store, region, against, ...(found.cut === undefined && { left: leftText(found) }) };
    }
    case "traffic.changed":
      return { shares: list(Object.entries(event.data.shares).map(([code, share]) => `${code} ${percent(share)}`)) };
    case "incident.opened":
      return {
        incident: event.data.incidentId,
        region: event.data.region,
        severity: event.data.severity.toUpperCase(),
        title: clause(event.data.title),
        started: instant(event.data.startedAt),
      };
    case "incident.resolved":
      return { incident: event.data.incidentId, reason: clause(event.data.reason) };
    case "run.proposed": {
      const { runId, runbook, source, target, reason, evidence } = event.data;
      return {
        run: runId,
        runbook,
        source,
        target,
        reason: clause(reason || "none given"),
        expected: duration(evidence.expected.ms),
        basis: clause(evidence.expected.basis),
      };
    }
    default:
      return { ...runValues(event, state), ...stepValues(event, state), ...approvalValues(event) };
  }
}

function runValues(event: DomainEvent, state: AppState): Record<string, string> {
  const { runId, reason } = event.data as { runId?: string; reason?: string };
  const run = runId === undefined ? undefined : own(state.runs, runId);
  return {
    ...(run && { run: run.runId, runbook: run.runbook, source: run.source, target: run.target }),
    ...(typeof reason === "string" && { reason: clause(reason) }),
  };
}

function stepValues(event: DomainEvent, state: AppState): Record<string, string> {
  const data = event.data as {
    runId?: string;
    stepId?: string;
    error?: { summary: string };
    loss?: Parameters<typeof lossText>[0];
    store?: string;
  };
  const step = own(state.runs, data.runId ?? "")?.steps.find(({ stepId }) => stepId === data.stepId);
  return {
    ...(step && { step: `“${step.name}”` }),
    ...(data.error && { error: clause(data.error.summary) }),
    ...(data.store !== undefined && { store: data.store }),
    ...(event.kind === "loss.assessed" && { loss: lossText(event.data.loss) }),
  };
}

/** People stand in documents by what they are there for, not by name. */
function approvalValues(event: DomainEvent): Record<string, string> {
  const { approvalId } = event.data as { approvalId?: string };
  const actor = event.actor.startsWith("system:") ? actorName(event.actor) : undefined;
  return { ...(approvalId !== undefined && { approval: approvalId }), ...(actor !== undefined && { actor }) };
}

/** Kinds that say one thing whatever their data. */
const PLAIN: Partial<Record<DomainEvent["kind"], Status[]>> = {
  "incident.opened": ["opened", "detected"],
  "incident.resolved": ["resolved", "recovered"],
  "run.proposed": ["proposed"],
  "run.started": ["started"],
  "run.completed": ["completed"],
  "run.paused": ["paused"],
  "run.resumed": ["resumed"],
  "run.aborting": ["aborted"],
  "run.aborted": ["aborted"],
  "run.cancelled": ["cancelled"],
  "step.started": ["started"],
  "step.intended": ["started"],
  "step.applied": ["applied"],
  "step.accepted": ["accepted", "unverified"],
  "step.failed": ["failed"],
  "step.retried": ["retried"],
  "step.skipped": ["skipped"],
  "step.stopped": ["stopped"],
  "step.held": ["held"],
  "approval.requested": ["asked"],
  "approval.voided": ["voided"],
  "approval.expired": ["expired"],
  "quarantine.started": ["quarantined"],
  "quarantine.lifted": ["released"],
  "guard.overridden": ["overridden"],
  "traffic.changed": ["moved"],
};

function statusesOf(event: DomainEvent, state: AppState): Status[] {
  switch (event.kind) {
    case "verdict.changed": {
      const { from, to } = event.data;
      if (to === "down") return ["down", "failed", "detected"];
      if (to === "degraded") return ["degraded", "detected"];
      if (to === "healthy") return from === "unknown" ? ["up"] : ["up", "recovered", "detected"];
      return ["unknown"];
    }
    case "availability.changed":
      return event.data.available ? ["up", "recovered", "detected"] : ["down", "failed", "detected"];
    case "approval.decided":
      return event.data.decision === "approve" ? ["approved"] : ["denied"];
    case "step.verified":
      return ["verified", "completed", ...(isPromotion(event, state) ? (["promoted"] as const) : [])];
    case "loss.assessed":
    case "replication.sampled": {
      const { loss } = event.data;
      if (loss.kind === "unknown") return ["unknown-loss", "unknown"];
      // What would be lost is not lost yet; a sample in passing says nothing of a promotion either way.
      if (loss.kind !== "measured" || loss.seconds > 0) return ["at-risk"];
      return event.kind === "loss.assessed" ? ["no-loss", "replicated"] : ["replicated"];
    }
    case "readiness.changed":
      return event.data.to === "ready" ? ["ready"] : event.data.to === "blocked" ? ["blocked"] : ["unknown"];
    default:
      return PLAIN[event.kind] ?? [];
  }
}

/** A step that was seen to have made a copy of a store its primary. */
export function isPromotion(event: DomainEvent, state: AppState): boolean {
  if (event.kind !== "step.verified") return false;
  const step = own(state.runs, event.data.runId)?.steps.find(({ stepId }) => stepId === event.data.stepId);
  return step !== undefined && verbOf(step.uses) === "promote";
}
