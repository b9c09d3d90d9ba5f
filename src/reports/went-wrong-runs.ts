import { capital, count, duration, list, sentence } from "../format.ts";
import { type Problem, type Rule, todo } from "./rules.ts";
import type { RunFacts, StepFacts } from "./schema-runs.ts";

const slowDecision: Rule<Problem> = ({ runs }) =>
  runs
    .filter(({ timeToDecideMs, tookMs, phase }) => phase === "completed" && (timeToDecideMs ?? 0) > (tookMs ?? 0))
    .map(({ id, timeToDecideMs, tookMs, approvals }) => ({
      text: `Deciding about ${id} took ${duration(timeToDecideMs ?? 0)}, longer than carrying it out (${duration(tookMs ?? 0)}).`,
      refs: approvals.flatMap(({ refs, decisions }) => [...refs, ...decisions.flatMap((one) => one.refs)]),
      action: todo(
        "respond",
        "P2",
        "See whether the approvers were reached at once and had what they needed to decide, or whether the policy asks for more than it must.",
      ),
    }));

const decisionsLost: Rule<Problem> = ({ runs }) =>
  runs.flatMap(({ id, approvals }) =>
    approvals.flatMap(({ id: approvalId, phase, changesText, refs }): Problem[] => {
      if (phase === "expired") {
        const action = todo("respond", "P1", "Make sure that enough approvers are on call and are reached in time.");
        return [{ text: `Approval ${approvalId} for ${id} expired before enough people had decided.`, refs, action }];
      }
      if (phase !== "voided") return [];
      const action = todo(
        "respond",
        "P3",
        "See whether what changed could have been known when people were first asked.",
      );
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
        action: todo("repair", "P1", `Do by hand what step ${step.id} would have done, or show that it is not needed.`),
      },
    ];
  }
  if (step.phase === "accepted") {
    return [
      {
        text: `Step ${step.id} of ${id} could not be verified, and the run went on under an acceptance${because}`,
        refs,
        action: todo("repair", "P1", `Verify by other means what step ${step.id} could not show.`),
      },
    ];
  }
  if (step.phase === "failed") {
    return [
      {
        text: `Step ${step.id} of ${id} failed after ${count(step.attempts, "attempt")}${because}`,
        refs,
        action: todo("prevent", "P1", `Find the cause of the failure of step ${step.id}.`),
      },
    ];
  }
  if (step.attempts < 2) return [];
  return [
    {
      text: `Step ${step.id} of ${id} took ${count(step.attempts, "attempt")}${step.remark ? `; the last failure was: ${sentence(step.remark)}` : "."}`,
      refs,
      action: todo("prevent", "P3", `Find out why step ${step.id} did not succeed at the first attempt.`),
    },
  ];
}

const slowRuns: Rule<Problem> = ({ runs }) =>
  runs
    .filter(({ phase, tookMs, expectedMs }) => phase === "completed" && (tookMs ?? 0) > expectedMs)
    .map(({ id, runbook, tookMs, expectedMs, refs }) => ({
      text: `${capital(runbook)} ${id} took ${duration(tookMs ?? 0)}; ${duration(expectedMs)} were expected.`,
      refs,
      action: todo(
        "respond",
        "P3",
        `See which step of ${runbook} took longer than expected, and correct the step or the estimate.`,
      ),
    }));

const aborted: Rule<Problem> = ({ runs }) =>
  runs
    .filter(({ phase }) => phase === "aborted")
    .map(({ id, runbook, stepsDone, stepsTotal, refs }) => ({
      text: `${capital(runbook)} ${id} was aborted after ${stepsDone} of ${count(stepsTotal, "step")}.`,
      refs,
      action: todo(
        "repair",
        "P1",
        `Check what the finished steps of ${id} left behind, and put back what should not stay.`,
      ),
    }));

const brokenGlass: Rule<Problem> = ({ runs }) =>
  runs.flatMap(({ id, overridden }): Problem[] => {
    if (!overridden) return [];
    const { guardsText, reason, refs } = overridden;
    return [
      {
        text: `The glass was broken for ${id}: ${guardsText}. The reason given: ${sentence(reason)}`,
        refs,
        action: todo(
          "respond",
          "P2",
          `Review the broken glass of ${id}: whether it was needed, what it did, and whether the guard or the plan should change.`,
        ),
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
      action: todo(
        "respond",
        "P3",
        "See whether the refusals point to a gap in the runbook, in roles, or in what people are shown.",
      ),
    },
  ];
};

/** What went wrong with runs and what people did about them, in the order in which it is read among the rest. */
export const runRules = {
  glass: [brokenGlass],
  deciding: [slowDecision, decisionsLost],
  steps: [troubledSteps],
  ends: [slowRuns, aborted, refused],
};
