import type { AuditResult } from "../core.ts";
import { describeEvent } from "../events/describe.ts";
import type { DomainEvent } from "../events.ts";
import { actorName, count, elapsed, instant } from "../format.ts";
import { runTitle, stepsDone } from "../runs/summary-view.ts";
import type { RunState } from "../state.ts";
import type { ApprovalView } from "./approval.ts";
import type { Card } from "./card.ts";

export function pendingCard(views: ApprovalView[], at: string): Card {
  const title = views.length === 0 ? "Nothing waits for a decision" : `${count(views.length, "approval")} pending`;
  const rows = views.map(({ approval, run }) => {
    const yes = approval.decisions.filter(({ decision }) => decision === "approve").map(({ principal }) => principal);
    const accept = approval.mustAccept.map(({ id }) => id).join(", ") || "–";
    const expiry = `${instant(approval.expiresAt, at)} (in ${elapsed(at, approval.expiresAt)})`;
    return [
      approval.approvalId,
      `${runTitle(run)} (${run.runId})`,
      actorName(run.requester),
      `${yes.length} of ${approval.quorum}${yes.length > 0 ? `: ${yes.join(", ")}` : ""}`,
      accept,
      expiry,
    ];
  });
  return {
    title,
    status: views.length === 0 ? "ok" : "waiting",
    table: { columns: ["Approval", "For", "Asked by", "Approved", "To accept", "Expires"], rows },
    context: [`as of ${instant(at)}`],
    fallback: title,
  };
}

export function runsCard(runs: RunState[], at: string): Card {
  const title = runs.length === 0 ? "No runs yet" : `The latest ${count(runs.length, "run")}`;
  const rows = runs.map((run) => [
    run.runId,
    runTitle(run),
    run.phase,
    `${stepsDone(run)} of ${run.steps.length}`,
    instant(run.proposedAt, at),
    run.startedAt ? elapsed(run.startedAt, run.endedAt ?? at) : "–",
    actorName(run.requester),
  ]);
  const columns = ["Run", "What", "Phase", "Steps", "Proposed", "Took", "Asked by"];
  return { title, status: "info", table: { columns, rows }, context: [`as of ${instant(at)}`], fallback: title };
}

export function journalCard(events: DomainEvent[]): Card {
  const title = events.length === 0 ? "No events match" : count(events.length, "event");
  const last = events.at(-1);
  return {
    title,
    status: "info",
    table: {
      columns: ["Seq", "Time", "Kind", "Actor", "What"],
      rows: events.map((event) => [
        String(event.seq),
        instant(event.at, last?.at),
        event.kind,
        actorName(event.actor),
        describeEvent(event),
      ]),
    },
    ...(last && { context: [`hash of ${last.seq}: ${last.hash}`] }),
    fallback: title,
  };
}

export function auditCard({ ok, events, head, firstBad }: AuditResult): Card {
  const title = ok
    ? `The journal holds: ${count(events, "event")} verified`
    : `The journal is BROKEN at event ${firstBad?.seq ?? "?"}`;
  return {
    title,
    status: ok ? "ok" : "danger",
    facts: [
      { label: "Events", value: String(events) },
      { label: "Head", value: `${head.seq}: ${head.hash}` },
      ...(firstBad ? [{ label: "First bad event", value: `${firstBad.seq}: ${firstBad.reason}` }] : []),
    ],
    ...(!ok && {
      text: [
        "Stop relying on this journal; keep a copy of the file and compare the head with the one posted at the last report.",
      ],
    }),
    fallback: title,
  };
}
