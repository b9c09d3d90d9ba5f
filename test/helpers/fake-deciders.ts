import type { Core } from "../../src/core.ts";
import type { FakeCore } from "./core.ts";
import { deciding, dryRun, findRun, halted, inFlight, proposeIn, refuse, refused } from "./fake-decisions.ts";

type Deciders = Pick<Core, "runs" | "approvals" | "locks" | "incidents">;
/** The rest of the core: what keeps and tells the facts. */
export type Keeper = Omit<FakeCore, keyof Deciders>;

/** What people decide, in a core whose journal is in memory: each appends its fact, or refuses as the real one does. */
export function createFakeDeciders(core: Keeper, iso: (ms?: number) => string): Deciders {
  const state = () => core.current();
  return {
    runs: {
      propose: async (runbook, request, caller) => {
        const refusal = refuse(state(), runbook, request.target);
        if (refusal) throw refusal;
        const { runId, approvalId } = proposeIn(core, state(), runbook, request, caller, iso);
        return { run: state().runs[runId]!, approval: state().approvals[approvalId]! };
      },
      dryRun: async (runbook, { target }) => dryRun(core, state(), runbook, target),
      retry: async (runId, stepId, caller) => {
        halted(state(), runId, stepId);
        core.emit("step.retried", { runId, stepId }, caller.principal);
        return state().runs[runId]!;
      },
      skip: async (runId, stepId, reason, caller) => {
        halted(state(), runId, stepId);
        core.emit("step.skipped", { runId, stepId, reason }, caller.principal);
        return state().runs[runId]!;
      },
      pause: async (runId, reason, caller) => {
        const { paused } = inFlight(state(), runId);
        if (paused) throw refused("wrong-state", `${runId} is paused already.`);
        core.emit("run.paused", { runId, reason }, caller.principal);
        return state().runs[runId]!;
      },
      resume: async (runId, caller) => {
        if (!inFlight(state(), runId).paused) throw refused("wrong-state", `${runId} is not paused.`);
        core.emit("run.resumed", { runId }, caller.principal);
        return state().runs[runId]!;
      },
      rollback: async (runId) => {
        throw refused("nothing-to-roll-back", `${findRun(state(), runId).runId} changed nothing.`);
      },
      dryRunRollback: async (runId) => {
        throw refused("nothing-to-roll-back", `${findRun(state(), runId).runId} changed nothing.`);
      },
      abort: async (runId, reason, caller) => {
        inFlight(state(), runId);
        core.emit("run.aborted", { runId, reason }, caller.principal);
        return state().runs[runId]!;
      },
      why: async (runId) => {
        const run = findRun(state(), runId);
        const approval = run.approvalId ? state().approvals[run.approvalId] : undefined;
        const asked = approval?.phase === "pending";
        const wait = {
          runId,
          because: `${run.approvalId} waits for people`,
          ...(approval && { until: approval.expiresAt }),
        };
        return { run, waiting: asked ? [wait] : [] };
      },
    },
    approvals: {
      approve: async (approvalId, accepted, caller) => {
        const approval = deciding(state(), approvalId, caller);
        const missing = approval.mustAccept.find(({ id }) => !accepted.includes(id));
        if (missing) throw refused("acceptance-missing", `${missing.id} must be accepted by name.`);
        const { runId } = approval;
        core.emit("approval.decided", { approvalId, runId, decision: "approve", accepted }, caller.principal);
        if (state().approvals[approvalId]!.phase === "granted") core.emit("run.started", { runId });
        return { approval: state().approvals[approvalId]!, run: state().runs[runId]! };
      },
      deny: async (approvalId, reason, caller) => {
        const { runId } = deciding(state(), approvalId, caller);
        core.emit("approval.decided", { approvalId, runId, decision: "deny", reason, accepted: [] }, caller.principal);
        core.emit("run.cancelled", { runId, reason: `denied by ${caller.principal}: ${reason}` });
        return { approval: state().approvals[approvalId]!, run: state().runs[runId]! };
      },
      pending: async () => Object.values(state().approvals).filter(({ phase }) => phase === "pending"),
    },
    locks: {
      lock: async ({ reason, forMs }, caller) => {
        const { lock, counts } = state();
        if (lock) throw refused("locked", `The application is locked by ${lock.by} already.`);
        const until = forMs === undefined ? {} : { until: iso(core.now() + forMs) };
        core.emit("lock.set", { lockId: `lock-${counts.locks + 1}`, reason, ...until }, caller.principal);
        return state();
      },
      unlock: async (reason, caller) => {
        const lifted = state().lock;
        if (!lifted) throw refused("wrong-state", "The application is not locked.");
        core.emit("lock.lifted", { lockId: lifted.lockId, ...(reason && { reason }) }, caller.principal);
        return { lifted, state: state() };
      },
    },
    incidents: {
      note: async (text, caller) => {
        const { counts, openIncidentId: incidentId } = state();
        const noteId = `note-${counts.notes + 1}`;
        const open = incidentId ? { incidentId } : {};
        core.emit("note.added", { noteId, text, ...open }, caller.principal);
        return { noteId, ...open };
      },
      resolve: async (reason, caller) => {
        const incidentId = state().openIncidentId;
        if (!incidentId) throw refused("unknown-incident", "No incident is open.");
        core.emit("incident.resolved", { incidentId, reason }, caller.principal);
        return state().incidents[incidentId]!;
      },
    },
  };
}
