import { evidenceText } from "../events/describe-detection.ts";
import { actorName, clause, count, duration, instant, list, percent, shares, timeOfDay } from "../format.ts";
import { isInFlight, primaryRegion } from "../runs/views.ts";
import type { ApprovalState, RegionState, RunState } from "../state.ts";
import { verbOf } from "./course.ts";
import { ofKind, type ReportContext, refsOf } from "./input.ts";
import type { ReportFacts } from "./schema.ts";
import type { Statement } from "./schema-items.ts";

/** How things stand at the end of the events: regions, the public name, stores, and what is waited for. */
export function currentOf(context: ReportContext): ReportFacts["current"] {
  const { plan, state } = context;
  const outside = plan.detection.outside?.id;
  const known = outside === undefined ? undefined : state.availability[outside];
  const primary = primaryRegion(state);
  const moving = context.runs.find(
    (run) =>
      isInFlight(run) &&
      run.phase !== "aborting" &&
      !run.rehearsal &&
      (run.kind === "failover" || run.kind === "failback"),
  );
  const elsewhere = state.traffic && state.traffic.shares[state.active] !== 1;
  return {
    active: state.active,
    home: state.home,
    ...(moving && { until: `${moving.runbook} ${moving.runId}` }),
    ...(elsewhere && { elsewhereText: shares(state.traffic?.shares ?? {}) }),
    public: {
      watched: outside !== undefined,
      state: known === undefined ? "not-seen" : known.available ? "answers" : "does-not-answer",
      ...(known && { since: known.since }),
    },
    ...(state.traffic && { trafficAt: state.traffic.at }),
    regions: Object.values(state.regions).map((region) => regionFacts(context, region)),
    stores: Object.values(state.stores)
      .filter(({ source, target, loss }) => source === primary && target !== primary && loss.at >= promotedAt(context))
      .map(({ store, source, target, loss, withinBudget }) => ({ store, source, target, loss, withinBudget })),
    waiting: [...context.runs.filter(isInFlight).flatMap((run) => waitingOf(context, run)), ...quarantined(context)],
  };
}

/** A sample from before the latest promotion is about a replication that no longer is. */
function promotedAt({ state }: ReportContext): string {
  const steps = Object.values(state.runs).flatMap((run) => run.steps);
  const done = steps.filter(({ uses, phase }) => verbOf(uses) === "promote" && phase === "verified");
  return (
    done
      .map(({ endedAt }) => endedAt ?? "")
      .sort()
      .at(-1) ?? ""
  );
}

function regionFacts({ plan, state }: ReportContext, region: RegionState): ReportFacts["current"]["regions"][number] {
  const { code, verdict, since, evidence, quarantine } = region;
  const failing = evidence.filter(({ ok }) => !ok);
  const share = state.traffic?.shares[code];
  return {
    code,
    name: plan.regions[code]?.name ?? code,
    verdict,
    ...(since !== "" && { since }),
    ...(failing.length > 0 && { failingText: evidenceText(failing) }),
    active: code === state.active,
    home: code === state.home,
    ...(share !== undefined && { trafficText: percent(share) }),
    ...(quarantine && { quarantinedSince: quarantine.since }),
  };
}

function waitingOf(context: ReportContext, run: RunState): Statement[] {
  const { own, state } = context;
  const pending = Object.values(state.approvals).filter(
    ({ runId, phase }) => runId === run.runId && phase === "pending",
  );
  const steps = run.steps.flatMap((step): Statement[] => {
    const failed = ofKind(own, "step.failed").findLast(
      ({ data }) => data.runId === run.runId && data.stepId === step.stepId,
    );
    const begun = ofKind(own, "step.started").findLast(
      ({ data }) => data.runId === run.runId && data.stepId === step.stepId,
    );
    const name = `Step ${step.stepId} of ${run.runId}`;
    switch (step.phase) {
      case "failed":
        return [{ text: `${name} failed and waits for a person to retry, skip or abort.`, refs: refsOf(failed) }];
      case "retrying":
        return [
          {
            text: `${name} is tried again at ${timeOfDay(step.retryAt ?? failed?.at ?? run.proposedAt)}.`,
            refs: refsOf(failed),
          },
        ];
      case "running":
        return [{ text: `${name} is under way (attempt ${step.attempt}).`, refs: refsOf(begun) }];
      default:
        return [];
    }
  });
  return [...pending.map((approval) => asked(context, approval)), ...paused(context, run), ...steps];
}

function paused({ own }: ReportContext, { runId, paused: held }: RunState): Statement[] {
  if (!held) return [];
  const said = ofKind(own, "run.paused").findLast(({ data }) => data.runId === runId);
  const text = `${runId} is paused by ${actorName(held.by)} since ${timeOfDay(held.at)}: ${clause(held.reason)}; dr resume ${runId} lets it go on.`;
  return [{ text, refs: refsOf(said) }];
}

function asked({ own }: ReportContext, approval: ApprovalState): Statement {
  const { approvalId, runId, quorum, roles, expiresAt } = approval;
  const mine = [...ofKind(own, "approval.requested"), ...ofKind(own, "approval.decided")];
  const missing = quorum - approval.decisions.length;
  return {
    text: `Approval ${approvalId} for ${runId} needs ${count(missing, "more approval")} from ${list(roles, "or")} before ${instant(expiresAt)}.`,
    refs: refsOf(...mine.filter(({ data }) => data.approvalId === approvalId)),
  };
}

function quarantined({ plan, state, events }: ReportContext): Statement[] {
  return Object.values(state.regions).flatMap(({ code, quarantine }) => {
    if (!quarantine) return [];
    const started = ofKind(events, "quarantine.started").findLast(({ data }) => data.region === code);
    const text = `${code} is under quarantine until its stores follow and its probes have been good for ${duration(plan.quarantineHealthyForMs)}.`;
    return [{ text, refs: refsOf(started) }];
  });
}
