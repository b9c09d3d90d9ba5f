import { seenInWords } from "../events/seen.ts";
import { clause, count, instant } from "../format.ts";
import type { PlacementFinding } from "../instances/events.ts";
import type { StepReadiness } from "../runs/events.ts";
import type { LockState, ReadinessState } from "../state.ts";
import type { Card } from "./card.ts";
import { lockText } from "./override.ts";
import { placementFacts } from "./store.ts";

export interface ReadinessView {
  readiness: ReadinessState[];
  /** The freeze in force: what is ready may still not be started. */
  lock?: LockState;
  /** Where Muster and its store are, as far as that is a risk. */
  placement?: PlacementFinding[];
  at: string;
}

const WORST = ["blocked", "unknown", "ready"] as const;
const ICON: Record<StepReadiness["state"], string> = {
  ready: "✓ ready",
  "already-so": "✓ already so",
  blocked: "✗ blocked",
  unknown: "? unknown",
};

export function readinessCard({ readiness, lock, placement = [], at }: ReadinessView): Card {
  const worst = WORST.find((status) => readiness.some((one) => one.status === status));
  const title = worst === undefined ? "Readiness: nothing can run now" : `Readiness: ${worst}`;
  return {
    title,
    status: worst === "ready" ? "ok" : worst === "blocked" ? "danger" : "warning",
    ...(lock && { text: [lockText(lock, at)] }),
    facts: [
      ...readiness.map((one) => ({
        label: `${one.runbook} ${one.source} → ${one.target}`,
        value: `${one.status} since ${instant(one.since, at)} (${count(one.steps.length, "step")})`,
      })),
      ...placementFacts(placement),
    ],
    table: {
      columns: ["Runbook", "Step", "State", "Why and what was seen"],
      rows: readiness.flatMap((one) =>
        one.steps.map((step) => [`${one.runbook} → ${one.target}`, ...readinessCells(step)]),
      ),
    },
    context: ["Assessed only; nothing was written.", `as of ${instant(at)}`],
    fallback: title,
  };
}

/** `want` is the step's input, where it is at hand. */
export function readinessCells({ stepId, state, reason, seen }: StepReadiness, want?: unknown): string[] {
  const why = [clause(reason ?? ""), seenInWords(seen, want)].filter((part) => part !== "");
  return [stepId, ICON[state], why.join(" · ")];
}
