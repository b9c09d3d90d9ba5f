import type { Plan, Runbook } from "../plans/plan.ts";
import type { ActionContext, Clock, RecoveryAction } from "../ports.ts";
import type { AppState } from "../state.ts";
import type { Actions } from "./decide.ts";
import type { StepReadiness } from "./events.ts";
import { inputOf } from "./inputs.ts";
import { actionOf, clearedBy } from "./rollback.ts";

export interface ReadinessOptions {
  actions: Actions;
  requestTimeoutMs: number;
  clock: Pick<Clock, "now" | "timeout">;
}

/** Assesses every step as it would run from `source` to `target`; reads the world and writes nothing. */
export async function assessReadiness(
  options: ReadinessOptions,
  state: AppState,
  subject: { plan: Plan; runbook: Runbook; source: string; target: string },
): Promise<StepReadiness[]> {
  const { plan, runbook, source, target } = subject;
  const address = { plan, runbook: runbook.name, source, target, runId: "readiness" };
  return await Promise.all(
    runbook.steps.map(async (step): Promise<StepReadiness> => {
      const action = actionOf(step, options.actions);
      if (!action) return { stepId: step.id, state: "blocked", reason: `this version has no action "${step.uses}"` };
      try {
        const input = inputOf(address, step, action);
        const tied = tiedToTheRegionLeft(subject, action, input);
        if (tied !== undefined) return { stepId: step.id, state: "blocked", reason: tied };
        const found = await assessStep(options, state, step.id, action, input);
        const after = found.state === "blocked" && step.undo ? clearedBy(runbook, step, action, input) : undefined;
        return after === undefined ? found : { ...found, state: "ready", reason: `as soon as ${after} is done` };
      } catch {
        return { stepId: step.id, state: "unknown", reason: "the recovery action itself failed while assessing" };
      }
    }),
  );
}

async function assessStep(
  options: ReadinessOptions,
  state: AppState,
  stepId: string,
  action: RecoveryAction,
  input: unknown,
): Promise<StepReadiness> {
  const context: ActionContext = {
    // One assessment may take several requests; the bound keeps a card from waiting for a dead region.
    signal: options.clock.timeout(3 * options.requestTimeoutMs),
    requestTimeoutMs: options.requestTimeoutMs,
    token: `readiness/${stepId}`,
    now: () => options.clock.now(),
  };
  const assessment = await action.assess(input, context);
  if (assessment.state === "unknown") {
    return { stepId, state: "unknown", reason: because(state, action, input, assessment.reason) };
  }
  const { seen } = assessment;
  if (assessment.state === "reached") return { stepId, state: "already-so", seen };
  const blockers = assessment.state === "away" ? (action.blockers?.(seen, input) ?? []) : [];
  if (blockers.length > 0) return { stepId, state: "blocked", reason: blockers.join("; "), seen };
  return { stepId, state: "ready", seen };
}

/** A failover whose step needs the region that fails would fail with it; a fence is where it is by nature. */
function tiedToTheRegionLeft(
  { runbook, source }: { runbook: Runbook; source: string },
  action: RecoveryAction,
  input: unknown,
): string | undefined {
  if (runbook.kind !== "failover" || action.effect === "fence") return undefined;
  return action.dependsOn(input).includes(source) ? `it needs ${source}, the region that is being left` : undefined;
}

/** Names the region that a step depends on when that is what is failing. */
function because(state: AppState, action: RecoveryAction, input: unknown, reason: string): string {
  const down = action.dependsOn(input).filter((name) => state.regions[name]?.verdict === "down");
  const why = reason.replace(/\.$/, "");
  return down.length > 0 ? `depends on ${down.join(", ")}, which is down (${why})` : why;
}
