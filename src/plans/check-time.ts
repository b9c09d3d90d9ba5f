import prettyMs from "pretty-ms";
import type { Registry } from "../ports.ts";
import type { Plan, Runbook } from "./plan.ts";
import type { Finding } from "./problem.ts";
import { type ResolvedStep, resolveSteps, slowestOf } from "./resolve.ts";

/**
 * How long people are assumed to take from the question to the last yes. A plan cannot know; a minute is what
 * a paged team that is awake needs, and a plan that works only with faster people does not work.
 */
const decisionMs = 60_000;

/** Can the plan itself, with nothing going wrong, be as fast as the services' RTO asks? */
export function timeFindings(plan: Plan, runbook: Runbook, registry: Registry): Finding[] {
  const slowest = slowestPair(plan, runbook, registry);
  if (!slowest) return [];
  const { intervalMs, downAfter } = plan.detection;
  const noticeMs = intervalMs * downAfter;
  const decideMs = runbook.policy.approval === "automatic" ? 0 : decisionMs;
  const sumMs = noticeMs + decideMs + slowest.ms + slowest.ttlMs;
  const sum = [
    `${prettyMs(noticeMs)} to notice (${downAfter} × ${prettyMs(intervalMs)})`,
    decideMs === 0 ? "nothing to decide" : `${prettyMs(decideMs)} to decide (assumed)`,
    `${prettyMs(slowest.ms)} for the slowest path (${slowest.path.join(" → ")})`,
    slowest.ttlMs === 0 ? "no TTL" : `${prettyMs(slowest.ttlMs)} TTL`,
  ].join(" + ");
  return Object.entries(plan.services).flatMap(([name, { rtoMs }]): Finding[] => {
    if (sumMs <= rtoMs) return [];
    const message = `service ${name} asks for an RTO of ${prettyMs(rtoMs)}, but ${runbook.name} takes ${prettyMs(sumMs)}: ${sum}`;
    const hint = "Raise objectives.rto, or shorten what is longest in this sum.";
    return [{ path: ["services", name, "objectives", "rto"], message, hint }];
  });
}

function slowestPair(plan: Plan, runbook: Runbook, registry: Registry) {
  const codes = Object.keys(plan.regions);
  const pairs = codes.flatMap((source) =>
    codes.filter((code) => code !== source).map((target) => ({ source, target })),
  );
  return pairs
    .map((pair) => {
      const steps = resolveSteps(plan, runbook.name, { ...pair, runId: "run" }, registry);
      return { ...slowestOf(steps, registry), ttlMs: longestTtl(steps, registry) };
    })
    .toSorted((a, b) => b.ms + b.ttlMs - (a.ms + a.ttlMs))[0];
}

/** Clients may go on using what they resolved just before the change for as long as its TTL. */
function longestTtl(steps: ResolvedStep[], registry: Registry): number {
  const traffic = steps.filter((step) => step.when && registry.actions.get(step.uses)?.effect === "traffic");
  return Math.max(0, ...traffic.map((step) => ttlOf(step.with)));
}

function ttlOf(input: unknown): number {
  const ttl = typeof input === "object" && input !== null && "ttl" in input ? input.ttl : undefined;
  return typeof ttl === "number" ? ttl : 0;
}
