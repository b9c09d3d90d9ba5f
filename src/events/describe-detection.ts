import type { ProbeEvidence } from "../detection/events.ts";
import { clause, duration, instant, sentence, shares } from "../format.ts";
import type { AppState } from "../state.ts";
import type { Describers } from "./describe.ts";
import { divergenceText } from "./divergence-text.ts";
import { lossText } from "./loss-text.ts";

type DetectionKind =
  | "verdict.changed"
  | "availability.changed"
  | "observer.late"
  | "observer.punctual"
  | "quarantine.started"
  | "quarantine.lifted"
  | "replication.sampled"
  | "divergence.compared"
  | "traffic.changed";

export const describeDetection: Describers<DetectionKind> = {
  "verdict.changed": ({ data, at }) => {
    const { region, from, to, since, evidence } = data;
    const change =
      from === "unknown"
        ? `Region ${region} is seen ${to}`
        : `Region ${region} went from ${from} to ${to}, first seen at ${instant(since, at)}`;
    const seen = evidence.filter(({ ok }) => ok === (to === "healthy"));
    return seen.length > 0 ? `${change}: ${evidenceText(seen)}.` : `${change}.`;
  },
  "availability.changed": ({ data, at }) => {
    const { service, available, firstGoodAt, lastGoodAt, precisionMs } = data;
    const good = available ? firstGoodAt : lastGoodAt;
    const when = good
      ? `, ${available ? "first" : "last"} good answer at ${instant(good, at)} ± ${duration(precisionMs)}`
      : "";
    return `The service ${service} ${available ? "answers" : "does not answer"} clients${when}.`;
  },
  "observer.late": ({ data, instance, at }) => observerText({ ...data, instance }, at),
  "observer.punctual": ({ data, at }) =>
    `Muster sees everything in time again: what does not answer it counts against a region, for the first time since ${instant(data.since, at)}.`,
  "quarantine.started": ({ data }) =>
    `Region ${data.region} put under quarantine by ${data.runId}: ${sentence(data.reason)}`,
  "quarantine.lifted": ({ data }) => `Quarantine of region ${data.region} lifted: ${sentence(data.reason)}`,
  "replication.sampled": ({ data }) =>
    `Store ${data.store}, ${data.source} → ${data.target}: not replicated is ${lossText(data.loss)}, ` +
    `${data.withinBudget ? "within" : "over"} the budget.`,
  "divergence.compared": ({ data }) =>
    `Store ${data.store} of ${data.region} compared with that of ${data.against} in ${data.runId}: ${divergenceText(data.found)}.`,
  "traffic.changed": ({ data }) => `Traffic is divided ${shares(data.shares)}.`,
};

/** "api: connect refused, 3 × in a row; sessions: …" */
export function evidenceText(evidence: readonly ProbeEvidence[]): string {
  return evidence
    .map(({ probe, ok, detail, failures }) => `${probe}: ${clause(detail)}${ok ? "" : `, ${failures} × in a row`}`)
    .join("; ");
}

/** As of `at`: until when it lasts, nobody knows. */
export function observerText(
  { lateMs, fault, since, instance }: NonNullable<AppState["observer"]>,
  at: string,
): string {
  const what = fault === undefined ? `is late by ${duration(lateMs)}` : `cannot look (${fault})`;
  const until = fault === undefined ? "it keeps time again" : "it can";
  return `Muster itself (${instance}) ${what}: what does not answer it has not counted against a region since ${instant(since, at)}, and will not until ${until}.`;
}
