import type { Verdict } from "../detection/events.ts";
import type { DomainEvent } from "../events.ts";
import { actorName, duration, percent, plural, utc } from "./format.ts";
import { lossAlone } from "./loss.ts";

export interface Line {
  tone: "ok" | "info" | "warning" | "danger" | "muted";
  text: string;
}

/** One event in one sentence, for timelines, the channel and the journal. Every known kind has its sentence. */
export function describeEvent(event: DomainEvent): Line {
  switch (event.kind) {
    case "incident.opened":
      return danger(`Incident ${event.data.incidentId} opened: ${event.data.title} (${event.data.severity})`);
    case "incident.resolved":
      return ok(`Incident ${event.data.incidentId} resolved: ${event.data.reason}`);
    case "note.added":
      return info(`Note by ${actorName(event.actor)}: ${event.data.text}`);
    case "command.refused":
      return muted(
        `Refused ${event.data.command} of ${actorName(event.actor)}: ${event.data.summary} (${event.data.code})`,
      );
    case "report.written":
      return info(
        `Documents of ${event.data.incidentId} written: ${event.data.documents.map(({ name }) => name).join(", ")}`,
      );
    case "plan.adopted":
      return info(`Plan of ${event.data.plan.application} adopted, ${event.data.plan.digest.slice(0, 12)}`);
    case "readiness.changed":
      return describeReadiness(event.data);
    default:
      return (
        describeDetection(event) ?? describeRun(event) ?? describeStep(event) ?? muted((event as DomainEvent).kind)
      );
  }
}

type Readiness = Extract<DomainEvent, { kind: "readiness.changed" }>["data"];

function describeReadiness({ runbook, source, target, from, to, steps }: Readiness): Line {
  const open = steps.filter(({ state }) => state === "blocked" || state === "unknown");
  const why = open.map(({ stepId, reason }) => `${stepId}${reason ? `: ${reason}` : ""}`).join("; ");
  const text = `Readiness of ${runbook} ${source} → ${target}: ${from} → ${to}${why ? ` (${why})` : ""}`;
  return { tone: to === "ready" ? "ok" : "warning", text };
}

function describeDetection(event: DomainEvent): Line | undefined {
  switch (event.kind) {
    case "verdict.changed": {
      const { region, from, to, since, evidence } = event.data;
      const seen = evidence
        .filter(({ ok: good }) => good === (to === "healthy"))
        .map(({ probe, detail }) => `${probe}: ${detail}`);
      const text = `${region} ${from} → ${to}, first seen at ${utc(since, event.at)}${seen.length > 0 ? ` (${seen.join(" · ")})` : ""}`;
      return { tone: verdictTone(from, to), text };
    }
    case "availability.changed": {
      const { service, available, firstGoodAt, lastGoodAt, precisionMs } = event.data;
      const good = available ? firstGoodAt : lastGoodAt;
      const when = good
        ? `, ${available ? "first" : "last"} good answer at ${utc(good, event.at)} ± ${duration(precisionMs)}`
        : "";
      const line = `${service} ${available ? "answers" : "no longer answers"} clients${when}`;
      return available ? ok(line) : danger(line);
    }
    case "quarantine.started":
      return warning(`${event.data.region} is quarantined (${event.data.runId}): ${event.data.reason}`);
    case "quarantine.lifted":
      return ok(`${event.data.region} left quarantine: ${event.data.reason}`);
    case "replication.sampled":
      return muted(
        `${event.data.store} ${event.data.source} → ${event.data.target}: ${lossAlone(event.data.loss, event.at)}`,
      );
    case "traffic.changed": {
      const shares = Object.entries(event.data.shares).map(([region, share]) => `${region} ${percent(share)}`);
      return info(`Traffic: ${shares.join(", ")}`);
    }
    default:
      return undefined;
  }
}

function verdictTone(from: Verdict, to: Verdict): Line["tone"] {
  if (to === "healthy") return from === "unknown" ? "muted" : "ok";
  return to === "down" ? "danger" : "warning";
}

function describeRun(event: DomainEvent): Line | undefined {
  switch (event.kind) {
    case "run.proposed": {
      const { runId, runbook, source, target, reason, rehearsal } = event.data;
      return warning(
        `${rehearsal ? "DRILL · " : ""}${runId} proposed by ${actorName(event.actor)}: ${runbook} ${source} → ${target}. ${reason}`.trim(),
      );
    }
    case "run.started":
      return info(`${event.data.runId} started`);
    case "run.completed":
      return ok(`${event.data.runId} completed`);
    case "run.aborted":
      return warning(`${event.data.runId} aborted by ${actorName(event.actor)}: ${event.data.reason}`);
    case "run.cancelled":
      return muted(`${event.data.runId} cancelled: ${event.data.reason}`);
    case "approval.requested": {
      const { approvalId, quorum, roles, expiresAt, mustAccept } = event.data;
      const accept =
        mustAccept.length > 0 ? `; to be accepted by name: ${mustAccept.map(({ id }) => id).join(", ")}` : "";
      return warning(
        `${approvalId}: ${plural(quorum, "approval")} asked of ${roles.join(" or ")} until ${utc(expiresAt, event.at)}${accept}`,
      );
    }
    case "approval.decided": {
      const { approvalId, decision, reason, accepted } = event.data;
      const more = accepted.length > 0 ? `, accepting ${accepted.join(" and ")}` : "";
      const text = `${actorName(event.actor)} ${decision === "approve" ? "approved" : "denied"} ${approvalId}${more}${reason ? `: ${reason}` : ""}`;
      return { tone: decision === "approve" ? "ok" : "warning", text };
    }
    case "approval.voided": {
      const changes = event.data.changes.map(({ what, old, new: now }) => `${what}: ${old} → ${now}`);
      return warning(`${event.data.approvalId} no longer holds (${changes.join("; ")})`);
    }
    case "approval.expired":
      return muted(`${event.data.approvalId} expired`);
    default:
      return undefined;
  }
}

function describeStep(event: DomainEvent): Line | undefined {
  switch (event.kind) {
    case "step.started":
      return muted(`${where(event.data)} started${attempt(event.data)}`);
    case "step.assessed":
      return muted(
        `${where(event.data)} assessed: ${event.data.state}${event.data.reason ? ` (${event.data.reason})` : ""}`,
      );
    case "step.intended":
      return muted(`${where(event.data)} is about to apply ${event.data.action}`);
    case "step.applied":
      return info(`${where(event.data)} applied${event.data.note ? `: ${event.data.note}` : ""}`);
    case "step.verified":
      return ok(`${where(event.data)} ${event.data.alreadySo ? "was so already" : "verified"}`);
    case "step.accepted":
      return warning(`${where(event.data)} not verified, accepted as ${event.data.acceptance}: ${event.data.reason}`);
    case "step.failed": {
      const { error, retryAt } = event.data;
      const next = retryAt ? `again at ${utc(retryAt, event.at)}` : "waits for a person: retry, skip or abort";
      return {
        tone: retryAt ? "warning" : "danger",
        text: `${where(event.data)} failed${attempt(event.data)}: ${error.summary} (${next})`,
      };
    }
    case "step.retried":
      return info(`${where(event.data)} is tried again by ${actorName(event.actor)}`);
    case "step.skipped":
      return warning(`${where(event.data)} skipped by ${actorName(event.actor)}: ${event.data.reason}`);
    case "loss.assessed": {
      const { store, loss, ceilingSeconds, within } = event.data;
      const ceiling =
        ceilingSeconds === null ? "any loss was accepted" : `approved up to ${duration(ceilingSeconds * 1000)}`;
      return {
        tone: within ? "info" : "danger",
        text: `Before promoting ${store}: ${lossAlone(loss, event.at)}; ${ceiling}${within ? "" : ", EXCEEDED"}`,
      };
    }
    default:
      return undefined;
  }
}

const where = ({ runId, stepId }: { runId: string; stepId: string }) => `${runId} ${stepId}`;
const attempt = ({ attempt: number }: { attempt: number }) => (number > 1 ? ` (attempt ${number})` : "");
const ok = (text: string): Line => ({ tone: "ok", text });
const info = (text: string): Line => ({ tone: "info", text });
const warning = (text: string): Line => ({ tone: "warning", text });
const danger = (text: string): Line => ({ tone: "danger", text });
const muted = (text: string): Line => ({ tone: "muted", text });
