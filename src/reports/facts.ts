import { actorName } from "../format.ts";
import { actionItemsOf } from "./action-items.ts";
import {
  acceptedRisksOf,
  estimatesOf,
  handoversOf,
  quarantinesOf,
  readinessBeforeOf,
  savedOf,
  trafficOf,
} from "./course.ts";
import { currentOf } from "./current.ts";
import { divergencesOf } from "./divergences.ts";
import { headlineOf } from "./headline.ts";
import { lossesOf, objectivesOf, outagesOf } from "./impact.ts";
import {
  createContext,
  elapsedMs,
  exportedEvents,
  ofKind,
  type ReportContext,
  type ReportInput,
  refsOf,
} from "./input.ts";
import { luckyOf } from "./lucky.ts";
import { nextStepsOf } from "./next-steps.ts";
import { rolesOf } from "./roles.ts";
import { runFactsOf } from "./run-facts.ts";
import { type DetectionFacts, type IncidentFacts, ReportFacts } from "./schema.ts";
import { fullTimeline, keyTimeline } from "./timeline.ts";
import { versionOf } from "./version.ts";
import { wentWellOf } from "./went-well.ts";
import { wentWrongOf } from "./went-wrong.ts";

/** What is known before anything is concluded from it. */
export type BareFacts = Omit<
  ReportFacts,
  "nextSteps" | "wentWell" | "wentWrong" | "lucky" | "actionItems" | "provenance"
>;

/** Everything that the documents of an incident say. Pure; parsed by its schema, so that no template meets a gap. */
export function reportFacts(input: ReportInput): ReportFacts {
  const context = createContext(input);
  const bare = bareFacts(context);
  const wentWrong = wentWrongOf(bare);
  const said = {
    ...bare,
    nextSteps: nextStepsOf(bare),
    wentWell: wentWellOf(bare),
    wentWrong: wentWrong.map(({ text, refs }) => ({ text, refs })),
    lucky: luckyOf(bare),
    actionItems: actionItemsOf(bare, wentWrong),
  };
  return ReportFacts.parse({ ...said, provenance: provenance(context, said) });
}

function bareFacts(context: ReportContext): BareFacts {
  const { plan, generatedAt, own } = context;
  const outages = outagesOf(context);
  const losses = lossesOf(context);
  const objectives = objectivesOf(context, outages, losses);
  const runs = runFactsOf(context);
  const readinessBefore = readinessBeforeOf(context);
  return {
    application: plan.application,
    generatedAt,
    version: versionOf(context),
    incident: incidentFacts(context),
    detection: detectionFacts(context),
    headline: headlineOf(context, { outages, losses, objectives }),
    current: currentOf(context),
    outages,
    objectives,
    losses,
    acceptedRisks: acceptedRisksOf(context, losses),
    divergences: divergencesOf(context),
    saved: savedOf(context),
    quarantines: quarantinesOf(context),
    traffic: trafficOf(context),
    handovers: handoversOf(context),
    ...(readinessBefore && { readinessBefore }),
    runs,
    roles: rolesOf(context),
    notes: ofKind(own, "note.added").map((event) => ({
      at: event.at,
      author: event.actor,
      text: event.data.text,
      refs: refsOf(event),
    })),
    refusals: ofKind(own, "command.refused").map((event) => ({
      at: event.at,
      by: event.actor,
      ...event.data,
      refs: refsOf(event),
    })),
    keyTimeline: keyTimeline(context),
    fullTimeline: fullTimeline(context),
    estimates: estimatesOf(context),
  };
}

function incidentFacts({ incident, plan, own, generatedAt }: ReportContext): IncidentFacts {
  const { incidentId, title, severity, region, openedBy, startedAt, openedAt } = incident;
  const opened = ofKind(own, "incident.opened").find(({ data }) => data.incidentId === incidentId);
  const resolved = ofKind(own, "incident.resolved").find(({ data }) => data.incidentId === incidentId);
  return {
    id: incidentId,
    title,
    severity,
    region,
    regionName: plan.regions[region]?.name ?? region,
    openedBy,
    opener: opened ? actorName(opened.actor) : "not recorded",
    startedAt,
    openedAt,
    openedRefs: refsOf(opened),
    ...(resolved
      ? {
          resolved: {
            at: resolved.at,
            by: actorName(resolved.actor),
            reason: resolved.data.reason,
            afterMs: elapsedMs(startedAt, resolved.at),
            refs: refsOf(resolved),
          },
        }
      : { openForMs: elapsedMs(startedAt, generatedAt) }),
  };
}

function detectionFacts({ incident, plan, own }: ReportContext): DetectionFacts {
  const { downAfter, intervalMs, timeoutMs } = plan.detection;
  const down = ofKind(own, "verdict.changed").find(({ data }) => data.region === incident.region && data.to === "down");
  const timeToDetectMs = incident.openedBy === "signal" ? elapsedMs(incident.startedAt, incident.openedAt) : undefined;
  // The row's first probe starts the count; the last one may hang until its timeout, and one interval is for the rest.
  const withinMs = downAfter * intervalMs + timeoutMs;
  return {
    ...(timeToDetectMs !== undefined && { timed: { timeToDetectMs, slow: timeToDetectMs > withinMs } }),
    rule: { downAfter, intervalMs, timeoutMs, withinMs },
    ...(down && {
      down: {
        since: down.data.since,
        at: down.at,
        ...(down.data.lastGoodAt && { lastGoodAt: down.data.lastGoodAt }),
        probes: down.data.evidence.map(({ probe, detail, failures }) => ({ probe, detail, failures })),
        refs: refsOf(down),
      },
    }),
  };
}

function provenance({ asOf, own, events }: ReportContext, said: unknown): ReportFacts["provenance"] {
  const { span, earlier } = exportedEvents({ own, events }, said);
  const first = span[0];
  const last = span.at(-1);
  return {
    asOfSeq: asOf.seq,
    headHash: asOf.hash,
    ...(first && last && { firstSeq: first.seq, lastSeq: last.seq }),
    events: span.length + earlier.length,
    earlierRefs: refsOf(...earlier),
    unbroken: span.every((event, index) => index === 0 || event.previousHash === span[index - 1]?.hash),
  };
}
