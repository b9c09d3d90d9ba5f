import { z } from "zod";
import { stepState } from "../../cards/steps.ts";
import { capital, clause, instant } from "../../format.ts";
import { phaseWord, stepsDone } from "../../runs/summary-view.ts";
import type { RunState } from "../../state.ts";
import type { Status } from "../lexicon.ts";
import { quoted } from "../outward.ts";
import { defineTool, type Row } from "./tool.ts";

const Step = z.object({
  step: z.string(),
  name: z.string(),
  state: z.string(),
  phase: z.string(),
  problem: z.string().optional(),
});
const Output = z.object({
  run: z.string(),
  runbook: z.string(),
  source: z.string(),
  target: z.string(),
  phase: z.string(),
  drill: z.boolean(),
  done: z.string(),
  proposed: z.string(),
  started: z.string().optional(),
  ended: z.string().optional(),
  reason: z.string(),
  steps: z.array(Step),
  waiting: z.array(z.object({ step: z.string().optional(), because: z.string(), until: z.string().optional() })),
});

const SAYS: Partial<Record<RunState["phase"], Status[]>> = {
  proposed: ["proposed"],
  running: ["started"],
  halted: ["started", "failed"],
  aborting: ["started", "aborted"],
  completed: ["started", "completed"],
  aborted: ["started", "aborted"],
  cancelled: ["cancelled"],
};
const STEP_SAYS: Record<string, Status[]> = {
  verified: ["verified", "completed"],
  failed: ["failed"],
  skipped: ["skipped"],
  stopped: ["stopped"],
  running: ["started"],
  accepted: ["accepted", "unverified"],
};

/** One run, its steps, and what it waits for. */
export const run = defineTool({
  name: "run",
  description:
    "One run in detail: its phase, every step with its state and what went wrong, and what it waits for. Runs are called run-1, run-2 and so on; status and journal_search name them.",
  input: z.strictObject({
    run: z.string().describe("The run's id"),
    step: z.string().nullable().describe("Only this step, or null for all"),
  }),
  output: Output,
  async read({ run: runId, step: only }, { core, at }) {
    const { run: found, waiting } = await core.runs.why(runId);
    const steps = found.steps.filter(({ stepId }) => only === null || stepId === only);
    return {
      run: found.runId,
      runbook: found.runbook,
      source: found.source,
      target: found.target,
      phase: phaseWord(found),
      drill: found.rehearsal,
      done: `${stepsDone(found)} of ${found.steps.length}`,
      proposed: instant(found.proposedAt, at),
      ...(found.startedAt && { started: instant(found.startedAt, at) }),
      ...(found.endedAt && { ended: instant(found.endedAt, at) }),
      reason: found.reason,
      steps: steps.map((one) => ({
        step: one.stepId,
        name: one.name,
        state: stepState(one, at),
        phase: one.phase,
        ...(one.error && { problem: one.error.summary }),
      })),
      waiting: waiting
        .filter(({ stepId }) => only === null || stepId === only)
        .map(({ stepId, because, until }) => ({
          because,
          ...(stepId !== undefined && { step: stepId }),
          ...(until && { until: instant(until, at) }),
        })),
    };
  },
  tell({ steps, waiting, drill, reason, phase, started, ended, ...told }, { state }) {
    const title = `${drill ? "DRILL " : ""}${capital(told.runbook)} ${told.run} ${told.source} → ${told.target}`;
    const rows: Row[] = [
      {
        kind: "run.now",
        sentence: `${title}: ${phase}, ${told.done} steps done.`,
        values: { ...told, phase, reason: quoted(reason), ...(started && { started }), ...(ended && { ended }) },
        says: SAYS[state.runs[told.run]?.phase ?? "proposed"] ?? [],
      },
      ...steps.map(({ problem, ...step }) => ({
        kind: "step.now",
        sentence: `Step ${step.step} (${step.name}): ${step.state}${problem ? ` (${clause(problem)})` : ""}.`,
        values: { run: told.run, runbook: told.runbook, ...step, ...(problem && { problem: quoted(problem) }) },
        says: STEP_SAYS[step.phase] ?? [],
      })),
      ...waiting.map(({ because, step, until }) => ({
        kind: "run.now",
        sentence: `${step ?? told.run} waits: ${clause(because)}${until ? `, until ${until}` : ""}.`,
        values: { run: told.run, because: quoted(because), ...(step && { step }), ...(until && { until }) },
        says: ["held"] as Status[],
      })),
    ];
    return { summary: `${title} ${phase}, ${told.done} steps done, waits for ${waiting.length || "nothing"}`, rows };
  },
});
