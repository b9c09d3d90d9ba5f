import type { Plan } from "../../../src/plans/plan.ts";
import { decide } from "../../../src/runs/decide.ts";
import { isInFlight } from "../../../src/runs/views.ts";
import type { AppState } from "../../../src/state.ts";
import type { Instances } from "../instances.ts";
import type { People } from "../people.ts";
import type { Schedule } from "../schedule.ts";
import type { Inspector } from "./inspector.ts";

export interface LivenessOptions {
  schedule: Schedule;
  inspector: Inspector;
  instances: Instances;
  people: People;
  plan: Plan;
}

/** Somebody reads whose turn it is, and what to do. */
const NAMED = /A person must|approvals.* from [a-z]/;
/**
 * While a run is paused, or ends, what is in flight is only looked at: it is for people to let it go on, or not to
 * wait. What a guard holds says which region must be seen healthy first.
 */
const IN_HAND = /"resume run-\d+"|"abort run-\d+ --now"|is held by a guard: .*; it goes on when/;
const QUIET_MS = 40_000;
const LOOK_EVERY_MS = 5_000;
/** All steps one after the other, with every retry, take no longer: 15 × 4 × (20 s + 4 s). */
const LONGEST_RUN_MS = 15 * 4 * 24_000;
const CREW_ACTS = 30;

/**
 * When nothing goes wrong any more, every run ends or waits for people and says so; and when a crew then does what
 * is asked of it, every run ends.
 */
export async function endLively(options: LivenessOptions): Promise<void> {
  const { schedule, inspector, people } = options;
  const calmMs = schedule.nowMs() + LONGEST_RUN_MS;
  // Even where no run is under way, every worker must be seen to go on for a while.
  await schedule.runUntil(schedule.nowMs() + QUIET_MS);
  for (;;) {
    await schedule.runUntil(schedule.nowMs() + LOOK_EVERY_MS);
    if (inspector.first()) return;
    const state = await stateNow(options);
    const open = state === undefined ? "nobody answers" : unclear(options, state);
    if (open === undefined) break;
    if (schedule.nowMs() >= calmMs) return inspector.report(`long after the last fault, ${open}`);
  }
  const inFlight = [...inspector.record.runs.values()].filter(({ ended }) => !ended).map(({ runId }) => runId);
  for (let act = 0; act < CREW_ACTS; act++) {
    if (inFlight.every((id) => inspector.record.runs.get(id)?.ended)) return;
    people.clearUp(CREW_ACTS - act - 6);
    await schedule.runUntil(schedule.nowMs() + 2 * LOOK_EVERY_MS);
    if (inspector.first()) return;
  }
  const left = inFlight.filter((id) => !inspector.record.runs.get(id)?.ended);
  if (left.length > 0) inspector.report(`people did all that was asked, and ${left.join(", ")} did not end`);
}

/** What an instance says; undefined while none does. */
async function stateNow({ instances }: LivenessOptions): Promise<AppState | undefined> {
  for (const { core } of instances.reachable()) {
    const state = await core.state().catch(() => undefined);
    if (state) return state;
  }
  return undefined;
}

/** Why it is not yet clear for whom every run waits; undefined when it is, or none is under way. */
function unclear({ schedule, instances }: LivenessOptions, state: AppState): string | undefined {
  const { core, actions } = instances.reachable()[0] ?? {};
  if (!core || !actions) return "nobody answers";
  const { waiting, perform } = decide(state, core.now(), actions);
  for (const { runId } of Object.values(state.runs).filter(isInFlight)) {
    const reasons = waiting.filter((one) => one.runId === runId).map(({ because }) => because);
    if (reasons.length === 0) return `${runId} is under way and nobody can say what it waits for`;
    const named = reasons.some((because) => NAMED.test(because));
    if (reasons.some((because) => IN_HAND.test(because))) continue;
    const soon = reasons.some((because) => because.includes("is tried again"));
    const moving = soon || perform.some((one) => one.runId === runId);
    if (moving || !named) return `${runId} waits for nobody in particular: ${reasons.join("; ")} (${schedule.nowMs()})`;
  }
  return undefined;
}
