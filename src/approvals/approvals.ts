import type { Caller } from "../core.ts";
import { AppError } from "../errors.ts";
import type { NewDomainEvent } from "../events.ts";
import type { Journal } from "../journal/journal.ts";
import { own } from "../own.ts";
import type { Clock } from "../ports.ts";
import { isInFlight } from "../runs/views.ts";
import type { ApprovalState, AppState, RunState } from "../state.ts";
import { successorOf } from "./successor-view.ts";

/** People's yes and no. Authorised first, then appended under a key that makes one person count once. */
export function createApprovals({ journal, clock }: { journal: Journal; clock: Clock }) {
  async function write(
    approvalId: string,
    caller: Caller,
    decision: "approve" | "deny",
    more: { reason?: string; accepted: string[] },
  ) {
    const { state } = await journal.commit((fresh) => {
      const approval = findPending(fresh, approvalId, clock.now());
      authorise(fresh, approval, caller);
      const before = approval.decisions.find(({ principal }) => principal === caller.principal);
      // A double click, too: the first answer stands, and this one says so.
      if (before) throw alreadyDecided(approval, before.decision);
      if (decision === "approve") ensureAccepted(approval, more.accepted);
      const event: NewDomainEvent = {
        key: `approval/${approvalId}/${caller.principal}`,
        kind: "approval.decided",
        actor: caller.principal,
        data: { approvalId, runId: approval.runId, decision, ...more },
      };
      return [event];
    });
    return { approval: state.approvals[approvalId] as ApprovalState, run: runOf(state, approvalId) };
  }

  return {
    approve: (approvalId: string, accepted: string[], caller: Caller) =>
      write(approvalId, caller, "approve", { accepted }),
    deny: (approvalId: string, reason: string, caller: Caller) =>
      write(approvalId, caller, "deny", { reason, accepted: [] }),
    async pending(): Promise<ApprovalState[]> {
      const state = await journal.load();
      return Object.values(state.approvals).filter(({ phase }) => phase === "pending");
    },
  };
}

function runOf(state: AppState, approvalId: string): RunState {
  return state.runs[own(state.approvals, approvalId)?.runId ?? ""] as RunState;
}

function findPending(state: AppState, approvalId: string, now: number): ApprovalState {
  const approval = own(state.approvals, approvalId);
  const pending = Object.values(state.approvals).filter(({ phase }) => phase === "pending");
  const open =
    pending.length > 0 ? `Pending: ${pending.map((one) => one.approvalId).join(", ")}.` : "Nothing is pending.";
  if (!approval)
    throw new AppError({ code: "unknown-approval", summary: `There is no approval "${approvalId}".`, hint: open });
  const run = runOf(state, approvalId);
  const expired = now >= Date.parse(approval.expiresAt);
  if (approval.phase === "pending" && !expired && isInFlight(run)) return approval;
  const successor = successorOf(state, approvalId);
  const why = approval.phase === "pending" ? "expired" : approval.phase;
  throw new AppError({
    code: "approval-closed",
    summary: `${approvalId} is ${why}; no decision was recorded.`,
    hint: successor ? `It was replaced by ${successor.approvalId} because the facts changed: look at that one.` : open,
  });
}

function authorise(state: AppState, approval: ApprovalState, caller: Caller): void {
  if (!approval.roles.some((role) => (caller.roles as string[]).includes(role))) {
    throw new AppError({
      code: "not-allowed",
      summary: `${caller.principal} may not decide on ${approval.approvalId}.`,
      hint: `It needs the role ${approval.roles.join(" or ")}.`,
    });
  }
  const requester = runOf(state, approval.approvalId).requester;
  if (approval.excludeRequester && requester === caller.principal) {
    throw new AppError({
      code: "requester-excluded",
      summary: `${caller.principal} asked for this run and may not decide on it.`,
      hint: `Another ${approval.roles.join(" or ")} must.`,
    });
  }
}

function ensureAccepted(approval: ApprovalState, accepted: string[]): void {
  const known = approval.mustAccept.map(({ id }) => id);
  const stray = accepted.find((id) => !known.includes(id));
  if (stray !== undefined) {
    const hint = known.length > 0 ? `To accept: ${known.join(", ")}.` : "Nothing needs to be accepted.";
    throw new AppError({
      code: "bad-input",
      summary: `"${stray}" is not among what ${approval.approvalId} asks to accept.`,
      hint,
    });
  }
  const missing = approval.mustAccept.filter(({ id }) => !accepted.includes(id));
  if (missing.length === 0) return;
  throw new AppError({
    code: "acceptance-missing",
    summary: `${approval.approvalId} includes a risk that must be accepted by name. ${missing.map(({ text }) => text).join(" ")}`,
    hint: `If you accept it: approve ${approval.approvalId} ${missing.map(({ id }) => `--accept ${id}`).join(" ")}`,
  });
}

function alreadyDecided(approval: ApprovalState, decision: "approve" | "deny"): AppError {
  const said = decision === "approve" ? "approved" : "denied";
  return new AppError({
    code: "already-decided",
    summary: `You have ${said} ${approval.approvalId} already; that stands, and counts once.`,
    hint: `Another person must decide too: see "why ${approval.runId}". If it was a mistake, abort ${approval.runId}.`,
  });
}
