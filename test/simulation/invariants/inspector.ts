import type { DomainEvent } from "../../../src/events.ts";
import type { AppendRequest, Lease, StoredEvent } from "../../../src/journal/store.ts";
import { EPOCH_MS, type Process } from "../schedule.ts";
import type { Trace } from "../trace.ts";
import type { Request, World } from "../world.ts";
import { approvalViolation } from "./approvals.ts";
import { requestViolation, type Sent, transitionViolation } from "./effects.ts";
import { watchJournal } from "./journal.ts";
import { emptyRecord, type Recorded, takeIn } from "./record.ts";
import { runViolation, stepViolation } from "./steps.ts";
import { verdictViolation } from "./verdicts.ts";

export interface Violation {
  atMs: number;
  what: string;
}

/** Looks at every event and every effect at the moment that it happens, and keeps the first thing that must not be. */
export interface Inspector {
  record: Recorded;
  first(): Violation | undefined;
  report(what: string): void;
  appended(owner: Process, events: readonly StoredEvent[], fence: AppendRequest["fence"]): void;
  granted(lease: Lease): void;
  sent(request: Request): void;
  changed(request: Request): void;
}

export interface InspectorOptions {
  nowMs(): number;
  trace: Trace;
  leaseMs: number;
  world(): World;
}

export function createInspector({ nowMs, trace, leaseMs, world }: InspectorOptions): Inspector {
  const record = emptyRecord();
  const journal = watchJournal();
  const sent: Sent[] = [];
  let first: Violation | undefined;

  function report(what: string | undefined): void {
    if (what === undefined) return;
    trace.say("VIOLATION", what);
    first ??= { atMs: nowMs(), what };
  }

  return {
    record,
    first: () => first,
    report,
    granted(lease) {
      if (journal.granted(lease) && lease.name === "executor") trace.count("takeovers");
    },
    appended(owner, events, fence) {
      report(journal.violation(events, fence, EPOCH_MS + nowMs()));
      for (const stored of events) {
        const event = stored as DomainEvent;
        trace.say(owner.name, `#${event.seq} ${event.kind} ${describe(event)}`);
        report(
          approvalViolation(record, event) ??
            stepViolation(record, event, world()) ??
            runViolation(record, event) ??
            verdictViolation(owner, event, world()),
        );
        count(trace, event);
        takeIn(record, event, nowMs());
      }
    },
    sent(request) {
      const { violation, intent, onItsWay } = requestViolation(record, request, sent, leaseMs);
      sent.push({ request, intent });
      if (onItsWay) trace.count("requests on their way at an abort");
      report(violation);
      if (!journal.holds("executor", request.sender.name, EPOCH_MS + nowMs()))
        report(
          `${request.token} asks ${request.resource} to be ${request.want} after the lease of ${request.sender.name} ran out`,
        );
    },
    changed: (request) => report(transitionViolation(request, sent)),
  };
}

/** What a reader of the trace wants to know of an event. */
function describe({ kind, actor, data }: DomainEvent): string {
  const words = Object.entries(data as object)
    .filter(([name, value]) => name !== "plan" && name !== "evidence" && typeof value !== "object")
    .map(([name, value]) => `${name}=${value}`);
  const { loss, error, envelope, changes } = data as { [name: string]: { summary?: string } | undefined };
  const more = [loss, error?.summary, envelope, changes].filter((one) => one !== undefined);
  const by = actor.startsWith("system:") ? "" : ` by ${actor}`;
  return (
    [kind.startsWith("plan.") ? "" : words.join(" "), ...more.map((one) => JSON.stringify(one))].join(" ").trim() + by
  );
}

function count(trace: Trace, { kind, data }: DomainEvent): void {
  if (kind === "run.proposed") trace.count("runs proposed");
  if (kind === "run.completed") trace.count("runs completed");
  if (kind === "run.aborted") trace.count("runs aborted");
  if (kind === "run.proposed" && data.rollbackOf !== undefined) trace.count("runs undone");
  if (kind === "run.paused") trace.count("runs paused");
  if (kind === "run.resumed") trace.count("runs resumed");
  if (kind === "step.stopped" && data.sent) trace.count("steps left in flight at an abort");
  if (kind === "run.cancelled") trace.count("runs cancelled");
  if (kind === "step.started") trace.count("steps started");
  if (kind === "step.failed" && data.retryAt === undefined) trace.count("runs halted");
  if (kind === "step.accepted") trace.count("fences accepted unseen");
  if (kind === "step.skipped") trace.count("steps skipped");
  if (kind === "step.retried") trace.count("steps retried by people");
  if (kind === "approval.voided") trace.count("approvals voided");
  if (kind === "approval.expired") trace.count("approvals expired");
  if (kind === "approval.decided" && data.decision === "deny") trace.count("approvals denied");
  if (kind === "approval.decided" && data.decision === "approve") trace.count("approvals given");
  if (kind === "command.refused") trace.count("refused commands");
  if (kind === "plan.adopted") trace.count("plans adopted");
  if (kind === "replication.sampled" && !data.withinBudget) trace.count("losses over budget");
}
