import { lossInShort } from "../events/loss-text.ts";
import { isInFlight } from "../runs/views.ts";
import type { ApprovalState, IncidentState, RunState } from "../state.ts";
import { comparedAfter } from "./divergences.ts";
import type { BareFacts } from "./facts.ts";
import { foremost, worst } from "./impact.ts";
import type { ReportContext } from "./input.ts";

type Headline = BareFacts["headline"];

/** What the summary's three sentences choose from: where things stand, what clients had, what data was given up. */
export function headlineOf(
  context: ReportContext,
  { outages, losses, objectives }: Pick<BareFacts, "outages" | "losses" | "objectives">,
): Headline {
  const { incident, runs, state } = context;
  const run = runs.findLast(isInFlight) ?? runs.findLast(movesService) ?? runs.at(-1);
  const approval = run?.approvalId === undefined ? undefined : state.approvals[run.approvalId];
  const situation = situationOf(incident, run, approval);
  const strictest = [...objectives].sort((a, b) => a.rtoMs - b.rtoMs)[0];
  const outage = foremost(outages);
  const worstLoss = worst(losses);
  const compared = worstLoss && comparedAfter(context, worstLoss);
  return {
    situation,
    ...(run && situation !== "resolved" && { runId: run.runId, runbook: run.runbook, target: run.target }),
    ...(situation === "deciding" && approval && { missingApprovals: approval.quorum - approval.decisions.length }),
    ...(strictest && { objective: { rtoMs: strictest.rtoMs, rto: strictest.rto } }),
    ...(outage && { outage: { ...outage, others: outages.length - 1 } }),
    ...(worstLoss && {
      worstLoss: {
        store: worstLoss.store,
        region: worstLoss.region,
        lossText: lossInShort(worstLoss.loss),
        budgetMs: worstLoss.budgetMs,
        budget: worstLoss.budget,
        others: losses.filter(({ promotion }) => promotion === "done").length - 1,
        ...(compared && { compared }),
        refs: worstLoss.refs,
      },
    }),
    unverifiedPromotions: losses.filter(({ promotion }) => promotion === "asked").length,
  };
}

function movesService({ kind }: RunState): boolean {
  return kind === "failover" || kind === "failback";
}

function situationOf(
  { resolvedAt }: IncidentState,
  run: RunState | undefined,
  approval: ApprovalState | undefined,
): Headline["situation"] {
  if (resolvedAt !== undefined) return "resolved";
  if (run === undefined) return "no-run";
  if (run.phase === "proposed") return approval?.phase === "pending" ? "deciding" : "running";
  return run.phase;
}
