import { describe, expect, it } from "vitest";
import { approvalCard } from "../../src/cards/approval.ts";
import { describeEvent } from "../../src/cards/describe.ts";
import { bytes, duration, inWords, percent, seconds, utc } from "../../src/cards/format.ts";
import { lossInWords } from "../../src/cards/loss.ts";
import { errorCard } from "../../src/cards/plain.ts";
import { runCard } from "../../src/cards/run.ts";
import { overall } from "../../src/cards/status.ts";
import { statusView } from "../../src/cards/status-view.ts";
import { approvalView, nowIso } from "../../src/commands/run-view.ts";
import { type DomainEvent, eventSchemas } from "../../src/events.ts";
import type { FakeCore } from "../helpers/core.ts";
import { person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

const AT = "2026-05-04T02:14:07.000Z";

describe("times and amounts", () => {
  it("are absolute, in UTC, with seconds, and with the date on another day", () => {
    expect(utc("2026-05-04T02:14:07.900Z", AT)).toBe("02:14:07 UTC");
    expect(utc("2026-05-03T23:59:59.000Z", AT)).toBe("2026-05-03 23:59:59 UTC");
    expect(utc(undefined, AT)).toBe("unknown time");
  });

  it.each([
    [0, "0 s"],
    [450, "450 ms"],
    [1_234, "1.2 s"],
    [72_400, "1 m 12 s"],
    [3_723_000, "1 h 2 m 3 s"],
  ])("%d ms is %s", (ms, text) => expect(duration(ms)).toBe(text));

  it("never round something to nothing or to all", () => {
    expect(seconds(0.01)).toBe("under 0.1 s");
    expect(seconds(0)).toBe("0 s");
    expect(percent(0.0004)).toBe("under 0.1 %");
    expect(percent(0.9999)).toBe("over 99.9 %");
    expect([percent(0), percent(0.1), percent(1)]).toEqual(["0 %", "10 %", "100 %"]);
    expect([bytes(999), bytes(12_400), bytes(3_000_000)]).toEqual(["999 B", "12 kB", "3.0 MB"]);
  });
});

it("says what was seen in words, and cuts identities short", () => {
  const seen = {
    role: "primary",
    history: "2f39cb62b1bc3283da75014ad7c9a1d5958d6b6f",
    link: { up: true },
    records: [{ weight: 0 }, { weight: 100 }],
  };
  expect(inWords(seen)).toBe("role primary, history 2f39cb62…, link (up true), records (weight 0 + weight 100)");
  expect(inWords("x".repeat(500))).toHaveLength(160);
  expect(inWords(undefined)).toBe("");
});

describe("loss in plain words", () => {
  it("is measured, bounded or unknown, against the budget", () => {
    expect(lossInWords({ kind: "measured", bytes: 0, seconds: 0, at: AT }, 5, true, AT)).toBe(
      "measured at 02:14:07 UTC: nothing is missing; within the budget of 5 s",
    );
    expect(lossInWords({ kind: "bounded", bytes: 12_400, seconds: 7, headAt: AT, at: AT }, 5, false, AT)).toBe(
      "bounded at 02:14:07 UTC: at most 7 s of writes (12 kB not replicated when the primary last answered at 02:14:07 UTC); OVER the budget of 5 s",
    );
    expect(lossInWords({ kind: "unknown", reason: "the primary was never seen", at: AT }, 5, false, AT)).toBe(
      "unknown at 02:14:07 UTC: the primary was never seen; OVER the budget of 5 s",
    );
  });
});

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

describe("the run card", () => {
  it("offers retry, skip and abort when halted, each to whom it belongs", async () => {
    const core = await scenes.halted();
    const view = { run: core.current().runs["run-1"]!, waiting: [], at: nowIso(core) };
    const verbs = (principal: string) => runCard(view, person(principal)).buttons?.map(({ command }) => command);
    expect(verbs("commander")).toEqual(["retry", "skip", "abort"]);
    expect(verbs("operator")).toEqual(["retry", "abort"]);
    expect(verbs("observer")).toEqual([]);
    const skip = runCard(view, person("commander")).buttons?.[1];
    expect(skip).toMatchObject({ input: { run: "run-1", step: "promote-target" }, ask: { field: "reason" } });
  });

  it("shows elapsed time against the limit, or against the usual time where it is known", async () => {
    const core = await scenes.running();
    const run = structuredClone(core.current().runs["run-1"]!);
    const times = () => runCard({ run, waiting: [], at: nowIso(core) }).table?.rows.map((row) => row[2]);
    expect(times()?.[2]).toBe("3.2 s, limit 1 m");
    Object.assign(run.evidence.expected, { steps: { "fence-source": 2_000 } });
    expect(times()?.[2]).toBe("3.2 s of about 2 s");
  });

  it("says what a step waits for in its row, and what the run waits for above", async () => {
    const core = await scenes.running();
    const run = core.current().runs["run-1"]!;
    const waiting = [
      { runId: "run-1", stepId: "shift-traffic", because: "needs promote-target", until: AT },
      { runId: "run-1", because: "another instance has the lease" },
    ];
    const card = runCard({ run, waiting, at: nowIso(core) });
    expect(card.text).toEqual(["another instance has the lease"]);
    expect(card.table?.rows[4]?.[3]).toBe("needs promote-target (until 02:14:07 UTC)");
  });

  it("labels a drill first", async () => {
    const core = await scenes.running();
    const run = { ...core.current().runs["run-1"]!, rehearsal: true };
    expect(runCard({ run, waiting: [], at: nowIso(core) }).title).toMatch(/^DRILL · /);
  });
});

describe("the status in one sentence", () => {
  it.each([
    ["calm", "ok", "all well; served from us-east-1"],
    ["detected", "danger", "api is NOT available; served from us-east-1"],
    ["pending", "danger", "api is NOT available; 1 approval pending; served from us-east-1"],
    ["halted", "danger", "run-1 is halted and waits for a person; served from us-east-1"],
    ["completed", "warning", "not well: us-east-1; incident-1 is open; served from eu-central"],
  ] as const)("%s", async (scene, status, sentence) => {
    const core = await scenes[scene]();
    expect(overall(statusView(core.current(), core.plan, nowIso(core)))).toEqual({ status, sentence });
  });

  it("measures loss against the region that serves, and forgets the measures of another time", async () => {
    const core = await scenes.completed();
    const sample = (source: string, target: string) =>
      core.emit("replication.sampled", {
        store: "sessions",
        source,
        target,
        withinBudget: true,
        loss: { kind: "measured", bytes: 1, seconds: 1, at: AT },
      });
    sample("us-east-1", "ap-sg");
    sample("eu-central", "us-east-1");
    const { stores, unmeasured } = statusView(core.current(), core.plan, nowIso(core));
    expect(stores.map(({ target }) => target)).toEqual(["us-east-1"]);
    expect(unmeasured).toEqual([]);
  });

  it("does not keep quiet about a store of which no copy is measured", async () => {
    const core = await scenes.completed();
    expect(statusView(core.current(), core.plan, nowIso(core)).unmeasured).toEqual(["sessions"]);
  });
});

describe("events in sentences", () => {
  it("has a sentence of its own for every kind", async () => {
    const events = (await Promise.all([scenes.voided(), scenes.halted(), scenes.completed()])).flatMap(
      (core) => core.events,
    );
    const more: [string, object][] = [
      ["incident.resolved", { incidentId: "incident-1", reason: "over" }],
      ["plan.adopted", { plan: { application: "genai-api", digest: "5e1f" } }],
      ["quarantine.lifted", { region: "us-east-1", reason: "healthy for 10 m" }],
      ["command.refused", { command: "failover", code: "not-allowed", summary: "no" }],
      ["report.written", { incidentId: "incident-1", documents: [{ name: "timeline.md", sha256: "" }] }],
      ["run.aborted", { runId: "run-1", reason: "enough" }],
      ["run.cancelled", { runId: "run-1", reason: "denied" }],
      ["approval.expired", { approvalId: "approval-1" }],
      ["step.assessed", { runId: "run-1", stepId: "a", state: "away" }],
      ["step.retried", { runId: "run-1", stepId: "a" }],
      ["step.skipped", { runId: "run-1", stepId: "a", reason: "not needed" }],
    ];
    const all = [
      ...events,
      ...more.map(([kind, data]) => ({ kind, data, at: AT, actor: "operator", seq: 1 }) as unknown as DomainEvent),
    ];
    const described = new Map(all.map((event) => [event.kind, describeEvent(event).text]));
    expect([...described.keys()].sort()).toEqual(Object.keys(eventSchemas).sort());
    for (const [kind, text] of described) expect(text, kind).not.toBe(kind);
  });

  it("says who and why", () => {
    const event = {
      kind: "run.aborted",
      data: { runId: "run-1", reason: "wrong region" },
      at: AT,
      actor: "commander",
      seq: 1,
    };
    expect(describeEvent(event as unknown as DomainEvent)).toEqual({
      tone: "warning",
      text: "run-1 aborted by commander: wrong region",
    });
  });
});

it("says that nothing was changed only where that is known", () => {
  const report = { summary: "No.", hint: "Do this.", retryable: false };
  expect(errorCard({ ...report, code: "bad-input" }).context).toContain("nothing was changed");
  expect(errorCard({ ...report, code: "internal" }).context).not.toContain("nothing was changed");
});
