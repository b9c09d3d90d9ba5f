import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EventOf } from "../../src/events/describe.ts";
import type { EventKind } from "../../src/events.ts";
import type { TestModel } from "./model.ts";
import { approver1, approver2, operator, startMuster, type TestMuster } from "./muster.ts";
import { makePlan, makeStep } from "./plan.ts";
import { createSwitchboard } from "./switchboard.ts";

/** An incident that a person opened, with runs of one step each, and the worker that writes about it. */
export interface SmallIncident {
  muster: TestMuster;
  /** Proposed, approved by two, completed. */
  run(runbook: "failover" | "failback"): Promise<void>;
  note(text: string): Promise<unknown>;
  ofKind<K extends EventKind>(kind: K): Promise<EventOf<K>[]>;
  /** Until so many versions of the documents are written. */
  isWritten(versions?: number): Promise<unknown>;
  path(name: string): string;
  document(name: string): string;
}

export async function beginIncident(assistant?: TestModel["assistant"]): Promise<SmallIncident> {
  const plan = makePlan({
    failover: { steps: [makeStep("a")] },
    failback: { kind: "custom", steps: [makeStep("b")] },
  });
  const muster = startMuster(plan, createSwitchboard(), undefined, assistant ? { assistant } : {});
  muster.start("executor", "reporter");
  await muster.verdict("west", "healthy");
  await muster.say({
    key: "incident/inc-1/opened",
    kind: "incident.opened",
    actor: "operator",
    data: {
      incidentId: "inc-1",
      title: "east is slow",
      severity: "sev2",
      region: "east",
      openedBy: "person",
      startedAt: new Date().toISOString(),
    },
  });
  const path = (name: string) => join(muster.directory, "reports", "inc-1", name);
  return {
    muster,
    async run(runbook) {
      const { run, approval } = await muster.core.runs.propose(runbook, { target: "west", reason: "a test" }, operator);
      const accepted = approval?.mustAccept.map(({ id }) => id) ?? [];
      await muster.core.approvals.approve(approval?.approvalId ?? "", accepted, approver1);
      await muster.core.approvals.approve(approval?.approvalId ?? "", accepted, approver2);
      await muster.until(({ runs }) => runs[run.runId]?.phase === "completed");
    },
    note: (text) => muster.core.incidents.note(text, operator),
    async ofKind<K extends EventKind>(kind: K) {
      const events = await muster.journal.read({ after: 0, limit: 1_000 });
      return events.filter((event): event is EventOf<K> => event.kind === kind);
    },
    isWritten: (versions = 1) => muster.until(({ incidents }) => (incidents["inc-1"]?.reports.length ?? 0) >= versions),
    path,
    document: (name) => readFileSync(path(name), "utf8"),
  };
}
