import { promotedStores, type Subject } from "../approvals/subject.ts";
import type { Plan, Runbook } from "../plans/plan.ts";
import { resolveSteps, slowestPath } from "../plans/resolve.ts";
import type { Registry } from "../ports.ts";
import type { AppState } from "../state.ts";
import type { Evidence, StepReadiness } from "./events.ts";
import { isIrreversible } from "./irreversible.ts";

/** The live facts that people are shown when they decide. Pure; what it needs was looked at before. */
export function evidenceOf(
  state: AppState,
  subject: Subject,
  readiness: StepReadiness[],
  registry: Registry,
  now: number,
): Evidence {
  const expected = expectedDuration(state, subject, registry);
  const { actions } = registry;
  const guarding = subject.runbook.steps.filter((step) => isIrreversible(step, actions)).map(({ id }) => id);
  return { ...liveFacts(state, subject, actions, now), readiness, expected, guarding };
}

/** The same as it is now, for people who are asked again: the facts they were shown first are why they are. */
export function refreshEvidence(
  shown: Evidence,
  state: AppState,
  subject: Subject,
  readiness: StepReadiness[],
  actions: Registry["actions"],
  now: number,
): Evidence {
  return { ...shown, ...liveFacts(state, subject, actions, now), readiness };
}

function liveFacts(state: AppState, subject: Subject, actions: Registry["actions"], now: number) {
  const { plan, runbook, source } = subject;
  const at = new Date(now).toISOString();
  const losses = promotedStores(state, subject, actions).map(({ store, known }) => ({
    store,
    loss: known?.loss ?? { kind: "unknown" as const, reason: "no look at the store yet", at },
    budgetSeconds: plan.stores[store]?.lossBudgetSeconds ?? 0,
    withinBudget: known?.withinBudget ?? false,
  }));
  const verdicts = Object.fromEntries(Object.values(state.regions).map(({ code, verdict }) => [code, verdict]));
  return { at, verdicts, losses, warnings: warningsOf(state, runbook, source, losses) };
}

/** From the latest completed run of the same runbook where there is one, else from what the actions expect. */
function expectedDuration(
  state: AppState,
  { plan, runbook, source, target }: { plan: Plan; runbook: Runbook; source: string; target: string },
  registry: Registry,
): Evidence["expected"] {
  const last = Object.values(state.runs).findLast(
    (run) =>
      run.phase === "completed" &&
      run.runbook === runbook.name &&
      run.target === target &&
      run.plan.digest === plan.digest,
  );
  const scope = { source, target, runId: "estimate" };
  const resolved = resolveSteps(plan, runbook.name, scope, registry);
  const steps = Object.fromEntries(
    resolved.map((step) => [step.id, registry.actions.get(step.uses)?.expectedMs(step.with) ?? 0]),
  );
  if (last?.startedAt && last.endedAt) {
    return { ms: Date.parse(last.endedAt) - Date.parse(last.startedAt), basis: `${last.runId} took this long`, steps };
  }
  const { ms, path } = slowestPath(plan, runbook.name, scope, registry);
  return { ms, basis: `sum of what the actions usually take on the slowest path: ${path.join(" → ")}`, steps };
}

function warningsOf(state: AppState, runbook: Runbook, source: string, losses: Evidence["losses"]): string[] {
  const warnings: string[] = [];
  const verdict = state.regions[source]?.verdict;
  if (runbook.kind === "failover" && (verdict === "healthy" || verdict === "degraded")) {
    warnings.push(
      `${source} is ${verdict}: this is a planned move, and the old primary is fenced while it still takes writes.`,
    );
  }
  for (const { store, loss } of losses) {
    if (loss.kind === "bounded") {
      warnings.push(
        `The bound for "${store}" assumes that the old primary took no writes after it was first seen failing.`,
      );
    }
  }
  return warnings;
}
