import { count, elapsed, instant, list, sentence, shares } from "../format.ts";
import { phaseWord, runTitle, stepsDone } from "../runs/summary-view.ts";
import { isInFlight } from "../runs/views.ts";
import type { IncidentState, RunState } from "../state.ts";
import type { Card } from "./card.ts";
import { incidentTitle } from "./incident.ts";
import { lossInWords } from "./loss.ts";
import { approvalLine } from "./run.ts";
import { noCopy, overall, serviceText } from "./status.ts";
import type { StatusView } from "./status-view.ts";
import { obstaclesOf, stepState } from "./steps.ts";
import { storeText } from "./store.ts";
import { links, rolesText } from "./war-room.ts";

/** Five lines for people who join late; the same in every chat, with or without a language model. */
export interface SummaryView {
  status: StatusView;
  /** The open incident, else the latest one. */
  incident?: IncidentState;
  /** The latest run of that incident. */
  run?: RunState;
}

export function summaryCard(view: SummaryView): Card {
  const lines = summaryLines(view);
  const { status, incident } = view;
  const open = incident !== undefined && incident.resolvedAt === undefined;
  const stale = storeText(status.store, status.at);
  const title = open
    ? `${status.application}: what one needs to know now`
    : `${status.application}: no incident is open`;
  return {
    title,
    status: overall(status).status,
    ...links(status.link),
    text: [...(stale === undefined ? [] : [`Store: ${stale}`]), ...lines],
    context: [
      `event ${status.seq}`,
      `as of ${instant(status.at)}`,
      ...(open ? ['"timeline" has the whole story'] : []),
    ],
    fallback: lines[0] ?? title,
  };
}

/** What happened · what clients have · where it is served from · what is being done · what it waits for and costs. */
function summaryLines(view: SummaryView): string[] {
  return [
    `Incident: ${incidentLine(view)}`,
    `Clients: ${clientsLine(view)}`,
    `Regions: ${regionsLine(view)}`,
    `Recovery: ${recoveryLine(view)}`,
    `Decisions and data: ${openLine(view)}`,
  ];
}

function incidentLine({ incident, status: { at } }: SummaryView): string {
  if (!incident) return "there was none yet.";
  const { incidentId, region, startedAt, resolvedAt, resolution } = incident;
  const about = `${incidentId}, ${incidentTitle(incident)}, region ${region}, began at ${instant(startedAt, at)}`;
  if (resolvedAt === undefined) return `${about}, ${elapsed(startedAt, at)} ago; ${rolesText(incident)}.`;
  return `${about}, resolved ${elapsed(startedAt, resolvedAt)} later: ${sentence(resolution ?? "no reason given")}`;
}

function clientsLine({ status: { services, at } }: SummaryView): string {
  return `${list(services.map((one) => `${one.service} ${serviceText(one, at)}`))}.`;
}

function regionsLine({ status: { regions, active, home } }: SummaryView): string {
  const seen = regions.map(
    ({ code, verdict, quarantine }) => `${code} ${verdict}${quarantine ? " (quarantined)" : ""}`,
  );
  const known = regions.flatMap(({ code, share }) => (share === undefined ? [] : [[code, share] as const]));
  const traffic = known.length === 0 ? "traffic is not known" : `traffic ${shares(Object.fromEntries(known))}`;
  return `served from ${active}${active === home ? ", its home" : `, home is ${home}`}; ${list(seen)}; ${traffic}.`;
}

function recoveryLine({ run, status: { at } }: SummaryView): string {
  if (!run) return "no run has been proposed.";
  const done = `${stepsDone(run)} of ${count(run.steps.length, "step")}`;
  const told = `${run.rehearsal ? "DRILL: " : ""}${runTitle(run)} (${run.runId}) ${phaseWord(run)}, ${done}`;
  if (!isInFlight(run)) return `${told}${run.endedAt ? `, ended at ${instant(run.endedAt, at)}` : ""}.`;
  const active = run.steps.filter(({ phase }) => phase === "running" || phase === "retrying" || phase === "failed");
  const working = active.length === 0 ? [] : [list(active.map((step) => `${step.stepId} ${stepState(step, at)}`))];
  return `${[told, ...working, ...obstaclesOf(run)].join("; ")}.`;
}

function openLine({ run, status: { pending, stores, unmeasured, lock, active, at } }: SummaryView): string {
  const halted = run?.phase === "halted" ? [`${run.runId} waits for a person: retry, skip or abort`] : [];
  const asked = [...halted, ...pending.map((approval) => approvalLine(approval, at))];
  const frozen = lock ? [`changes are locked by ${lock.by}`] : [];
  const data = stores.map(
    ({ store, target, loss, budgetSeconds, withinBudget }) =>
      `${store} not yet in ${target}: ${lossInWords(loss, budgetSeconds, withinBudget, at)}`,
  );
  const unseen = unmeasured.map((store) => `copies of ${store}: ${noCopy(active)}`);
  return `${[asked.length === 0 ? "nothing waits for a decision" : asked.join("; "), ...frozen, ...data, ...unseen].join("; ")}.`;
}
