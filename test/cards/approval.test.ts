import { describe, expect, it } from "vitest";
import { approvalCard } from "../../src/cards/approval.ts";
import { approvalView, nowIso } from "../../src/commands/run-view.ts";
import type { FakeCore } from "../helpers/core.ts";
import { person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

const AT = "2026-05-04T02:14:07.000Z";

describe("the approval card", () => {
  const cardFor = async (core: FakeCore, principal?: string) => {
    const state = core.current();
    const view = approvalView(state, Object.values(state.approvals)[0]!, nowIso(core))!;
    return approvalCard(view, principal === undefined ? undefined : person(principal));
  };

  it("says on the button what is accepted by pressing it, and sends it by name", async () => {
    const [approve, deny] = (await cardFor(await scenes.pending(), "approver-2")).buttons ?? [];
    expect(approve).toMatchObject({
      label: "Approve and accept fence:fence-source",
      style: "danger",
      input: { id: "approval-1", accept: ["fence:fence-source"] },
    });
    expect(approve?.confirm).toContain("eu-central takes over from us-east-1");
    expect(approve?.confirm).toContain("sessions may lose at most 1.2 s of writes");
    expect(approve?.confirm).toContain("nobody can verify");
    expect(deny?.ask?.field).toBe("reason");
  });

  it("gives no buttons to who asked, who has decided, who has no say, and to nobody once it is closed", async () => {
    const core = await scenes.pending();
    for (const [principal, words] of [
      ["operator", /others must decide/],
      ["approver-1", /You have decided/],
      ["observer", /needs the role/],
    ] as const) {
      const card = await cardFor(core, principal);
      expect(card.buttons, principal).toEqual([]);
      expect(card.text?.join(" ")).toMatch(words);
    }
    expect((await cardFor(await scenes.running(), "commander")).buttons).toEqual([]);
  });

  it("shows all buttons where everybody looks at the same card", async () => {
    expect((await cardFor(await scenes.pending())).buttons).toHaveLength(2);
  });

  it("calls an unbounded loss what it is", async () => {
    const core = await scenes.detected();
    core.evidence.losses[0] = {
      store: "sessions",
      loss: { kind: "unknown", reason: "never seen", at: AT },
      budgetSeconds: 5,
      withinBudget: false,
    };
    await core.runs.propose("failover", { target: "eu-central" }, person("operator"));
    const card = await cardFor(core, "approver-1");
    expect(JSON.stringify(card.facts)).toContain("OVER the budget");
    expect(card.buttons?.[0]?.confirm).toContain("sessions may lose an unknown amount of writes");
  });
});

describe("a question that has stood for a while", () => {
  const factsOf = (core: FakeCore, id: string) => {
    const state = core.current();
    const { facts = [] } = approvalCard(approvalView(state, state.approvals[id]!, nowIso(core))!);
    return Object.fromEntries(facts.map(({ label, value }) => [label, value]));
  };

  it("shows beside what it was asked with what has been seen since", async () => {
    const core = await scenes.pending();
    core.advance(60_000);
    const asked = factsOf(core, "approval-1");
    expect(asked["Readiness now"]).toBeUndefined();
    const at = nowIso(core);
    const where = { source: "us-east-1", target: "eu-central" };
    const loss = { kind: "bounded", bytes: 12_400, seconds: 6.1, headAt: at, at } as const;
    core.emit("replication.sampled", { store: "sessions", ...where, loss, withinBudget: false });
    core.emit("readiness.changed", { runbook: "failover", ...where, from: "ready", to: "blocked", steps: [] });
    const now = factsOf(core, "approval-1");
    expect(now["Loss in sessions"]).toBe(asked["Loss in sessions"]);
    expect(now["Loss in sessions now"]).toMatch(/^at most 6\.1 s .*OVER the budget of 5 s; seen at .*\(0 s ago\)$/);
    expect(now["Readiness now"]).toMatch(/^blocked since /);
  });

  it("says once what is still so, and when that was seen", async () => {
    const core = await scenes.pending();
    core.advance(60_000);
    const asked = factsOf(core, "approval-1")["Loss in sessions"];
    const evidence = core.current().runs["run-1"]!.evidence.losses.find(({ store }) => store === "sessions")!;
    const loss = { ...evidence.loss, at: nowIso(core) };
    const where = { store: "sessions", source: "us-east-1", target: "eu-central" };
    core.emit("replication.sampled", { ...where, loss, withinBudget: evidence.withinBudget });
    const now = factsOf(core, "approval-1");
    expect(now["Loss in sessions now"]).toBeUndefined();
    expect(now["Loss in sessions"]).toMatch(/; seen at .*\(0 s ago\)$/);
    expect(now["Loss in sessions"]?.split("; seen at")[0]).toBe(asked?.split("; seen at")[0]);
  });

  it("keeps who asked apart from when it was asked anew, and leads to the one that stands", async () => {
    const core = await scenes.voided();
    expect(factsOf(core, "approval-2")["Asked for by"]).toMatch(/^operator at \S+ UTC; asked anew at \S+ UTC$/);
    const { runId, roles, quorum, excludeRequester, mustAccept, expiresAt, envelope } =
      core.current().approvals["approval-2"]!;
    core.emit("approval.voided", { approvalId: "approval-2", runId, changes: [] });
    const again = { runId, roles, quorum, excludeRequester, mustAccept, expiresAt, envelope };
    core.emit("approval.requested", { approvalId: "approval-3", replaces: "approval-2", ...again });
    const state = core.current();
    expect(approvalView(state, state.approvals["approval-1"]!, nowIso(core))?.replacedBy).toBe("approval-3");
  });
});
