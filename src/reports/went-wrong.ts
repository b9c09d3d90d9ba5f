import { lossInShort } from "../events/loss-text.ts";
import { capital, count, duration, list, sentence, timeOfDay } from "../format.ts";
import type { BareFacts } from "./facts.ts";
import { inOrder, longestMs, type Rule } from "./rules.ts";
import type { Statement } from "./schema.ts";
import type { RunFacts, StepFacts } from "./schema-runs.ts";

export interface Problem extends Statement {
  /** What to do about it. */
  action: string;
}

export function wentWrongOf(facts: BareFacts): Problem[] {
  return rules.flatMap((rule) => rule(facts)).map(inOrder);
}

const slowDetection: Rule<Problem> = ({ detection, incident }) => {
  const { timed, rule, down } = detection;
  if (!timed?.slow) return [];
  return [
    {
      text: `Detection took ${duration(timed.timeToDetectMs)}; the rule (${count(rule.downAfter, "failure")} in a row, a probe every ${duration(rule.intervalMs)}) should take ${duration(rule.withinMs)} at most.`,
      refs: [...(down?.refs ?? []), ...incident.openedRefs],
      action: "Find out why detection was slower than its own rule allows.",
    },
  ];
};

const openedByHand: Rule<Problem> = ({ incident, detection, outages }) => {
  // A planned move opens an incident too, and has nothing for detection to see.
  if (incident.openedBy !== "person" || (!detection.down && outages.length === 0)) return [];
  const text = detection.down
    ? `The incident was opened by hand; detection saw ${incident.region} down at ${timeOfDay(detection.down.at)}.`
    : `The incident was opened by hand; detection did not see ${incident.region} down.`;
  const refs = [...incident.openedRefs, ...(detection.down?.refs ?? [])];
  return [
    {
      text,
      refs,
      action: `Decide whether a probe of ${incident.region} should have seen what made people open the incident.`,
    },
  ];
};

const recoveredLate: Rule<Problem> = ({ objectives, outages }) => {
  const late = objectives.filter(({ rto }) => rto === "missed");
  if (late.length === 0) return [];
  const which = late.map(({ service, rtoMs }) => `${service} (target ${duration(rtoMs)})`);
  const soFar = outages.some(({ to }) => to === undefined) ? " so far" : "";
  return [
    {
      text: `The recovery time missed its target for ${list(which)}: clients were without the service for ${duration(longestMs(outages))}${soFar}.`,
      refs: outages.flatMap(({ refs }) => refs),
      action: "Go through the response timeline for the longest gap, and shorten it or change the target.",
    },
  ];
};

const interrupted: Rule<Problem> = ({ handovers }) =>
  handovers.map(({ from, to, refs }) => ({
    text: `An instance of Muster ended during the incident and another went on; for up to ${duration(Date.parse(to) - Date.parse(from))} nobody may have been looking.`,
    refs,
    action: "Find out why an instance of Muster ended during the incident.",
  }));

const repeatedOutage: Rule<Problem> = ({ outages }) =>
  outages.length < 2
    ? []
    : [
        {
          text: `Clients lost the service ${outages.length} times during the incident.`,
          refs: outages.flatMap(({ refs }) => refs),
          action: "Find out what interrupted the service again after the first outage.",
        },
      ];

const notWatched: Rule<Problem> = ({ current, incident }) =>
  current.public.watched
    ? []
    : [
        {
          text: "What clients saw was not measured, because the plan has no probe of the public name.",
          refs: incident.openedRefs,
          action: "Add an outside probe of the public name to the plan, so that the recovery time is measured.",
        },
      ];

const slowDecision: Rule<Problem> = ({ runs }) =>
  runs
    .filter(({ timeToDecideMs, tookMs, phase }) => phase === "completed" && (timeToDecideMs ?? 0) > (tookMs ?? 0))
    .map(({ id, timeToDecideMs, tookMs, approvals }) => ({
      text: `Deciding about ${id} took ${duration(timeToDecideMs ?? 0)}, longer than carrying it out (${duration(tookMs ?? 0)}).`,
      refs: approvals.flatMap(({ refs, decisions }) => [...refs, ...decisions.flatMap((one) => one.refs)]),
      action:
        "See whether the approvers were reached at once and had what they needed to decide, or whether the policy asks for more than it must.",
    }));

const decisionsLost: Rule<Problem> = ({ runs }) =>
  runs.flatMap(({ id, approvals }) =>
    approvals.flatMap(({ id: approvalId, phase, changesText, refs }): Problem[] => {
      if (phase === "expired") {
        const action = "Make sure that enough approvers are on call and are reached in time.";
        return [{ text: `Approval ${approvalId} for ${id} expired before enough people had decided.`, refs, action }];
      }
      if (phase !== "voided") return [];
      const action = "See whether what changed could have been known when people were first asked.";
      return [
        {
          text: `Approval ${approvalId} for ${id} was voided because the facts changed (${changesText ?? "not recorded"}), and people were asked again.`,
          refs,
          action,
        },
      ];
    }),
  );

const troubledSteps: Rule<Problem> = ({ runs }) =>
  runs.flatMap((run) => run.steps.flatMap((step) => troubleOf(run, step)));

function troubleOf({ id }: RunFacts, step: StepFacts): Problem[] {
  const { refs } = step;
  const because = step.remark ? `: ${sentence(step.remark)}` : ".";
  if (step.phase === "skipped") {
    return [
      {
        text: `Step ${step.id} of ${id} was skipped${because}`,
        refs,
        action: `Do by hand what step ${step.id} would have done, or show that it is not needed.`,
      },
    ];
  }
  if (step.phase === "accepted") {
    return [
      {
        text: `Step ${step.id} of ${id} could not be verified, and the run went on under an acceptance${because}`,
        refs,
        action: `Verify by other means what step ${step.id} could not show.`,
      },
    ];
  }
  if (step.phase === "failed") {
    return [
      {
        text: `Step ${step.id} of ${id} failed after ${count(step.attempts, "attempt")}${because}`,
        refs,
        action: `Find the cause of the failure of step ${step.id}.`,
      },
    ];
  }
  if (step.attempts < 2) return [];
  return [
    {
      text: `Step ${step.id} of ${id} took ${count(step.attempts, "attempt")}${step.remark ? `; the last failure was: ${sentence(step.remark)}` : "."}`,
      refs,
      action: `Find out why step ${step.id} did not succeed at the first attempt.`,
    },
  ];
}

const lossOverBudget: Rule<Problem> = ({ losses }) =>
  losses
    .filter(({ promotion, budget }) => promotion === "done" && budget !== "within")
    .map(({ store, region, loss, budgetMs, refs }) => ({
      text: `The promotion of ${store} in ${region} gave up ${lossInShort(loss)}; the budget is ${duration(budgetMs)}.`,
      refs,
      action: `Find out why so much of ${store} was not replicated, or set the budget to what can be kept.`,
    }));

const heldAlone: Rule<Problem> = ({ divergences }) =>
  divergences
    .filter(({ empty }) => !empty)
    .map(({ store, region, against, foundText, runId, refs }) => ({
      text: `When ${region} came back, its copy of ${store} was not what ${against} had: ${foundText}.`,
      refs,
      action: `Go through divergence-${runId}.md, and bring over from the saved data set of ${region} what of ${store} must not be lost.`,
    }));

const lossGrew: Rule<Problem> = ({ losses }) =>
  losses
    .filter(({ insideCeiling }) => !insideCeiling)
    .map(({ runId, store, refs }) => ({
      text: `What ${store} would lose in ${runId} had outgrown what people had allowed by the time of the promotion.`,
      refs,
      action: `Find out why the replication of ${store} fell further behind during the incident.`,
    }));

const wasNotReady: Rule<Problem> = ({ readinessBefore, incident }) => {
  if (!readinessBefore) {
    return [
      {
        text: `The journal does not say whether a failover from ${incident.region} was ready before the incident began.`,
        refs: incident.openedRefs,
        action: "Make sure that readiness is assessed all the time, and that its result is watched.",
      },
    ];
  }
  const { status, runbook, target, openText, refs } = readinessBefore;
  if (status === "ready") return [];
  const why = openText ? `: ${openText}` : "";
  return [
    {
      text: `The ${runbook} to ${target} was not ready before the incident began (${status}${why}).`,
      refs,
      action: `Make the ${runbook} to ${target} ready again, and alert when it is not.`,
    },
  ];
};

const slowRuns: Rule<Problem> = ({ runs }) =>
  runs
    .filter(({ phase, tookMs, expectedMs }) => phase === "completed" && (tookMs ?? 0) > expectedMs)
    .map(({ id, runbook, tookMs, expectedMs, refs }) => ({
      text: `${capital(runbook)} ${id} took ${duration(tookMs ?? 0)}; ${duration(expectedMs)} were expected.`,
      refs,
      action: `See which step of ${runbook} took longer than expected, and correct the step or the estimate.`,
    }));

const aborted: Rule<Problem> = ({ runs }) =>
  runs
    .filter(({ phase }) => phase === "aborted")
    .map(({ id, runbook, stepsDone, stepsTotal, refs }) => ({
      text: `${capital(runbook)} ${id} was aborted after ${stepsDone} of ${count(stepsTotal, "step")}.`,
      refs,
      action: `Check what the finished steps of ${id} left behind, and put back what should not stay.`,
    }));

const brokenGlass: Rule<Problem> = ({ runs }) =>
  runs.flatMap(({ id, overridden }): Problem[] => {
    if (!overridden) return [];
    const { guardsText, reason, refs } = overridden;
    return [
      {
        text: `The glass was broken for ${id}: ${guardsText}. The reason given: ${sentence(reason)}`,
        refs,
        action: `Review the broken glass of ${id}: whether it was needed, what it did, and whether the guard or the plan should change.`,
      },
    ];
  });

const refused: Rule<Problem> = ({ refusals }) => {
  if (refusals.length === 0) return [];
  const codes = [...new Set(refusals.map(({ code }) => code))];
  return [
    {
      text: `${count(refusals.length, "command")} ${refusals.length === 1 ? "was" : "were"} refused (${list(codes)}).`,
      refs: refusals.flatMap(({ refs }) => refs),
      action: "See whether the refusals point to a gap in the runbook, in roles, or in what people are shown.",
    },
  ];
};

const rules = [
  brokenGlass,
  openedByHand,
  slowDetection,
  wasNotReady,
  slowDecision,
  decisionsLost,
  recoveredLate,
  repeatedOutage,
  interrupted,
  notWatched,
  troubledSteps,
  lossOverBudget,
  lossGrew,
  heldAlone,
  slowRuns,
  aborted,
  refused,
];
