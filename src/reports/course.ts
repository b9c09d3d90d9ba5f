import { clause, shares } from "../format.ts";
import { holdOf, isInFlight } from "../runs/views.ts";
import { elapsedMs, ofKind, type ReportContext, refsOf } from "./input.ts";
import type { Estimate, LossFacts, ReportFacts } from "./schema.ts";

/** What happened on the way: risks taken, data saved, quarantines, the traffic's division, estimates. */
export function acceptedRisksOf(
  { own, state }: ReportContext,
  losses: readonly LossFacts[],
): ReportFacts["acceptedRisks"] {
  const decisions = ofKind(own, "approval.decided");
  return ofKind(own, "approval.requested").flatMap(({ data: asked }) =>
    asked.mustAccept.flatMap(({ id, text }) => {
      const by = decisions.filter(({ data }) => data.approvalId === asked.approvalId && data.accepted.includes(id));
      if (by.length === 0) return [];
      const used = ofKind(own, "step.accepted").filter(
        ({ data }) => data.runId === asked.runId && data.acceptance === id,
      );
      const lost = losses.filter(
        (loss) => loss.runId === asked.runId && `loss:${loss.store}` === id && loss.promotion === "done",
      );
      const granted = state.approvals[asked.approvalId]?.phase === "granted";
      const served =
        id.startsWith("divergence:") &&
        own.some(({ kind, data }) => kind === "run.started" && "runId" in data && data.runId === asked.runId);
      return {
        text,
        runId: asked.runId,
        byText: by.map(({ actor }) => actor).join(", "),
        reliedOn: granted && (used.length > 0 || lost.length > 0 || served),
        refs: [...refsOf(...by, ...used), ...lost.flatMap(({ refs }) => refs)],
      };
    }),
  );
}

/** The data sets that were kept before a returned store was made to follow. */
export function savedOf({ own, runs }: ReportContext): ReportFacts["saved"] {
  return ofKind(own, "step.verified").flatMap((event) => {
    const { runId, stepId } = event.data;
    const run = runs.find((one) => one.runId === runId);
    const step = run?.steps.find((one) => one.stepId === stepId);
    if (!run || !step || verbOf(step.uses) !== "snapshot") return [];
    const intended = ofKind(own, "step.intended").findLast(
      ({ data }) => data.runId === runId && data.stepId === stepId,
    );
    const input = (intended?.data.input ?? {}) as { name?: unknown; region?: unknown };
    return {
      region: typeof input.region === "string" ? input.region : run.target,
      ...(typeof input.name === "string" && { name: input.name }),
      runId,
      at: event.at,
      refs: refsOf(intended, event),
    };
  });
}

/** Action ids are `vendor.verb-thing`: "redis.fence-primary" → "fence". */
export function verbOf(uses: string): string {
  return uses.slice(uses.indexOf(".") + 1).split("-")[0] ?? "";
}

export function quarantinesOf({ own }: ReportContext): ReportFacts["quarantines"] {
  return ofKind(own, "quarantine.started").map((started) => {
    const { region, reason } = started.data;
    const lifted = ofKind(own, "quarantine.lifted").find(
      (event) => event.data.region === region && event.seq > started.seq,
    );
    return {
      region,
      reason,
      from: started.at,
      ...(lifted && { to: lifted.at, liftedReason: lifted.data.reason }),
      refs: refsOf(started, lifted),
    };
  });
}

/** How the traffic was divided, as the steering system had it, and which run was in flight then. */
export function trafficOf({ own, runs }: ReportContext): ReportFacts["traffic"] {
  return ofKind(own, "traffic.changed").map((event) => {
    const during = runs.find(
      ({ startedAt, endedAt }) =>
        startedAt !== undefined && startedAt <= event.at && (endedAt === undefined || event.at <= endedAt),
    );
    return {
      at: event.at,
      sharesText: shares(event.data.shares),
      ...(during && { during: `${during.runbook} ${during.runId}` }),
      refs: refsOf(event),
    };
  });
}

/**
 * Where one instance's events end and those of another begin. Instances that write at the same time hand nothing
 * over. What happened in between was seen by nobody, or not at once.
 */
export function handoversOf({ own }: ReportContext): ReportFacts["handovers"] {
  const spans = [...Map.groupBy(own, ({ instance }) => instance).values()];
  return spans.flatMap(([first], index) => {
    const before = spans.slice(0, index).flatMap((events) => events.slice(-1));
    const last = before.sort((a, b) => a.seq - b.seq).at(-1);
    if (!first || !last || last.seq > first.seq) return [];
    return { from: last.at, to: first.at, refs: refsOf(last, first) };
  });
}

/** The last thing that readiness said about the failover before the first sign of the incident. */
export function readinessBeforeOf({ plan, events, incident, runs }: ReportContext): ReportFacts["readinessBefore"] {
  const run = runs.find(({ source }) => source === incident.region);
  const runbook = run?.runbook ?? Object.values(plan.runbooks).find(({ trigger }) => trigger === "region-down")?.name;
  const last = ofKind(events, "readiness.changed").findLast(
    ({ at, data }) =>
      at < incident.startedAt &&
      data.runbook === runbook &&
      data.source === incident.region &&
      (run === undefined || data.target === run.target),
  );
  if (!last) return undefined;
  const open = last.data.steps.filter(({ state }) => state === "blocked" || state === "unknown");
  return {
    status: last.data.to,
    runbook: last.data.runbook,
    target: last.data.target,
    since: last.at,
    ...(open.length > 0 && {
      openText: open
        .map(({ stepId, state, reason }) => `${stepId} ${state}${reason ? ` (${clause(reason)})` : ""}`)
        .join("; "),
    }),
    refs: refsOf(last),
  };
}

/** How long runs in flight should still take. No basis, no estimate: while people hold a run, nobody can tell. */
export function estimatesOf({ runs, generatedAt }: ReportContext): Estimate[] {
  return runs.filter(isInFlight).map((run) => {
    const { runId, runbook, phase, startedAt } = run;
    const { ms, basis } = run.evidence.expected;
    const hold = holdOf(run);
    if (hold !== undefined) return { runId, runbook, state: hold };
    if (phase === "halted") return { runId, runbook, state: "halted" };
    if (startedAt === undefined) return { runId, runbook, state: "not-started", ms, basis };
    const elapsed = elapsedMs(startedAt, generatedAt);
    if (elapsed > ms) return { runId, runbook, state: "overdue", ms: elapsed - ms, basis };
    const at = new Date(Date.parse(startedAt) + ms).toISOString();
    return { runId, runbook, state: "remaining", ms: ms - elapsed, at, basis };
  });
}
