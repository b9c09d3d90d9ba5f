import type { Verdict } from "../detection/events.ts";
import { lossAmount } from "../events/loss-text.ts";
import { clause, duration } from "../format.ts";
import type { RecoveryAction } from "../ports.ts";
import type { StepReadiness } from "../runs/events.ts";
import type { AppState } from "../state.ts";
import { divergenceAcceptances, divergenceChanges, shownDivergences } from "./divergence.ts";
import type { Acceptance, Envelope, EnvelopeChange } from "./events.ts";
import { promotedStores, type Subject } from "./subject.ts";

type Readiness = Envelope["readiness"];
type Actions = ReadonlyMap<string, RecoveryAction>;

export function verdictClass(verdict: Verdict): "up" | "down" | "unknown" {
  return verdict === "healthy" || verdict === "degraded" ? "up" : verdict;
}

/**
 * The envelope as things stand. A known loss may grow to the plan's budget without anybody being asked again; one
 * that is over it, to a fifth more than was shown. `null`: unknown, and accepted as such.
 */
export function envelopeOf(state: AppState, subject: Subject, readiness: Readiness, actions: Actions): Envelope {
  const { plan, runbook, source, target } = subject;
  const ceilings = promotedStores(state, subject, actions).map(({ store, known }): [string, number | null] => {
    const budget = plan.stores[store]?.lossBudgetSeconds ?? 0;
    if (!known || known.loss.kind === "unknown") return [store, null];
    return [store, known.loss.seconds <= budget ? budget : Math.ceil(known.loss.seconds * 1.2)];
  });
  return {
    planDigest: plan.digest,
    runbook: runbook.name,
    source,
    target,
    verdicts: Object.fromEntries([source, target].map((code) => [code, classOf(state, code)])),
    readiness,
    lossCeilingSeconds: Object.fromEntries(ceilings),
    ...(runbook.kind === "failback" && { divergence: shownDivergences(state, subject, actions) }),
  };
}

/** What approvers must accept by name: fences that cannot be verified, and losses over budget or unknown. */
export function acceptancesOf(
  state: AppState,
  subject: Subject,
  readiness: StepReadiness[],
  actions: Actions,
): Acceptance[] {
  const { plan, runbook, source } = subject;
  const fences = runbook.steps.flatMap((step): Acceptance[] => {
    const how = readiness.find(({ stepId }) => stepId === step.id);
    if (actions.get(step.uses)?.effect !== "fence" || how?.state !== "unknown") return [];
    const reason = clause(how.reason ?? "it cannot be seen");
    return [
      {
        id: `fence:${step.id}`,
        text: `The fence "${step.name}" cannot be verified in ${source}: ${reason}. If the old primary still takes writes somewhere, they will not be in the new one.`,
      },
    ];
  });
  const losses = promotedStores(state, subject, actions).flatMap(({ store, known }): Acceptance[] => {
    const budget = plan.stores[store]?.lossBudgetSeconds ?? 0;
    if (known?.withinBudget) return [];
    const text =
      !known || known.loss.kind === "unknown"
        ? `How much of "${store}" would be lost is unknown${known?.loss.kind === "unknown" ? `: ${clause(lossAmount(known.loss))}` : ""}.`
        : `Up to ${lossAmount(known.loss)} of writes to "${store}" would be lost (${known.loss.kind}); the budget is ${duration(budget * 1_000)}.`;
    return [{ id: `loss:${store}`, text }];
  });
  return [...fences, ...losses, ...divergenceAcceptances(state, subject, actions)];
}

/** Of verdicts and readiness: what leaves the envelope for good, because it was given on another situation. */
export function classChanges(bound: Envelope, state: AppState, readiness?: Readiness): EnvelopeChange[] {
  const changes: EnvelopeChange[] = [];
  for (const [code, old] of Object.entries(bound.verdicts)) {
    const now = classOf(state, code);
    if (now !== old) changes.push({ what: `region ${code}`, old, new: now });
  }
  if (readiness && rank(readiness) > rank(bound.readiness)) {
    changes.push({ what: "readiness", old: bound.readiness, new: readiness });
  }
  return [...changes, ...divergenceChanges(bound, state)];
}

/** Losses beyond their ceilings. One that nobody has looked at, or that is of another source, is unknown and beyond. */
export function lossChanges(
  { source, target }: Pick<Envelope, "source" | "target">,
  ceilings: Record<string, number | null>,
  state: AppState,
): EnvelopeChange[] {
  return Object.entries(ceilings).flatMap(([store, ceiling]): EnvelopeChange[] => {
    if (ceiling === null) return [];
    const known = state.stores[`${store}/${target}`];
    const loss = known?.source === source ? known.loss : undefined;
    const change = { what: `loss of ${store}`, old: `at most ${duration(ceiling * 1_000)}` };
    if (!loss) return [{ ...change, new: "unknown (no look at the store yet)" }];
    if (loss.kind === "unknown") return [{ ...change, new: `unknown (${clause(lossAmount(loss))})` }];
    return loss.seconds > ceiling ? [{ ...change, new: lossAmount(loss) }] : [];
  });
}

function classOf(state: AppState, code: string): "up" | "down" | "unknown" {
  return verdictClass(state.regions[code]?.verdict ?? "unknown");
}

function rank(readiness: Readiness): number {
  return ["ready", "unknown", "blocked"].indexOf(readiness);
}
