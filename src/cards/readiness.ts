import type { StepReadiness } from "../runs/events.ts";
import type { ReadinessState } from "../state.ts";
import type { Card } from "./card.ts";
import { inWords, plural, utc } from "./format.ts";

export interface ReadinessView {
  readiness: ReadinessState[];
  at: string;
}

const WORST = ["blocked", "unknown", "ready"] as const;
const ICON: Record<StepReadiness["state"], string> = {
  ready: "✓ ready",
  "already-so": "✓ already so",
  blocked: "✗ blocked",
  unknown: "? unknown",
};

export function readinessCard({ readiness, at }: ReadinessView): Card {
  const worst = WORST.find((status) => readiness.some((one) => one.status === status));
  const title = worst === undefined ? "Readiness: nothing can run now" : `Readiness: ${worst}`;
  return {
    title,
    status: worst === "ready" ? "ok" : worst === "blocked" ? "danger" : "warning",
    facts: readiness.map((one) => ({
      label: `${one.runbook} ${one.source} → ${one.target}`,
      value: `${one.status} since ${utc(one.since, at)} (${plural(one.steps.length, "step")})`,
    })),
    table: {
      columns: ["Runbook", "Step", "State", "Why and what was seen"],
      rows: readiness.flatMap((one) =>
        one.steps.map((step) => [`${one.runbook} → ${one.target}`, ...readinessCells(step)]),
      ),
    },
    context: ["Assessed only; nothing was written.", `as of ${utc(at)}`],
    fallback: title,
  };
}

export function readinessCells({ stepId, state, reason, seen }: StepReadiness): string[] {
  const why = [reason, inWords(seen)].filter((part) => part !== undefined && part !== "");
  return [stepId, ICON[state], why.join(" · ")];
}
