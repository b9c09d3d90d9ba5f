import { approvalCard } from "../cards/approval.ts";
import type { Card } from "../cards/card.ts";
import { dryRunCard } from "../cards/dry-run.ts";
import { type RunView, runCard } from "../cards/run.ts";
import type { Caller, Core, DryRun } from "../core.ts";
import { runView } from "./run-view.ts";

interface ProposalRequest {
  target?: string;
  reason?: string | undefined;
  dryRun: boolean;
  breakGlass?: boolean | undefined;
  overrideLock?: boolean | undefined;
}

/** What `failover` and `failback` share. */
export async function proposeRun(
  runbook: string,
  { dryRun, ...request }: ProposalRequest,
  core: Core,
  caller: Caller,
): Promise<DryRun | RunView> {
  if (dryRun) return core.runs.dryRun(runbook, { target: request.target }, caller);
  const { run } = await core.runs.propose(runbook, request, caller);
  return runView(core, run);
}

export function presentProposal(data: DryRun | RunView, caller: Caller): Card {
  if ("dryRun" in data) return dryRunCard(data);
  const { run, approval, at } = data;
  return approval ? approvalCard({ approval, run, at }, caller) : runCard(data, caller);
}
