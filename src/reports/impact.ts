import type { Plan } from "../plans/plan.ts";
import { verbOf } from "./course.ts";
import { elapsedMs, ofKind, type ReportContext, refsOf } from "./input.ts";
import type { LossFacts, ObjectiveFacts, OutageFacts } from "./schema.ts";

/**
 * The outages of the public name that overlap the incident: from the last good answer to the first good one, so
 * that the length is the most that it can have been.
 */
export function outagesOf({ events, incident, generatedAt }: ReportContext): OutageFacts[] {
  const outages: OutageFacts[] = [];
  for (const event of ofKind(events, "availability.changed")) {
    const { available, lastGoodAt, firstGoodAt, precisionMs } = event.data;
    const last = outages.at(-1);
    if (!available) {
      const from = lastGoodAt ?? event.at;
      const lastedMs = elapsedMs(from, generatedAt);
      outages.push({ from, fromKnown: lastGoodAt !== undefined, lastedMs, precisionMs, refs: refsOf(event) });
    } else if (last && last.to === undefined) {
      const to = firstGoodAt ?? event.at;
      const ended = { to, lastedMs: elapsedMs(last.from, to), refs: [...last.refs, event.seq] };
      outages[outages.length - 1] = { ...last, ...ended, precisionMs: Math.max(last.precisionMs, precisionMs) };
    }
  }
  const until = incident.resolvedAt ?? generatedAt;
  return outages.filter(({ from, to }) => from <= until && (to === undefined || to >= incident.startedAt));
}

/** The one to speak of first: the one that still lasts, else the longest. */
export function foremost(outages: readonly OutageFacts[]): OutageFacts | undefined {
  return outages.find(({ to }) => to === undefined) ?? longest(outages);
}

function longest(outages: readonly OutageFacts[]): OutageFacts | undefined {
  return [...outages].sort((a, b) => b.lastedMs - a.lastedMs)[0];
}

/** What was given up at promotions, and how that compares with what people had been shown and had allowed. */
export function lossesOf(context: ReportContext): LossFacts[] {
  return [...assessedLosses(context), ...unassessedLosses(context)];
}

function assessedLosses({ own, runs, plan }: ReportContext): LossFacts[] {
  const assessed = ofKind(own, "loss.assessed");
  const latest = assessed.filter(
    (event, index) =>
      !assessed
        .slice(index + 1)
        .some(({ data }) => data.runId === event.data.runId && data.stepId === event.data.stepId),
  );
  return latest.flatMap((event) => {
    const { runId, stepId, store, loss, ceilingSeconds, within } = event.data;
    const run = runs.find((one) => one.runId === runId);
    const step = run?.steps.find((one) => one.stepId === stepId);
    if (!run || !step) return [];
    const announced = run.evidence.losses.find((one) => one.store === store);
    const proposed = ofKind(own, "run.proposed").find(({ data }) => data.runId === runId);
    const budgetMs = (plan.stores[store]?.lossBudgetSeconds ?? 0) * 1_000;
    return {
      runId,
      store,
      region: run.target,
      ...(announced && { announced: announced.loss }),
      announcedRefs: announced ? refsOf(proposed) : [],
      loss,
      ...(ceilingSeconds !== null && { ceilingMs: ceilingSeconds * 1_000 }),
      insideCeiling: within,
      budgetMs,
      budget: loss.kind === "unknown" ? "unknown" : loss.seconds * 1_000 <= budgetMs ? "within" : "over",
      promotion: step.phase === "verified" ? "done" : step.intended ? "asked" : "not-asked",
      refs: refsOf(event),
    };
  });
}

/** A store that was promoted without a look at what it would lose has lost nobody knows what. */
function unassessedLosses({ own, runs, plan }: ReportContext): LossFacts[] {
  return runs.flatMap((run) =>
    run.steps.flatMap(({ stepId, uses, phase }): LossFacts[] => {
      const looked = ofKind(own, "loss.assessed").some(
        ({ data }) => data.runId === run.runId && data.stepId === stepId,
      );
      const verified = ofKind(own, "step.verified").find(
        ({ data }) => data.runId === run.runId && data.stepId === stepId,
      );
      if (verbOf(uses) !== "promote" || phase !== "verified" || looked || !verified) return [];
      const planned = run.plan.runbooks[run.runbook]?.steps.find(({ id }) => id === stepId);
      const named = (planned?.with as { store?: unknown } | undefined)?.store;
      const store = typeof named === "string" ? named : stepId;
      return [
        {
          runId: run.runId,
          store,
          region: run.target,
          announcedRefs: [],
          loss: { kind: "unknown", reason: "it was not looked at for the promotion", at: verified.at },
          insideCeiling: true,
          budgetMs: (plan.stores[store]?.lossBudgetSeconds ?? 0) * 1_000,
          budget: "unknown",
          promotion: "done",
          refs: refsOf(verified),
        },
      ];
    }),
  );
}

/** Lost, as far as anybody can say: unknown counts as more than any number. */
function lossSeconds({ loss }: Pick<LossFacts, "loss">): number {
  return loss.kind === "unknown" ? Number.POSITIVE_INFINITY : loss.seconds;
}

export function worst(losses: readonly LossFacts[]): LossFacts | undefined {
  return losses.filter(({ promotion }) => promotion === "done").sort((a, b) => lossSeconds(b) - lossSeconds(a))[0];
}

/** Each service's targets against what was seen. The public name stands for every service behind it. */
export function objectivesOf(
  { plan, state }: ReportContext,
  outages: readonly OutageFacts[],
  losses: readonly LossFacts[],
): ObjectiveFacts[] {
  const outside = plan.detection.outside?.id;
  const watched = outside !== undefined && state.availability[outside] !== undefined;
  return Object.entries(plan.services).map(([service, { tier, rtoMs, rpoMs }]) => ({
    service,
    tier,
    rtoMs,
    rto: rtoResult(outages, rtoMs, watched),
    rpoMs,
    rpo: rpoResult(plan, service, losses),
  }));
}

/** Missed only where even the shortest possible outage was too long; met only where the longest possible was not. */
function rtoResult(outages: readonly OutageFacts[], rtoMs: number, watched: boolean): ObjectiveFacts["rto"] {
  if (outages.length === 0) return watched ? "no-outage" : "not-watched";
  const results = outages.map((outage) => resultOf(outage, rtoMs));
  return (["missed", "running", "uncertain"] as const).find((result) => results.includes(result)) ?? "met";
}

function resultOf({ fromKnown, to, lastedMs, precisionMs }: OutageFacts, rtoMs: number): ObjectiveFacts["rto"] {
  const atLeastMs = lastedMs - (to === undefined ? 1 : 2) * precisionMs;
  if (atLeastMs > rtoMs) return "missed";
  if (to === undefined) return "running";
  return fromKnown && lastedMs <= rtoMs ? "met" : "uncertain";
}

function rpoResult(plan: Plan, service: string, losses: readonly LossFacts[]): ObjectiveFacts["rpo"] {
  const loss = worst(losses.filter(({ store }) => plan.stores[store]?.service === service));
  if (!loss) return "no-promotion";
  if (loss.loss.kind === "unknown") return "unknown";
  const rpoMs = plan.services[service]?.rpoMs ?? 0;
  return lossSeconds(loss) * 1_000 <= rpoMs ? "met" : "over";
}
