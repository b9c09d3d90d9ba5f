import { lossInShort } from "../events/loss-text.ts";
import { count, duration, list } from "../format.ts";
import type { BareFacts } from "./facts.ts";
import { inOrder, longestMs, type Rule } from "./rules.ts";
import type { Statement } from "./schema-items.ts";
import type { StepFacts } from "./schema-runs.ts";

export function wentWellOf(facts: BareFacts): Statement[] {
  return rules.flatMap((rule) => rule(facts)).map(inOrder);
}

const detectedInTime: Rule<Statement> = ({ detection, incident }) => {
  const { timed, rule, down } = detection;
  if (!timed || timed.slow) return [];
  const text = `The outage was detected ${duration(timed.timeToDetectMs)} after the first failing probe; the rule (${count(rule.downAfter, "failure")} in a row, a probe every ${duration(rule.intervalMs)}) allows ${duration(rule.withinMs)}.`;
  return [{ text, refs: [...(down?.refs ?? []), ...incident.openedRefs] }];
};

const preparedMeanwhile: Rule<Statement> = ({ runs }) =>
  runs.flatMap(({ id, approvals, steps, startedAt, refs }) => {
    const early =
      startedAt === undefined || approvals.length === 0 ? [] : steps.filter((step) => endedBefore(step, startedAt));
    if (early.length === 0) return [];
    const text = `${count(early.length, "preparation step")} of ${id} (${list(early.map((step) => step.id))}) finished while people were still deciding.`;
    return [{ text, refs: [...early.flatMap((step) => step.refs), ...refs.slice(0, 2)] }];
  });

const recoveredInTime: Rule<Statement> = ({ objectives, outages }) => {
  const met = objectives.filter(({ rto }) => rto === "met");
  if (met.length === 0) return [];
  const which = met.map(({ service, rtoMs }) => `${service} (target ${duration(rtoMs)})`);
  const text = `The recovery time was inside its target for ${list(which)}: clients were without the service for at most ${duration(longestMs(outages))}.`;
  return [{ text, refs: outages.flatMap(({ refs }) => refs) }];
};

const lossStayedInside: Rule<Statement> = ({ losses }) =>
  losses
    .filter(({ promotion, budget }) => promotion === "done" && budget === "within")
    .map(({ store, region, loss, budgetMs, refs }) => ({
      text: `The promotion of ${store} in ${region} gave up ${lossInShort(loss)}, inside the budget of ${duration(budgetMs)}.`,
      refs,
    }));

const wasReady: Rule<Statement> = ({ readinessBefore }) => {
  if (readinessBefore?.status !== "ready") return [];
  const { runbook, target, refs } = readinessBefore;
  return [{ text: `The ${runbook} to ${target} had been assessed as ready before the incident began.`, refs }];
};

const wentThroughAtOnce: Rule<Statement> = ({ runs }) =>
  runs
    .filter(({ phase, steps }) => phase === "completed" && steps.length > 0 && steps.every(isClean))
    .map(({ id, runbook, stepsTotal, refs }) => ({
      text: `All ${count(stepsTotal, "step")} of ${runbook} ${id} were verified at the first attempt.`,
      refs,
    }));

const keptWhatDiverged: Rule<Statement> = ({ saved }) =>
  saved.map(({ region, name, runId, refs }) => ({
    text: `The data set of the returned store in ${region} was saved${name ? ` as ${name}` : ""} by ${runId} before the store was made to follow.`,
    refs,
  }));

function isClean(step: StepFacts): boolean {
  return step.phase === "verified" && step.attempts <= 1;
}

function endedBefore({ phase, endedAt }: StepFacts, startedAt: string): boolean {
  return phase === "verified" && endedAt !== undefined && endedAt <= startedAt;
}

const rules = [
  detectedInTime,
  wasReady,
  preparedMeanwhile,
  recoveredInTime,
  lossStayedInside,
  keptWhatDiverged,
  wentThroughAtOnce,
];
