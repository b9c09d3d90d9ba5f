import type { ProbeEvidence } from "../detection/events.ts";
import type { Describers } from "./describe.ts";
import { clause, lossText, sentence, shares, timeOfDay } from "./format.ts";

type DetectionKind =
  | "verdict.changed"
  | "availability.changed"
  | "quarantine.started"
  | "quarantine.lifted"
  | "replication.sampled"
  | "traffic.changed";

export const describeDetection: Describers<DetectionKind> = {
  "verdict.changed": ({ data }) => {
    const change =
      data.from === "unknown"
        ? `Region ${data.region} is seen ${data.to}`
        : `Region ${data.region} went from ${data.from} to ${data.to}`;
    const failing = data.evidence.filter(({ ok }) => !ok);
    return failing.length > 0 ? `${change}: ${evidenceText(failing)}.` : `${change}.`;
  },
  "availability.changed": ({ data }) => {
    if (data.available) {
      const since = data.firstGoodAt ? ` (first good answer ${timeOfDay(data.firstGoodAt)})` : "";
      return `The public name answers clients${since}.`;
    }
    const since = data.lastGoodAt ? ` (last good answer ${timeOfDay(data.lastGoodAt)})` : "";
    return `The public name does not answer clients${since}.`;
  },
  "quarantine.started": ({ data }) =>
    `Region ${data.region} put under quarantine by ${data.runId}: ${sentence(data.reason)}`,
  "quarantine.lifted": ({ data }) => `Quarantine of region ${data.region} lifted: ${sentence(data.reason)}`,
  "replication.sampled": ({ data }) =>
    `Store ${data.store}, ${data.source} → ${data.target}: not replicated is ${lossText(data.loss)}, ` +
    `${data.withinBudget ? "within" : "over"} the budget.`,
  "traffic.changed": ({ data }) => `Traffic is divided ${shares(data.shares)}.`,
};

/** "api: connect refused (3 failures in a row); sessions: …" */
export function evidenceText(evidence: readonly ProbeEvidence[]): string {
  return evidence
    .map(
      ({ probe, ok, detail, failures }) => `${probe}: ${clause(detail)}${ok ? "" : ` (failed ${failures} × in a row)`}`,
    )
    .join("; ");
}
