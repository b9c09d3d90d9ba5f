import type { EventData } from "../../../src/events.ts";
import { classOf } from "./approvals.ts";
import type { Recorded, RunRecord, StepRecord } from "./record.ts";

/** Promise 5, whoever asks, when a run is proposed. */
export function forbiddenTarget(
  before: Recorded,
  plan: RunRecord["plan"],
  kind: string | undefined,
  target: string,
): string | undefined {
  if (classOf(before, target) !== "up") return `${target} is not seen up`;
  if (before.regions.get(target)?.quarantined && kind !== "rejoin") return `${target} is in quarantine`;
  const jurisdiction = plan.regions[target]?.jurisdiction ?? "";
  const allowed = Object.values(plan.services).every(({ jurisdictions }) => jurisdictions.includes(jurisdiction));
  return allowed ? undefined : `${target} is where this application's data may not go`;
}

/** What detection asks for has its reason in what is known at that very moment, and not in what was known before. */
export function groundlessProposal(
  before: Recorded,
  proposed: EventData<"run.proposed">,
  actor: string,
): string | undefined {
  const { plan, runbook, runId, source, target } = proposed;
  if (actor !== "system:detector") return undefined;
  const trigger = plan.runbooks[runbook]?.trigger;
  const seen = before.regions.get(source)?.verdict;
  if (trigger === "region-down" && seen !== "down") return `${runId} is proposed by itself while ${source} is ${seen}`;
  if (trigger === "region-returned" && !before.regions.get(target)?.quarantined)
    return `${runId} is proposed by itself while ${target} is not in quarantine`;
  return undefined;
}

/** The same once more at the moment of each intent: what was up when people approved may be down by now. */
export function forbiddenChange(before: Recorded, run: RunRecord, { planned }: StepRecord): string | undefined {
  const { kind } = run.runbook;
  if (kind === "rejoin") return undefined;
  if (/\.(promotion|traffic)-/.test(planned.uses)) {
    const why = forbiddenTarget(before, run.plan, kind, run.target);
    return why && `${planned.id} is intended although ${why}`;
  }
  if (!planned.uses.includes(".fence-")) return undefined;
  const others = [...before.regions.keys()].filter((code) => code !== run.source);
  if (others.some((code) => classOf(before, code) === "up")) return undefined;
  return `${planned.id} takes the last healthy capacity, of ${run.source}`;
}
