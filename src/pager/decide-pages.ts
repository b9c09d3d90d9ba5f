import type { DomainEvent, EventData } from "../events.ts";
import { clause, clip, count, instant } from "../format.ts";
import { own } from "../own.ts";
import type { ApprovalState, AppState, IncidentState, RunState } from "../state.ts";
import { type About, contentOf } from "./page-view.ts";
import type { Page } from "./port.ts";

/** What is to be done about one page. */
export interface PageCall {
  do: "page" | "acknowledge" | "resolve" | "escalate";
  /** Of the trouble; the same for everything about it. */
  key: string;
  page: Page;
  /** For `escalate`: the page that is to reach this level too. */
  raises?: string;
  level?: number;
}

export interface Told extends PageCall {
  what: string;
  part?: string;
  incidentId?: string;
  runId?: string;
  quiet?: boolean;
}

const LONGEST = 500;

/**
 * Whom an event has paged, and why. Pure. Pages are for what waits for people: an incident, a question that nobody
 * answers, a broken guard, a run that halted or is held. A drill pages nobody.
 */
export function pagesOf(event: DomainEvent, state: AppState, url: string | undefined): Told[] {
  const about = { state, event, url };
  switch (event.kind) {
    case "incident.opened": {
      const incident = own(state.incidents, event.data.incidentId);
      return incident ? [pageOf(about, incidentKey(state, incident), incident, undefined, incident.title)] : [];
    }
    case "incident.resolved":
      return endOf(about, event.data.incidentId);
    case "verdict.changed":
      return failsTooOf(about, event.data);
    case "approval.requested":
      return questionOf(about, own(state.approvals, event.data.approvalId));
    case "approval.escalated":
      return escalationOf(about, own(state.approvals, event.data.approvalId));
    case "approval.decided":
      return [...takenOf(about, event.data.runId), ...answered(about, event.data.runId, event.data.approvalId)];
    case "approval.expired":
    case "approval.voided":
    case "approval.withdrawn":
      return answered(about, event.data.runId, event.data.approvalId);
    case "guard.overridden":
      return ofRun(about, event.data.runId, (run) => {
        const guards = event.data.guards.map(({ guard }) => guard).join(", ");
        return [
          pageOf(
            about,
            `${runKey(state, run)}/override`,
            undefined,
            run,
            `guards of ${run.runId} were overridden: ${guards}`,
          ),
        ];
      });
    case "step.failed":
      if (event.data.retryAt !== undefined) return [];
      return ofRun(about, event.data.runId, (run) => {
        const said = `${run.runId} halted at ${event.data.stepId} and waits for a person: ${event.data.error.summary}`;
        return [pageOf(about, haltKey(state, run), undefined, run, said)];
      });
    case "guard.held":
      return heldOf(about, event.data);
    case "guard.released":
      return letGo(about, event.data.runId);
    case "step.retried":
    case "step.skipped":
    case "run.aborting":
    case "run.paused":
      return [
        ...takenOf(about, event.data.runId),
        ...goesOn(about, event.data.runId),
        ...letGo(about, event.data.runId),
      ];
    case "role.taken":
      return event.data.role === "incident-commander" ? takenBy(about, event.data.incidentId) : [];
    case "run.completed":
    case "run.aborted":
    case "run.cancelled":
      return ofRun(about, event.data.runId, (run) => [
        ...goesOn(about, run.runId),
        ...closeOf(about, `${runKey(state, run)}/override`, run, "override"),
        ...letGo(about, run.runId),
      ]);
    default:
      return [];
  }
}

export function incidentKey({ application }: AppState, { incidentId }: Pick<IncidentState, "incidentId">): string {
  return `muster/${application}/${incidentId}`;
}

function runKey({ application }: AppState, { runId }: RunState): string {
  return `muster/${application}/${runId}`;
}

const heldKey = (state: AppState, run: RunState) => `${runKey(state, run)}/held`;
const haltKey = (state: AppState, run: RunState) => `${runKey(state, run)}/halt`;
const questionKey = (state: AppState, id: string) => `muster/${state.application}/${id}`;

/** Nothing of a drill leaves. */
function ofRun({ state }: About, runId: string, make: (run: RunState) => Told[]): Told[] {
  const run = own(state.runs, runId);
  return run && !run.rehearsal ? make(run) : [];
}

function pageOf(
  about: About,
  key: string,
  incident: IncidentState | undefined,
  run: RunState | undefined,
  said: string,
): Told {
  const incidentId = incident?.incidentId ?? run?.incidentId;
  return {
    do: "page",
    key,
    what: `page “${clip(clause(said), LONGEST)}”`,
    page: contentOf(about, incident ?? incidentOf(about, incidentId), run, said),
    ...(incidentId !== undefined && { incidentId }),
    ...(run && { runId: run.runId }),
  };
}

function incidentOf({ state: { incidents } }: About, id: string | undefined): IncidentState | undefined {
  return id === undefined ? undefined : own(incidents, id);
}

/** The region that took over in an incident goes down as well: whoever was paged for the first may sleep by now. */
function failsTooOf(about: About, { region, from, to }: EventData<"verdict.changed">): Told[] {
  const { state, event } = about;
  if (to !== "down" && from !== "down") return [];
  const incident = Object.values(state.incidents).find(
    ({ openedAt, resolvedAt = "9999" }) => openedAt < event.at && event.at <= resolvedAt,
  );
  const moved = incident?.runIds
    .map((id) => state.runs[id])
    .findLast((run) => run && isMove(run) && run.endedAt !== undefined && run.endedAt < event.at);
  if (!incident || moved?.target !== region) return [];
  const { incidentId } = incident;
  const key = `${incidentKey(state, incident)}/${region}`;
  if (to === "down")
    return [pageOf(about, key, incident, undefined, `${region}, which took over in ${incidentId}, is down too`)];
  const page = contentOf(about, incident, undefined, incident.title);
  return [{ do: "resolve", key, page, what: `end of the page about ${region}`, part: "too", incidentId, quiet: true }];
}

function isMove({ kind, phase, rehearsal }: RunState): boolean {
  return (kind === "failover" || kind === "failback") && phase === "completed" && !rehearsal;
}

/** A run that had begun asks people anew: it stands still until they answer. */
function questionOf(about: About, approval: ApprovalState | undefined): Told[] {
  if (!approval) return [];
  return ofRun(about, approval.runId, (run) => {
    if (run.startedAt === undefined || run.startedAt > about.event.at) return [];
    const said = `${run.runId} stands still until people decide on ${approval.approvalId}`;
    return [pageOf(about, questionKey(about.state, approval.approvalId), undefined, run, said)];
  });
}

/** A run that had begun waits for a guard: whoever approved it may sleep by now. */
function heldOf(about: About, { runId, stepId, guards }: EventData<"guard.held">): Told[] {
  return ofRun(about, runId, (run) => {
    if (!run.wakes?.some(({ seq }) => seq === about.event.seq)) return [];
    const why = guards.map(({ summary, until }) => `${summary}; it goes on when ${until}`).join("; ");
    return [pageOf(about, heldKey(about.state, run), undefined, run, `${runId} is held at ${stepId}: ${why}`)];
  });
}

/** By this very event, whatever held it again after it. */
function letGo(about: About, runId: string): Told[] {
  return ofRun(about, runId, (run) => {
    const ended = run.wakes?.some(({ ended }) => ended === about.event.seq);
    return ended ? closeOf(about, heldKey(about.state, run), run, "held") : [];
  });
}

/** Three quarters of the time are over: whoever is on call next is paged too. */
function escalationOf(about: About, approval: ApprovalState | undefined): Told[] {
  if (!approval) return [];
  return ofRun(about, approval.runId, (run) => {
    const incident = incidentOf(about, run.incidentId);
    const { approvalId, quorum, expiresAt } = approval;
    const missing = quorum - approval.decisions.filter(({ at }) => at <= about.event.at).length;
    const said = `${approvalId} still needs ${count(missing, "answer")} and ends at ${instant(expiresAt, about.event.at)}: ${run.reason}`;
    const own = pageOf(about, questionKey(about.state, approvalId), undefined, run, said);
    if (!incident) return [own];
    const before = Object.values(about.state.approvals).filter(
      (one) =>
        one.escalatedAt !== undefined && one.escalatedAt <= about.event.at && incident.runIds.includes(one.runId),
    );
    return [{ ...own, do: "escalate", raises: incidentKey(about.state, incident), level: before.length + 1 }];
  });
}

/** A person has taken the run in hand: nobody else need be woken. */
function takenOf(about: About, runId: string): Told[] {
  return ofRun(about, runId, ({ incidentId }) => (incidentId === undefined ? [] : takenBy(about, incidentId)));
}

function takenBy(about: About, incidentId: string): Told[] {
  const incident = incidentOf(about, incidentId);
  if (!incident || about.event.actor.startsWith("system:")) return [];
  const page = contentOf(about, incident, undefined, incident.title);
  const what = `acknowledgement of ${incidentId}: a person is at it`;
  return [
    { do: "acknowledge", key: incidentKey(about.state, incident), page, what, part: "ack", incidentId, quiet: true },
  ];
}

/** What was paged about a question is over when it needs no answer any more. */
function answered(about: About, runId: string, approvalId: string): Told[] {
  const { event } = about;
  if (event.kind === "approval.decided" && !endsIt(event, own(about.state.approvals, approvalId))) return [];
  return ofRun(about, runId, (run) => closeOf(about, questionKey(about.state, approvalId), run, "question"));
}

/** Of this very decision, whatever came after it. */
function endsIt(
  { data: { decision }, actor }: Extract<DomainEvent, { kind: "approval.decided" }>,
  approval: ApprovalState | undefined,
): boolean {
  if (!approval || decision === "deny") return true;
  return approval.decisions.findIndex(({ principal }) => principal === actor) + 1 >= approval.quorum;
}

function goesOn(about: About, runId: string): Told[] {
  if (about.event.kind === "run.paused") return [];
  return ofRun(about, runId, (run) => closeOf(about, haltKey(about.state, run), run, "halt"));
}

function closeOf(about: About, key: string, run: RunState, part: string): Told[] {
  const page = contentOf(about, incidentOf(about, run.incidentId), run, run.reason);
  const { incidentId, runId } = run;
  const what = `end of the page about ${key.split("/").slice(2).join("/")}`;
  return [
    { do: "resolve", key, page, what, part, runId, quiet: true, ...(incidentId !== undefined && { incidentId }) },
  ];
}

function endOf(about: About, incidentId: string): Told[] {
  const incident = incidentOf(about, incidentId);
  if (!incident) return [];
  const page = contentOf(about, incident, undefined, incident.title);
  return [{ do: "resolve", key: incidentKey(about.state, incident), page, what: `end of ${incidentId}`, incidentId }];
}
