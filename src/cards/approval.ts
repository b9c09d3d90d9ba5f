import type { EnvelopeChange } from "../approvals/events.ts";
import type { Caller } from "../core.ts";
import { actorName, clause, count, duration, elapsed, instant, list } from "../format.ts";
import type { Evidence } from "../runs/events.ts";
import { runTitle } from "../runs/summary-view.ts";
import type { ApprovalState, ReadinessState, RunState } from "../state.ts";
import type { Card } from "./card.ts";
import { decisionButtons, evidenceShown, personalNote } from "./deciding.ts";
import { lossInWords } from "./loss.ts";
import { lossChoices } from "./loss-choices.ts";
import { overrideTexts } from "./override.ts";

export interface ApprovalView {
  approval: ApprovalState;
  run: RunState;
  /** The approval that took this one's place after its envelope was left. */
  replacedBy?: string;
  /** Of an approval that took another one's place: the facts that changed under that one. */
  left?: EnvelopeChange[];
  /** Of a pending one: what has been seen since the evidence, of the stores and where the readiness is another. */
  now?: { losses: Evidence["losses"]; readiness?: Pick<ReadinessState, "status" | "since"> };
  at: string;
}

/** Everything a person must have seen before saying yes; the buttons only while there is something to decide. */
export function approvalCard(view: ApprovalView, caller?: Caller): Card {
  const { approval, run, at } = view;
  if (approval.phase === "voided") return voidedCard(view);
  const title = approvalTitle(view);
  const open = approval.phase === "pending";
  const standing = open && caller ? personalNote(view, caller) : undefined;
  return {
    title,
    status: STATUS[approval.phase],
    facts: approvalFacts(view),
    text: [
      ...overrideTexts(run, at),
      ...askedAnew(view),
      ...lossChoices(run, approval, at),
      ...evidenceShown(approval, run).warnings,
      ...approval.mustAccept.map(
        ({ id, text }) => `${approval.phase === "granted" ? "Accepted" : "To be accepted"} by name (${id}): ${text}`,
      ),
      ...(standing ? [standing] : []),
    ],
    buttons: open && standing === undefined ? decisionButtons(view, runTitle(run), caller) : [],
    context: [approval.approvalId, run.runId, `plan ${approval.envelope.planDigest.slice(0, 12)}`, ...asOf(view)],
    fallback: `${title} (${approval.approvalId}, expires at ${instant(approval.expiresAt, at)})`,
  };
}

const STATUS: Record<ApprovalState["phase"], Card["status"]> = {
  pending: "waiting",
  granted: "ok",
  denied: "warning",
  voided: "warning",
  expired: "muted",
  closed: "muted",
};

function approvalTitle({ approval, run }: ApprovalView): string {
  const what = runTitle(run);
  const yes = approvals(approval).length;
  if (approval.phase === "pending") return `Approve? ${what} (${yes} of ${approval.quorum})`;
  return `${what}: approval ${approval.phase} (${yes} of ${approval.quorum})`;
}

/** Who is asked a second time is told first what is different. */
function askedAnew({ approval, left = [] }: ApprovalView): string[] {
  if (approval.replaces === undefined || left.length === 0) return [];
  const changes = left.map((one) => `${one.what}: ${one.old} → ${one.new}`).join("; ");
  return [`Asked anew in place of ${approval.replaces}, which no longer holds. What changed: ${changes}.`];
}

function approvals(approval: ApprovalState) {
  return approval.decisions.filter(({ decision }) => decision === "approve");
}

function approvalFacts(view: ApprovalView): { label: string; value: string }[] {
  const { approval, run, at } = view;
  const evidence = evidenceShown(approval, run);
  const { envelope } = approval;
  const verdicts = Object.entries(evidence.verdicts).map(([region, verdict]) => `${region} ${verdict}`);
  return [
    { label: "Asked for by", value: asker(view) },
    { label: "Reason", value: run.reason || "none given" },
    { label: "Seen", value: `${verdicts.join(" · ")} (at ${instant(evidence.at, at)})` },
    ...evidence.losses.flatMap((asked) => lossFacts(asked, view)),
    ...Object.entries(envelope.lossCeilingSeconds).map(([store, ceiling]) => ({
      label: `Approved loss in ${store}`,
      value:
        ceiling === null
          ? "any amount: it cannot be known"
          : `at most ${duration(ceiling * 1_000)} of writes; more asks again`,
    })),
    { label: "Readiness", value: readinessText(approval, run) },
    ...readinessNow(view),
    { label: "Expected", value: `about ${duration(evidence.expected.ms)} (${evidence.expected.basis})` },
    { label: "Who decides", value: rule(approval) },
    { label: "Decided", value: decisionsText(approval, at) },
    approval.phase === "pending"
      ? { label: "Expires", value: `${instant(approval.expiresAt, at)} (in ${elapsed(at, approval.expiresAt)})` }
      : { label: "Closed", value: `${approval.phase} at ${instant(approval.endedAt, at)}` },
  ];
}

type Loss = Evidence["losses"][number];

/**
 * What binds is what was asked about; who decides minutes later must not take it for what is true by then. While it
 * still is, it is said once, with the moment at which that was seen.
 */
function lossFacts(asked: Loss, { now, at }: ApprovalView): { label: string; value: string }[] {
  const label = `Loss in ${asked.store}`;
  const inWords = ({ loss, budgetSeconds, withinBudget }: Loss) => lossInWords(loss, budgetSeconds, withinBudget, at);
  const latest = now?.losses.find(({ store }) => store === asked.store);
  if (latest && isStillSo(asked, latest)) return [{ label, value: inWords(latest) }];
  return [{ label, value: inWords(asked) }, ...(latest ? [{ label: `${label} now`, value: inWords(latest) }] : [])];
}

function isStillSo(asked: Loss, latest: Loss): boolean {
  const said = ({ loss: { at: _, ...loss }, withinBudget }: Loss) => JSON.stringify([loss, withinBudget]);
  return said(asked) === said(latest);
}

function readinessNow({ now, at }: ApprovalView): { label: string; value: string }[] {
  if (!now?.readiness) return [];
  return [{ label: "Readiness now", value: `${now.readiness.status} since ${instant(now.readiness.since, at)}` }];
}

/** Who was asked a second time is told when; the person who wants it asked once. */
function asker({ approval: { requestedAt }, run, at }: ApprovalView): string {
  const first = instant(run.proposedAt, at);
  const again = instant(requestedAt, at);
  return `${actorName(run.requester)} at ${first}${again === first ? "" : `; asked anew at ${again}`}`;
}

function readinessText(approval: ApprovalState, run: RunState): string {
  const steps = evidenceShown(approval, run).readiness;
  const open = steps.filter(({ state }) => state === "blocked" || state === "unknown");
  const already = steps.filter(({ state }) => state === "already-so").length;
  const counted = `${approval.envelope.readiness}: ${count(steps.length, "step")}${already > 0 ? `, ${already} already so` : ""}`;
  return [
    counted,
    ...open.map(({ stepId, state, reason }) => `${stepId} ${state}${reason ? `: ${clause(reason)}` : ""}`),
  ].join("; ");
}

function rule({ quorum, roles, excludeRequester }: ApprovalState): string {
  const people = quorum === 1 ? "one person" : `${quorum} different people`;
  return `${people} with the role ${list(roles, "or")}${excludeRequester ? ", not the one who asked" : ""}`;
}

function decisionsText({ decisions }: ApprovalState, at: string): string {
  if (decisions.length === 0) return "nobody yet";
  const one = (entry: ApprovalState["decisions"][number]) => {
    const accepted = entry.accepted.length > 0 ? `, accepting ${list(entry.accepted)}` : "";
    const verb = entry.decision === "approve" ? "approved" : "denied";
    return `${entry.principal} ${verb} at ${instant(entry.at, at)}${accepted}${entry.reason ? `: ${entry.reason}` : ""}`;
  };
  return decisions.map(one).join("; ");
}

function voidedCard(view: ApprovalView): Card {
  const { approval, run, replacedBy, at } = view;
  const next = replacedBy ? `It is asked anew as ${replacedBy}.` : "It is asked anew.";
  const title = `${runTitle(run)}: ${approval.approvalId} no longer holds`;
  return {
    title,
    status: "warning",
    text: [
      `The situation left what was being approved at ${instant(approval.endedAt, at)}. ${next} Earlier decisions do not count.`,
    ],
    facts: [{ label: "Decided before", value: decisionsText(approval, at) }],
    table: {
      columns: ["What", "Was", "Is now"],
      rows: (approval.changes ?? []).map((one) => [one.what, one.old, one.new]),
    },
    context: [approval.approvalId, run.runId, ...asOf(view)],
    fallback: `${title}. ${next}`,
  };
}

function asOf({ at }: ApprovalView): string[] {
  return [`as of ${instant(at)}`];
}
