import type { DomainEvent } from "../../../src/events.ts";
import { rolesOf } from "../persons.ts";
import { isDone, type Recorded, type RunRecord } from "./record.ts";

/** Promise 3: nobody approves what they did not see, and nothing that needs a yes goes without. */
export function approvalViolation(before: Recorded, event: DomainEvent): string | undefined {
  switch (event.kind) {
    case "run.started": {
      const run = before.runs.get(event.data.runId);
      // Where nobody was asked, what a promotion loses is decided at its intent and not before.
      const left = run?.approvalId === undefined ? leftClass : leftEnvelope;
      return run && (missingYes(before, run) ?? left(before, run));
    }
    case "approval.decided":
      return forbiddenVoice(before, event);
    case "approval.requested":
      return wrongQuestion(before, event);
    default:
      return undefined;
  }
}

/** Why the yes in force does not carry this run; undefined when it does, or none is needed. */
export function missingYes(before: Recorded, run: RunRecord): string | undefined {
  const { policy } = run.runbook;
  if (policy.approval === "automatic" && run.approvalId === undefined) return undefined;
  const approval = before.approvals.get(run.approvalId ?? "");
  if (!approval) return `${run.runId} was never asked about`;
  const id = approval.asked.approvalId;
  if (approval.no) return `${id} was denied`;
  if (approval.over) return `${id} was voided or has expired`;
  const voices = approval.yes.filter(
    ({ principal, accepted, at }) =>
      rolesOf(principal).some((role) => policy.roles.includes(role)) &&
      !(policy.excludeRequester && principal === run.requester) &&
      at < approval.asked.expiresAt &&
      approval.asked.mustAccept.every((one) => accepted.includes(one.id)),
  );
  const persons = new Set(voices.map(({ principal }) => principal));
  const quorum = Math.max(policy.quorum, approval.asked.quorum);
  if (persons.size >= quorum) return undefined;
  return `${id} has ${persons.size} good voices of ${quorum}`;
}

/** In what the present has left what was approved; undefined when it has not. */
export function leftEnvelope(before: Recorded, run: RunRecord): string | undefined {
  return leftClass(before, run) ?? lostTooMuch(before, run);
}

/** More than was approved or, where nobody was asked, than the budget. What this run has promoted is past that. */
function lostTooMuch(before: Recorded, run: RunRecord): string | undefined {
  const approved = before.approvals.get(run.approvalId ?? "")?.asked.envelope.lossCeilingSeconds;
  for (const step of run.steps.values()) {
    const store = (step.planned.with as { store?: string } | undefined)?.store;
    if (!step.planned.uses.includes(".promotion-") || store === undefined || isDone(step)) continue;
    const ceiling = approved ? approved[store] : run.plan.stores[store]?.lossBudgetSeconds;
    const known = before.losses.get(`${store}/${run.target}`);
    const seconds = known?.source === run.source ? known.seconds : Number.POSITIVE_INFINITY;
    if (ceiling === null || seconds <= (ceiling ?? 0)) continue;
    return `${store} would lose ${seconds} s, and ${ceiling} s were allowed`;
  }
  return undefined;
}

/** In what kind of thing the present has left what was approved. */
export function leftClass(before: Recorded, run: RunRecord): string | undefined {
  const envelope = before.approvals.get(run.approvalId ?? "")?.asked.envelope;
  if (!envelope) return undefined;
  if (envelope.planDigest !== run.plan.digest) return "the approved plan is another one";
  if (envelope.source !== run.source || envelope.target !== run.target) return "the approved regions are others";
  for (const [code, seen] of Object.entries(envelope.verdicts)) {
    const now = classOf(before, code);
    if (now !== seen) return `${code} was ${seen} when it was approved and is ${now}`;
  }
  return undefined;
}

export function classOf(before: Recorded, code: string): "up" | "down" | "unknown" {
  const verdict = before.regions.get(code)?.verdict;
  if (verdict === "healthy" || verdict === "degraded") return "up";
  return verdict === "down" ? "down" : "unknown";
}

function forbiddenVoice(
  before: Recorded,
  { data, actor, at }: Extract<DomainEvent, { kind: "approval.decided" }>,
): string | undefined {
  const approval = before.approvals.get(data.approvalId);
  const run = before.runs.get(data.runId);
  if (!approval || !run) return `a voice about ${data.approvalId}, which nobody asked about`;
  if (run.ended) return `a voice about ${run.runId}, which has ended`;
  if (approval.over || approval.no) return `a voice about ${data.approvalId}, which is closed`;
  if (at >= approval.asked.expiresAt) return `a voice about ${data.approvalId} after its time`;
  if (!rolesOf(actor).some((role) => approval.asked.roles.includes(role))) return `${actor} may not decide`;
  if (approval.asked.excludeRequester && actor === run.requester) return `${actor} decided on their own request`;
  if (approval.yes.some(({ principal }) => principal === actor)) return `${actor} counts twice`;
  return undefined;
}

/** The ceiling that people are asked about must hold what is known, and what is over budget must be named. */
function wrongQuestion(
  before: Recorded,
  { data }: Extract<DomainEvent, { kind: "approval.requested" }>,
): string | undefined {
  const { envelope, mustAccept, runId, quorum, excludeRequester } = data;
  const run = before.runs.get(runId);
  const plan = run?.plan;
  const alone = quorum === 1 && (!excludeRequester || run?.requester.startsWith("system:"));
  if (run && alone && mustAccept.some(({ id }) => id.startsWith("loss:"))) return "one person may give up data alone";
  for (const [store, ceiling] of Object.entries(envelope.lossCeilingSeconds)) {
    const known = before.losses.get(`${store}/${envelope.target}`);
    const budget = plan?.stores[store]?.lossBudgetSeconds ?? 0;
    const seconds = known?.source === envelope.source ? known.seconds : Number.POSITIVE_INFINITY;
    const named = mustAccept.some(({ id }) => id === `loss:${store}`);
    if (plan && seconds > budget && !named) return `a loss of ${seconds} s of ${store} is not named to approvers`;
    if (ceiling === null ? Number.isFinite(seconds) : ceiling > Math.max(budget, Math.ceil(seconds * 1.2)))
      return `the ceiling of ${store} is ${ceiling} s, the loss is ${seconds} s`;
  }
  return undefined;
}
