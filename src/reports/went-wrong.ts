import { lossInShort } from "../events/loss-text.ts";
import { count, duration, list, timeOfDay } from "../format.ts";
import type { BareFacts } from "./facts.ts";
import { inOrder, longestMs, type Problem, type Rule, todo } from "./rules.ts";
import { runRules } from "./went-wrong-runs.ts";

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
      action: todo("detect", "P2", "Find out why detection was slower than its own rule allows."),
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
      action: todo(
        "detect",
        "P2",
        `Decide whether a probe of ${incident.region} should have seen what made people open the incident.`,
      ),
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
      action: todo(
        "respond",
        "P1",
        "Go through the response timeline for the longest gap, and shorten it or change the target.",
      ),
    },
  ];
};

const interrupted: Rule<Problem> = ({ handovers }) =>
  handovers.map(({ from, to, refs }) => ({
    text: `An instance of Muster ended during the incident and another went on; for up to ${duration(Date.parse(to) - Date.parse(from))} nobody may have been looking.`,
    refs,
    action: todo("respond", "P2", "Find out why an instance of Muster ended during the incident."),
  }));

const repeatedOutage: Rule<Problem> = ({ outages }) =>
  outages.length < 2
    ? []
    : [
        {
          text: `Clients lost the service ${outages.length} times during the incident.`,
          refs: outages.flatMap(({ refs }) => refs),
          action: todo("prevent", "P1", "Find out what interrupted the service again after the first outage."),
        },
      ];

const notWatched: Rule<Problem> = ({ current, incident }) =>
  current.public.watched
    ? []
    : [
        {
          text: "What clients saw was not measured, because the plan has no probe of the public name.",
          refs: incident.openedRefs,
          action: todo(
            "detect",
            "P1",
            "Add an outside probe of the public name to the plan, so that the recovery time is measured.",
          ),
        },
      ];

const lossOverBudget: Rule<Problem> = ({ losses }) =>
  losses
    .filter(({ promotion, budget }) => promotion === "done" && budget !== "within")
    .map(({ store, region, loss, budgetMs, refs }) => ({
      text: `The promotion of ${store} in ${region} gave up ${lossInShort(loss)}; the budget is ${duration(budgetMs)}.`,
      refs,
      action: todo(
        "prevent",
        "P1",
        `Find out why so much of ${store} was not replicated, or set the budget to what can be kept.`,
      ),
    }));

const heldAlone: Rule<Problem> = ({ divergences }) =>
  divergences
    .filter(({ empty }) => !empty)
    .map(({ store, region, against, foundText, runId, refs }) => ({
      text: `When ${region} came back, its copy of ${store} was not what ${against} had: ${foundText}.`,
      refs,
      action: todo(
        "repair",
        "P1",
        `Go through divergence-${runId}.md, and bring over from the saved data set of ${region} what of ${store} must not be lost.`,
      ),
    }));

const lossGrew: Rule<Problem> = ({ losses }) =>
  losses
    .filter(({ insideCeiling }) => !insideCeiling)
    .map(({ runId, store, refs }) => ({
      text: `What ${store} would lose in ${runId} had outgrown what people had allowed by the time of the promotion.`,
      refs,
      action: todo(
        "prevent",
        "P2",
        `Find out why the replication of ${store} fell further behind during the incident.`,
      ),
    }));

const wasNotReady: Rule<Problem> = ({ readinessBefore, incident }) => {
  if (!readinessBefore) {
    return [
      {
        text: `The journal does not say whether a failover from ${incident.region} was ready before the incident began.`,
        refs: incident.openedRefs,
        action: todo(
          "detect",
          "P1",
          "Make sure that readiness is assessed all the time, and that its result is watched.",
        ),
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
      action: todo("prevent", "P1", `Make the ${runbook} to ${target} ready again, and alert when it is not.`),
    },
  ];
};

const rules = [
  ...runRules.glass,
  openedByHand,
  slowDetection,
  wasNotReady,
  ...runRules.deciding,
  recoveredLate,
  repeatedOutage,
  interrupted,
  notWatched,
  ...runRules.steps,
  lossOverBudget,
  lossGrew,
  heldAlone,
  ...runRules.ends,
];
