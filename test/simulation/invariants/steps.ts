import type { DomainEvent } from "../../../src/events.ts";
import type { Step } from "../../../src/plans/plan.ts";
import { rolesOf } from "../persons.ts";
import type { World } from "../world.ts";
import { leftClass, leftEnvelope, missingYes } from "./approvals.ts";
import { forbiddenChange, forbiddenTarget, groundlessProposal } from "./guards.ts";
import { isDone, type Recorded, type RunRecord, type StepRecord, stepOf } from "./record.ts";

type StepEvent = Extract<DomainEvent, { kind: `step.${string}` }>;

/** When a step may begin, go on and end. */
export function stepViolation(before: Recorded, event: DomainEvent, world: World): string | undefined {
  if (!event.kind.startsWith("step.")) return undefined;
  const { data } = event as StepEvent;
  const run = before.runs.get(data.runId);
  const step = stepOf(before, data);
  if (!run || !step) return `${event.kind} of ${data.runId}/${data.stepId}, which is not known`;
  if (run.ended) return `${event.kind} of ${step.planned.id} after ${run.runId} ended`;
  switch (event.kind) {
    case "step.started":
      if (run.held) return `${step.planned.id} starts while ${run.runId} is ${run.held}`;
      return wrongStart(before, run, step, event.data.attempt);
    case "step.intended":
      if (run.held) return `${step.planned.id} is to be sent while ${run.runId} is ${run.held}`;
      return (
        outOfTurn(step, event.data.attempt) ?? wrongPromotion(before, run, step) ?? forbiddenChange(before, run, step)
      );
    case "step.held":
    case "step.stopped":
    case "step.applied":
    case "step.assessed":
    case "step.accepted":
    case "step.failed":
      return outOfTurn(step, event.data.attempt);
    case "step.verified":
      return outOfTurn(step, event.data.attempt) ?? untrue(run, step, world);
    case "step.skipped":
      return wrongSkip(run, step, event.actor);
    default:
      return undefined;
  }
}

export function isIrreversible({ uses, pointOfNoReturn }: Step): boolean {
  return pointOfNoReturn || /\.(fence|promotion|follower)-/.test(uses);
}

function wrongStart(before: Recorded, run: RunRecord, step: StepRecord, attempt: number): string | undefined {
  const { id, needs, prepare } = step.planned;
  if (step.phase !== "pending" && step.phase !== "retrying") return `${id} starts while it is ${step.phase}`;
  if (attempt !== step.attempt + 1) return `${id} starts attempt ${attempt} after ${step.attempt}`;
  const open = needs.filter((need) => !isDone(run.steps.get(need) as StepRecord));
  if (open.length > 0) return `${id} starts before ${open.join(", ")}`;
  if (!run.started && !prepare) return `${id} starts before ${run.runId} does`;
  if (!isIrreversible(step.planned)) return undefined;
  if (!run.started) return `${id} cannot be taken back and starts before ${run.runId} does`;
  // What a promotion loses is decided at its intent: one that was sent before is looked at first.
  const left = isPromotion(step) ? leftClass : leftEnvelope;
  const why = missingYes(before, run) ?? left(before, run);
  if (why !== undefined) return `${id} cannot be taken back and starts although ${why}`;
  return isPromotion(step) ? unfenced(run, step) : undefined;
}

/** Promise 4: at the moment of its intent a promotion loses no more than somebody has allowed. */
function wrongPromotion(before: Recorded, run: RunRecord, step: StepRecord): string | undefined {
  if (!isPromotion(step)) return undefined;
  const why = missingYes(before, run) ?? leftEnvelope(before, run);
  return why === undefined ? undefined : `${step.planned.id} is intended although ${why}`;
}

function isPromotion({ planned }: StepRecord): boolean {
  return planned.uses.includes(".promotion-");
}

/** Every fence that a promotion needs, however far away, must stand, be accepted by name, or be skipped by a commander. */
function unfenced(run: RunRecord, promotion: StepRecord): string | undefined {
  const seen = new Set<string>();
  const queue = [...promotion.planned.needs];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const step = run.steps.get(id) as StepRecord;
    queue.push(...step.planned.needs);
    if (step.planned.uses.includes(".fence-") && !isDone(step))
      return `${promotion.planned.id} starts before its fence ${id}`;
  }
  return undefined;
}

function outOfTurn(step: StepRecord, attempt: number): string | undefined {
  if (step.phase === "running" && step.attempt === attempt) return undefined;
  return `attempt ${attempt} of ${step.planned.id} is written about while attempt ${step.attempt} is ${step.phase}`;
}

/** Verified means that the world was so at some moment of the attempt. */
function untrue(run: RunRecord, step: StepRecord, world: World): string | undefined {
  const { uses, id, with: written } = step.planned;
  if (uses === "simulated.check" || uses === "simulated.wait") return undefined;
  const look = (text: string) =>
    text
      .replaceAll("${{ target.code }}", run.target)
      .replaceAll("${{ source.code }}", run.source)
      .replaceAll("${{ run.id }}", run.runId);
  const { resource, ...forward } = written as { resource: string; want: string };
  const back = step.planned.undo?.before as { value: string } | undefined;
  const want = back?.value ?? forward.want;
  const { history } = world.resource(look(resource));
  const so = history.some(({ value }, index) => {
    const until = history[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    return value === look(want) && until >= step.startedAtMs;
  });
  return so ? undefined : `${id} is verified, and ${look(resource)} was never ${look(want)}`;
}

function wrongSkip(run: RunRecord, step: StepRecord, actor: string): string | undefined {
  if (step.phase === "running" || isDone(step)) return `${step.planned.id} is skipped while it is ${step.phase}`;
  if (actor === "system:executor") return undefined;
  if (!run.started) return `${step.planned.id} is skipped before ${run.runId} starts`;
  if (isIrreversible(step.planned) && !rolesOf(actor).includes("commander"))
    return `${actor} skipped ${step.planned.id}`;
  return undefined;
}

/** Promise 5, and what else must be so when a run is asked for and when it starts. */
export function runViolation(before: Recorded, event: DomainEvent): string | undefined {
  if (event.kind === "run.aborted" || event.kind === "run.cancelled") {
    const steps = [...(before.runs.get(event.data.runId)?.steps.values() ?? [])];
    const open = steps.find(({ phase }) => phase === "running");
    return open && `${event.data.runId} ends while nobody says what became of ${open.planned.id}`;
  }
  if (event.kind === "run.completed") {
    const open = [...(before.runs.get(event.data.runId)?.steps.values() ?? [])].filter((step) => !isDone(step));
    return open.length > 0 ? `${event.data.runId} is completed without ${open[0]?.planned.id}` : undefined;
  }
  if (event.kind === "run.started") {
    const run = before.runs.get(event.data.runId);
    if (!run || run.started || run.ended) return `${event.data.runId} starts when it must not`;
    return undefined;
  }
  if (event.kind !== "run.proposed") return undefined;
  const { plan, runbook, target, runId } = event.data;
  const other = [...before.runs.values()].find(({ ended }) => !ended);
  if (other) return `${runId} is proposed while ${other.runId} is under way`;
  return (
    tooLateToUndo(before, event.data.rollbackOf) ??
    groundlessProposal(before, event.data, event.actor) ??
    forbiddenTarget(before, plan, plan.runbooks[runbook]?.kind, target)
  );
}

function tooLateToUndo(before: Recorded, runId: string | undefined): string | undefined {
  const run = before.runs.get(runId ?? "");
  if (!run) return undefined;
  if (!run.ended) return `${runId} is undone while it is under way`;
  const passed = [...run.steps.values()].find(
    ({ planned, phase }) => planned.pointOfNoReturn && (phase === "verified" || phase === "accepted"),
  );
  return passed && `${runId} is undone although ${passed.planned.id} is done`;
}
