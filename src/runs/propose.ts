import { needsPeople, requestApproval } from "../approvals/decide.ts";
import type { Caller, DryRun } from "../core.ts";
import type { Sampler } from "../detection/sampler.ts";
import { AppError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import type { Fence } from "../journal/store.ts";
import { own } from "../own.ts";
import type { Plan, Runbook } from "../plans/plan.ts";
import type { Clock, Registry } from "../ports.ts";
import type { ApprovalState, AppState, RunState, StoreState } from "../state.ts";
import { ensureMayOverride, ensureNeeded, type OverrideRequest, overriddenBy, overrideEvents } from "./break-glass.ts";
import { findRun } from "./control.ts";
import type { Evidence, StepReadiness } from "./events.ts";
import { evidenceOf } from "./evidence.ts";
import { refusals } from "./guards.ts";
import { inputOf, resolvedStep } from "./inputs.ts";
import { assessReadiness } from "./readiness.ts";
import { overallReadiness } from "./readiness-views.ts";
import { notUndone, rollbackSubject } from "./rollback.ts";

export interface ProposeOptions {
  plan: Plan;
  registry: Registry;
  journal: Journal;
  clock: Clock;
  sampler: Pick<Sampler, "look" | "record">;
  requestTimeoutMs: number;
}

export interface ProposeRequest extends OverrideRequest {
  target?: string | undefined;
  rehearsal?: boolean | undefined;
}

/**
 * Asks for a run: gathers fresh evidence, looks at every guard, and appends the proposal together with the
 * question to people. Throws AppError with the first guard's refusal; nothing is written then.
 */
export async function propose(
  options: ProposeOptions,
  runbookName: string,
  request: ProposeRequest,
  caller: Pick<Caller, "principal"> & Partial<Caller>,
  fence?: Fence,
): Promise<{ run: RunState; approval?: ApprovalState }> {
  const find = (state: AppState) => subjectOf(options.plan, state, runbookName, request.target);
  return proposeSubject(options, find, request, caller, fence);
}

/** The undoing of a run that has ended, asked for like any run. */
export async function proposeRollback(
  options: ProposeOptions,
  runId: string,
  request: Pick<ProposeRequest, "reason" | "overrideLock">,
  caller: Pick<Caller, "principal"> & Partial<Caller>,
): Promise<{ run: RunState; approval?: ApprovalState }> {
  const find = (state: AppState) => rollbackSubject(state, runId, options.registry.actions);
  const { rehearsal } = findRun(await options.journal.load(), runId);
  return proposeSubject(options, find, { ...request, rehearsal, rollbackOf: runId }, caller);
}

/** `find` is asked again of each later state, up to the one that the proposal is appended to, and may refuse it. */
export async function proposeSubject(
  options: ProposeOptions,
  find: (state: AppState) => RunSubject,
  request: Omit<ProposeRequest, "target">,
  caller: Pick<Caller, "principal"> & Partial<Caller>,
  fence?: Fence,
): Promise<{ run: RunState; approval?: ApprovalState }> {
  const { registry, journal, clock } = options;
  const { rollbackOf } = request;
  const subject = find(await journal.load());
  ensureMayOverride(request, caller);
  // Without the readiness first: a refusal that needs no look at the world should not wait for one.
  overriddenBy(refusals(await journal.load(), subject), request);
  const { readiness, stores } = await gather(options, subject);
  const status = overallReadiness(readiness);
  // Detection asks again and again for what is refused, and none of that is written.
  const now = await journal.load();
  overriddenBy(refusals(now, { ...find(now), readiness: status }), request);
  await options.sampler.record(stores, fence);
  let runId = "";
  const { state } = await journal.commit((fresh) => {
    const overridden = overriddenBy(refusals(fresh, { ...find(fresh), readiness: status }), request);
    ensureNeeded(overridden, request);
    const breaksGlass = overridden.some(({ code }) => code !== "locked");
    if (rollbackOf !== undefined) ensureSomethingLeft(rollbackOf, readiness);
    runId = `run-${fresh.counts.runs + 1}`;
    const now = clock.now();
    const about = { ...subject, runId, requester: caller.principal, breaksGlass };
    const asked =
      breaksGlass || needsPeople(fresh, subject, readiness, registry.actions)
        ? requestApproval(fresh, about, { status, steps: readiness }, now, registry.actions)
        : undefined;
    const opened = incidentFor(fresh, subject, request, caller, now);
    const incidentId = fresh.openIncidentId ?? opened?.data.incidentId;
    const proposed: NewDomainEvent = {
      key: `run/${runId}/proposed`,
      kind: "run.proposed",
      actor: caller.principal,
      data: {
        runId,
        runbook: subject.runbook.name,
        source: subject.source,
        target: subject.target,
        reason: request.reason ?? "",
        rehearsal: request.rehearsal ?? false,
        plan: subject.plan,
        evidence: withNotUndone(
          fresh,
          evidenceOf(fresh, subject, readiness, registry, now),
          subject,
          rollbackOf,
          registry,
        ),
        ...(incidentId !== undefined && { incidentId }),
        ...(asked && { approvalId: asked.data.approvalId }),
        ...(rollbackOf !== undefined && { rollbackOf }),
      },
    };
    const broken = { runId, incidentId, reason: request.reason ?? "" };
    const overriding = overrideEvents(fresh, overridden, broken, caller.principal);
    return [...(opened ? [opened] : []), proposed, ...overriding, ...(asked ? [asked] : [])];
  }, fence && { fence });
  const run = state.runs[runId];
  if (!run) throw new Error("a proposed run is not in the state that its proposal led to");
  const approval = run.approvalId === undefined ? undefined : state.approvals[run.approvalId];
  return { run, ...(approval && { approval }) };
}

/** The same look without a word written: what would run, what stands in its way. */
export async function dryRun(
  options: ProposeOptions,
  runbookName: string,
  request: Pick<ProposeRequest, "target">,
): Promise<DryRun> {
  return dryRunSubject(options, subjectOf(options.plan, await options.journal.load(), runbookName, request.target));
}

export async function dryRunRollback(options: ProposeOptions, runId: string): Promise<DryRun> {
  const subject = rollbackSubject(await options.journal.load(), runId, options.registry.actions);
  return dryRunSubject(options, subject, runId);
}

async function dryRunSubject(options: ProposeOptions, subject: RunSubject, rollbackOf?: string): Promise<DryRun> {
  const { registry, journal, clock } = options;
  const before = await journal.load();
  // From a region to itself no input fits: what the guards say is all that can be shown.
  const [refusal] = subject.source === subject.target ? refusals(before, subject) : [];
  if (refusal) throw new AppError(refusal);
  const readiness = await assessReadiness(readinessOptions(options), before, subject);
  const state = await journal.load();
  const { plan, runbook, source, target } = subject;
  const address = { plan, runbook: runbook.name, source, target, runId: "dry-run" };
  const evidence = evidenceOf(state, subject, readiness, registry, clock.now());
  return {
    dryRun: true,
    runbook: runbook.name,
    source,
    target,
    ...(rollbackOf !== undefined && { rollbackOf }),
    evidence: withNotUndone(state, evidence, subject, rollbackOf, registry),
    steps: runbook.steps.map(({ id, name, uses, needs, undo }) => {
      const action = registry.actions.get(uses);
      const input = action ? inputOf(address, { id }, action) : resolvedStep(address, id)?.with;
      const how = readiness.find(({ stepId }) => stepId === id) ?? { stepId: id, state: "unknown" as const };
      const back = undo && { putsBack: undo.before };
      return { stepId: id, name, uses, needs, input, readiness: how, ...back };
    }),
    refusals: refusals(state, { ...subject, readiness: overallReadiness(readiness) }),
  };
}

export interface RunSubject {
  plan: Plan;
  runbook: Runbook;
  source: string;
  target: string;
}

/** Who moves where: a failover leaves the active region, a failback goes home, a rejoin follows the active one. */
export function subjectOf(plan: Plan, state: AppState, runbookName: string, target: string | undefined): RunSubject {
  const runbook = own(plan.runbooks, runbookName);
  const books = Object.keys(plan.runbooks).join(", ");
  if (!runbook) {
    throw new AppError({
      code: "not-found",
      summary: `The plan has no runbook "${runbookName}".`,
      hint: `It has: ${books}.`,
    });
  }
  const to = target ?? (runbook.kind === "failback" ? plan.home : undefined);
  if (to === undefined || !own(plan.regions, to)) {
    const summary =
      to === undefined ? "No region was named." : `There is no region "${to}" in the plan of ${plan.application}.`;
    throw new AppError({ code: "unknown-region", summary, hint: `Regions: ${Object.keys(plan.regions).join(", ")}.` });
  }
  return { plan, runbook, source: state.active, target: to };
}

async function gather(
  options: ProposeOptions,
  subject: RunSubject,
): Promise<{ readiness: StepReadiness[]; stores: StoreState[] }> {
  const state = await options.journal.load();
  const [readiness, stores] = await Promise.all([
    assessReadiness(readinessOptions(options), state, subject),
    // A rollback promotes nothing, and looks the other way: there is no loss to measure.
    subject.runbook.kind === "rollback" ? [] : options.sampler.look(subject.source, subject.target),
  ]);
  return { readiness, stores };
}

/** People who undo a run must know what of it stays. */
function withNotUndone(
  state: AppState,
  evidence: Evidence,
  { runbook }: RunSubject,
  rollbackOf: string | undefined,
  { actions }: Registry,
): Evidence {
  if (rollbackOf === undefined) return evidence;
  const stays = notUndone(findRun(state, rollbackOf), runbook.steps, actions);
  return { ...evidence, warnings: [...evidence.warnings, ...stays] };
}

function ensureSomethingLeft(runId: string, readiness: StepReadiness[]): void {
  if (readiness.some(({ state }) => state !== "already-so")) return;
  throw new AppError({
    code: "nothing-to-roll-back",
    summary: `Everything that ${runId} changed is as it was before it.`,
    hint: `"rollback ${runId} --dry-run" shows each step.`,
  });
}

function readinessOptions({ registry, clock, requestTimeoutMs }: ProposeOptions) {
  return { actions: registry.actions, requestTimeoutMs, clock };
}

/** A failover that a person asks for opens an incident when there is none to put it under. */
function incidentFor(
  state: AppState,
  { plan, runbook, source, target }: RunSubject,
  request: ProposeRequest,
  caller: Pick<Caller, "principal">,
  now: number,
): Extract<NewDomainEvent, { kind: "incident.opened" }> | undefined {
  if (runbook.kind !== "failover" || state.openIncidentId !== undefined || request.rehearsal) return undefined;
  const incidentId = `inc-${state.counts.incidents + 1}`;
  return {
    key: `incident/${incidentId}/opened`,
    kind: "incident.opened",
    actor: caller.principal,
    data: {
      incidentId,
      title: `Failover of ${plan.application} from ${source} to ${target} asked for`,
      region: source,
      severity: "sev2",
      openedBy: "person",
      startedAt: new Date(now).toISOString(),
    },
  };
}
