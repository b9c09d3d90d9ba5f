import type { Caller, Role } from "../core.ts";
import { hasRole } from "../people/roles.ts";
import type { Overtaken } from "../runs/overtaken.ts";
import { wayBackOf } from "../runs/way-back.ts";
import type { RunState, StepState } from "../state.ts";
import type { CardButton } from "./card.ts";

export interface OfferedButton extends CardButton {
  role: Role;
}

/** Only what this person may press. Without a caller (a channel that all see) every button is there. */
export function offered(caller: Caller | undefined, buttons: OfferedButton[]): CardButton[] {
  return buttons
    .filter(({ role }) => caller === undefined || hasRole(caller, role))
    .map(({ role: _, ...button }) => button);
}

/** What may be done about a step that failed; what cannot be undone is left out by a commander only. */
export function haltedButtons(run: RunState, { stepId, name }: StepState): OfferedButton[] {
  const { runId } = run;
  const planned = run.plan.runbooks[run.runbook]?.steps.find(({ id }) => id === stepId);
  // Runs of before the evidence said so have the plan's mark alone.
  const guardsData = planned?.pointOfNoReturn || run.evidence.guarding?.includes(stepId);
  const input = { run: runId, step: stepId };
  return [
    { label: `Retry: ${name}`, style: "primary", command: "retry", input, role: "operator" },
    {
      label: `Skip: ${name}`,
      style: "default",
      command: "skip",
      input,
      ask: { field: "reason", label: "Why may this step be left out?" },
      confirm: `Skip "${name}" in ${runId}? What it was to bring about will not have been done.`,
      role: guardsData ? "commander" : "operator",
    },
  ];
}

/** To hold a run, or to let it go on; one that is ending can be neither. */
export function holdButtons({ runId, phase, paused }: RunState): OfferedButton[] {
  if (phase === "aborting") return [];
  const base = { style: "default" as const, input: { run: runId }, role: "operator" as const };
  if (paused) return [{ ...base, label: "Resume the run", style: "primary", command: "resume" }];
  return [{ ...base, label: "Pause the run", command: "pause", ask: { field: "reason", label: "Why?" } }];
}

/** Before its start a run is withdrawn, after it aborted: the same command. */
export function abortButton({ runId, phase }: RunState): OfferedButton {
  if (phase === "aborting") return abortNowButton(runId);
  const verb = phase === "proposed" ? "Withdraw" : "Abort";
  return {
    label: `${verb} the run`,
    style: "danger",
    command: "abort",
    input: { run: runId },
    ask: { field: "reason", label: "Why?" },
    confirm: `${verb} ${runId}? Nothing is applied any more; what was done stays done.`,
    role: "operator",
  };
}

/** Where an ended run may be undone; whether anything is left to undo is looked at when it is pressed. */
export function rollbackButtons(run: RunState, overtaken: Overtaken = {}): OfferedButton[] {
  if (overtaken.rollback !== undefined || run.phase === "completed" || wayBackOf(run) !== "rollback") return [];
  return [
    {
      label: "Roll back",
      style: "default",
      command: "rollback",
      input: { run: run.runId },
      ask: { field: "reason", label: "Why?" },
      confirm: `Propose to undo the traffic and scale steps of ${run.runId}?`,
      role: "operator",
    },
  ];
}

/** It proposes itself once; after it was ended, the region stays in quarantine until a person asks. */
export function rejoinButtons({ kind, phase, runId, target }: RunState, overtaken: Overtaken = {}): OfferedButton[] {
  if (overtaken.rejoin !== undefined || kind !== "rejoin" || phase === "completed") return [];
  return [
    {
      label: "Rejoin again",
      style: "default",
      command: "rejoin",
      input: { region: target },
      ask: { field: "reason", label: "Why?" },
      confirm: `${runId} did not make ${target} a follower. Propose it again?`,
      role: "operator",
    },
  ];
}

function abortNowButton(runId: string): OfferedButton {
  return {
    label: "End it now",
    style: "danger",
    command: "abort",
    input: { run: runId, now: true },
    ask: { field: "reason", label: "Why not wait?" },
    confirm: `End ${runId} at once? What became of the steps in flight will not be known.`,
    role: "operator",
  };
}
