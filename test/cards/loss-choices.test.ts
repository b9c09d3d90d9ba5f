import { describe, expect, it } from "vitest";
import { approvalCard } from "../../src/cards/approval.ts";
import { runCard } from "../../src/cards/run.ts";
import { approvalView, nowIso } from "../../src/commands/run-view.ts";
import type { LossAssessment } from "../../src/detection/events.ts";
import { person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

/** A failover at its promotion, held because 7.2 s would be lost and 5 s were approved. */
async function held(more: Partial<LossAssessment> = {}) {
  const core = await scenes.running();
  const at = nowIso(core);
  const loss = { kind: "measured", bytes: 1_234, seconds: 7.2, at, ...more } as LossAssessment;
  const { envelope, roles, expiresAt } = core.current().approvals["approval-1"]!;
  const run = core.current().runs["run-1"]!;
  core.emit("approval.requested", {
    approvalId: "approval-2",
    runId: "run-1",
    roles,
    quorum: 2,
    excludeRequester: true,
    expiresAt,
    envelope: { ...envelope, lossCeilingSeconds: { sessions: 9 } },
    mustAccept: [{ id: "loss:sessions", text: 'Up to 7.2 s, 1,234 bytes of writes to "sessions" would be lost.' }],
    beside: "approval-1",
    changes: [{ what: "loss of sessions", old: "at most 5 s", new: "7.2 s, 1,234 bytes" }],
    evidence: { ...run.evidence, losses: [{ store: "sessions", loss, budgetSeconds: 5, withinBudget: false }] },
  });
  core.advance(3_000);
  const state = core.current();
  const approval = state.approvals["approval-2"]!;
  const view = { run: state.runs["run-1"]!, approval, waiting: [], at: nowIso(core) };
  return { view, question: approvalView(state, approval, nowIso(core))! };
}

describe("a run that is held because of what would be lost", () => {
  it("shows on both cards what may be done: wait, accept, abort", async () => {
    const { view, question } = await held();
    for (const card of [runCard(view), approvalCard(question)]) {
      const text = card.text?.join("\n") ?? "";
      expect(text).toContain("loss of sessions is 7.2 s, 1,234 bytes; allowed is at most 5 s");
      expect(text).toContain("goes on by itself as soon as it is back inside what approval-1 allows");
      expect(text).toContain("approve approval-2 --accept loss:sessions; it takes 2 different people");
      expect(text).toContain('abort run-1 --reason "…"');
      expect(card.buttons?.map(({ command }) => command)).toEqual(["approve", "deny", "abort"]);
    }
    expect(runCard(view).title).toContain("HELD");
  });

  it("shows per store the kind, seconds, bytes, budget, and how old the reading is", async () => {
    const { view, question } = await held();
    for (const card of [runCard(view), approvalCard(question)]) {
      const fact = card.facts?.find(({ label }) => label === "Loss in sessions")?.value;
      expect(fact).toMatch(/7\.2 s of writes, 1,234 bytes \(measured\), OVER the budget of 5 s; .* \(3 s ago\)$/);
    }
  });

  it("shows the latest look where there is one after what people were shown", async () => {
    const { view } = await held();
    const loss: LossAssessment = { kind: "measured", bytes: 99, seconds: 6, at: view.at };
    const stores = [{ store: "sessions", source: view.run.source, target: view.run.target, loss, withinBudget: false }];
    const fact = runCard({ ...view, stores }).facts?.find(({ label }) => label === "Loss in sessions")?.value;
    expect(fact).toContain("99 bytes");
  });

  it("does not promise that waiting helps where the primary does not answer, or nobody can tell", async () => {
    const bounded = await held({ kind: "bounded", headAt: "2026-05-04T02:13:00.000Z" });
    expect(runCard(bounded.view).text?.join("\n")).toContain("does not answer, so sessions cannot catch up");
    const unknown = await held({ kind: "unknown", reason: "no shared history" });
    expect(runCard(unknown.view).text?.join("\n")).toContain("nobody can tell whether it catches up");
  });

  it("gives its buttons to those who may press them", async () => {
    const { view } = await held();
    const verbs = (who: string) => runCard(view, person(who)).buttons?.map(({ command }) => command);
    expect(verbs("approver-1")).toEqual(["approve", "deny"]);
    expect(verbs("operator")).toEqual(["abort"]);
    expect(verbs("observer")).toEqual([]);
  });
});
