import { describe, expect, it } from "vitest";
import { approvalCard } from "../../src/cards/approval.ts";
import type { Card } from "../../src/cards/card.ts";
import { dryRunCard } from "../../src/cards/dry-run.ts";
import { incidentCard } from "../../src/cards/incident.ts";
import { auditCard, pendingCard, runsCard } from "../../src/cards/lists.ts";
import { readinessCard } from "../../src/cards/readiness.ts";
import { runCard } from "../../src/cards/run.ts";
import { statusCard } from "../../src/cards/status.ts";
import { statusView } from "../../src/cards/status-view.ts";
import { approvalView, nowIso } from "../../src/commands/run-view.ts";
import { known, person } from "../helpers/core.ts";
import { scenes } from "../helpers/scenes.ts";

/**
 * Every leaf of a view is changed in turn, and the card must change with it: a fact that people are not shown
 * fails here, by its path. What is left out on purpose is named with each card.
 */
function expectShown<View>(view: View, card: (view: View) => Card, hidden: RegExp): void {
  const before = JSON.stringify(card(view));
  const unseen = leaves(view)
    .filter((path) => !hidden.test(path.join(".")))
    .filter((path) => JSON.stringify(card(changed(view, path))) === before);
  expect(unseen.map((path) => path.join("."))).toEqual([]);
}

function leaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return value === undefined ? [] : [path];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

function changed<View>(view: View, path: string[]): View {
  const copy = structuredClone(view);
  const last = path.at(-1) ?? "";
  const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, name) => at[name] as never, copy as never);
  parent[last] = other(parent[last], path);
  return copy;
}

/** Another value that could stand there: words of a fixed list stay within it. */
const WORDS: Record<string, string[]> = {
  verdict: ["healthy", "degraded"],
  state: ["ready", "blocked"],
  status: ["ready", "blocked"],
  level: ["warning", "unknown"],
  kind: ["failover", "rejoin"],
  severity: ["sev1", "sev2"],
  openedBy: ["signal", "person"],
  decision: ["approve", "deny"],
};

function phases(path: string[]): string[] {
  if (path.includes("steps")) return ["pending", "failed"];
  return path[0] === "approval" || path[0] === "pending" ? ["pending", "denied"] : ["running", "completed"];
}

function other(value: unknown, path: string[]): unknown {
  if (typeof value === "number") return value + 3_333;
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return "something else";
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return new Date(Date.parse(value) - 7_000).toISOString();
  const name = path.at(-1) ?? "";
  const words = name === "phase" ? phases(path) : WORDS[name];
  return words?.find((word) => word !== value) ?? `other ${value}`;
}

/** Of the plan a card shows the digest; a run's own times and steps carry the rest. */
const PLAN = String.raw`(^|\.)run\.plan\.(?!digest)`;
/** The measure says which of its fields matter; its kind is changed in the tests about words. */
const LOSS_KIND = String.raw`\.loss\.kind$`;

const FINDING = { code: "store-embedded", level: "warning" as const, text: "It does not survive its machine." };
const INSTANCE = {
  name: "muster-1",
  url: "http://127.0.0.1:4646",
  version: "0.1.0",
  place: "place-1",
  startedAt: "2026-05-04T01:00:00.000Z",
  seenAt: "2026-05-04T02:13:40.000Z",
  alive: true,
  self: true,
  leases: ["executor"],
};

describe("every fact of the view is on the card", () => {
  it("of a run that is running", async () => {
    const { runs, approvals } = (await scenes.running()).current();
    const view = {
      run: runs["run-1"]!,
      approval: approvals["approval-1"]!,
      waiting: [
        { runId: "run-1", stepId: "shift-traffic", because: "needs the promotion", until: "2026-05-04T03:00:00.000Z" },
      ],
      at: "2026-05-04T02:14:20.000Z",
    };
    const hidden = new RegExp(
      [
        PLAN,
        LOSS_KIND,
        // Shown on the card of the approval, at its link.
        String.raw`run\.evidence\.(?!expected)`,
        String.raw`^approval\.(runId|roles|excludeRequester|requestedAt|envelope|mustAccept|expiresAt|endedAt)`,
        String.raw`^approval\.decisions\.\d\.(at|accepted|reason)`,
        // The state's words are made from these; ids and counts are of use in the journal.
        String.raw`run\.(runbook|approvalId)$`,
        String.raw`steps\.\d\.(stepId|uses|attemptsSinceRetry|intents|alreadySo|intended|before|applied|firstStartedAt)`,
        // A step that did not begin has no attempt, and the first one is not counted aloud.
        String.raw`steps\.[345]\.attempt`,
        "waiting.0.runId",
      ].join("|"),
    );
    expectShown(view, (one) => runCard(one), hidden);
  });

  it("of a run that is halted, down to the action that failed", async () => {
    const { runs } = (await scenes.halted()).current();
    const view = { run: runs["run-1"]!, waiting: [], at: "2026-05-04T02:15:25.000Z" };
    const failed = view.run.steps.findIndex(({ phase }) => phase === "failed");
    const parts = [
      "name",
      "uses",
      "error",
      "attempt",
      "stepId",
      String.raw`loss\.(store|within|loss\.(bytes|seconds|headAt|at))`,
    ];
    const shown = String.raw`run\.(phase|steps\.${failed}\.(${parts.join("|")}))`;
    const hidden = new RegExp(`retryable|attemptsSinceRetry|^(?!${shown})`);
    expectShown(view, (one) => runCard(one), hidden);
  });

  it("of a run that is over: when and why", async () => {
    const core = await scenes.running();
    await core.runs.abort("run-1", "the region is back", person("operator"));
    const view = { run: core.current().runs["run-1"]!, waiting: [], at: "2026-05-04T02:15:25.000Z" };
    expectShown(view, (one) => runCard(one), /^(?!run\.(endReason|endedAt|startedAt)$)/);
  });

  it("of an approval that is asked for", async () => {
    const core = await scenes.pending();
    const state = core.current();
    const view = approvalView(state, state.approvals["approval-1"]!, nowIso(core))!;
    const hidden = new RegExp(
      [
        // The envelope's digest is the one that people approve.
        String.raw`^run\.plan\.`,
        LOSS_KIND,
        // The card of the run shows how it gets on.
        String.raw`^run\.(phase|steps|runbook|approvalId|incidentId|source|target)`,
        // Bound by the approval and shown as what was seen; a change of it voids the approval and is shown then.
        String.raw`^approval\.envelope\.(runbook|source|target|verdicts)`,
        String.raw`^approval\.runId$`,
        String.raw`^run\.evidence\.readiness\.\d\.stepId$`,
      ].join("|"),
    );
    expectShown(view, (one) => approvalCard(one), hidden);
    expectShown({ run: view.run }, ({ run }) => approvalCard({ ...view, run }), /^(?!run\.(source|target)$)/);
  });

  it("of an approval that no longer holds: old and new", async () => {
    const core = await scenes.voided();
    const state = core.current();
    const view = approvalView(state, state.approvals["approval-1"]!, nowIso(core))!;
    const hidden = /^run\.|^approval\.(?!approvalId|changes|endedAt|decisions)|^approval\.phase/;
    expectShown(view, (one) => approvalCard(one), hidden);
    expect(JSON.stringify(approvalCard(view))).toContain("approval-2");
  });

  it("of the status", async () => {
    const core = await scenes.pending();
    const instances = [INSTANCE, { ...INSTANCE, name: "muster-2", alive: false, self: false, leases: [] }];
    const view = {
      ...statusView(known(core.current(), { instances }), core.plan, nowIso(core)),
      placement: [FINDING],
      observer: { lateMs: 2_300, since: nowIso(core), instance: "muster-3" },
    };
    const hidden = new RegExp(
      [
        String.raw`^runs\.\d\.(?!runId|source|target|phase|rehearsal)`,
        String.raw`^pending\.\d\.(?!approvalId|phase|quorum|expiresAt|decisions\.\d\.principal)`,
        String.raw`^incident\.(?!incidentId|title|severity)`,
        String.raw`^readiness\.\d\.(steps|at)`,
        LOSS_KIND,
        // The source is the active region; a good probe's count of failures is nought.
        String.raw`^stores\.\d\.(source|head|coveredUntil)`,
        String.raw`^services\.\d\.(rtoMs|since|outage\.precisionMs)`,
        // Of a healthy region only since when: its evidence is as old as its verdict.
        String.raw`^regions\.1\.(lastGoodAt|evidence)`,
        String.raw`^placement\.\d\.code`,
        // Shown when it is not available; see below.
        String.raw`^store\.state`,
      ].join("|"),
    );
    expectShown(view, statusCard, hidden);
  });

  it("of a store that does not answer, and of one that lost events", async () => {
    const core = await scenes.pending();
    const at = nowIso(core);
    const error = { code: "store-unavailable", summary: "It did not answer.", hint: "", retryable: true } as const;
    const lost = { from: 98, to: 120, keys: ["step/run-1/promote-target/1/intended"] };
    const divergence = { known: { seq: 120, hash: "ab".repeat(32) }, head: { seq: 97, hash: "cd".repeat(32) }, lost };
    for (const store of [
      { state: "unavailable" as const, since: at, error, asOf: at },
      { state: "diverged" as const, divergence, asOf: at },
    ]) {
      const view = statusView(known(core.current(), { store }), core.plan, at);
      expectShown(
        { store: view.store },
        (one) => statusCard({ ...view, ...one }),
        /state$|error\.(code|hint|retryable)/,
      );
      expect(statusCard(view).status).toBe("danger");
    }
  });

  it("of an incident, open and resolved", async () => {
    const core = await scenes.completed();
    await core.reports.write();
    await core.incidents.resolve("served from eu-central", person("operator"));
    const { incidents, runs } = core.current();
    const view = { incident: incidents["incident-1"]!, runs: [runs["run-1"]!], at: nowIso(core) };
    const hidden =
      /^runs\.0\.(?!runId|source|target|phase)|runIds|noteId|notes\.\d\.seq|reports\.\d\.(seq|asOfSeq|generatedAt)/;
    expectShown(view, (one) => incidentCard(one), hidden);
  });

  it("of a dry run, refusals included", async () => {
    const core = await scenes.calm();
    const dryRun = await core.runs.dryRun("failover", { target: "us-east-1" }, person("operator"));
    // The evidence's list of readiness is the steps' own, shown with each.
    expectShown(dryRun, dryRunCard, new RegExp(`^dryRun$|evidence\\.readiness|retryable|${LOSS_KIND}|\\.stepId$`));
  });

  it("of the readiness, of the lists and of the audit", async () => {
    const core = await scenes.pending();
    const state = core.current();
    const at = nowIso(core);
    const placement = [FINDING];
    expectShown({ readiness: Object.values(state.readiness), placement, at }, readinessCard, /^placement.0.code$/);
    const view = approvalView(state, state.approvals["approval-1"]!, at)!;
    const pendingHidden =
      /\.run\.(?!runId|source|target|requester)|\.now\.|envelope|roles|excludeRequester|requestedAt|\.phase|approval\.runId|mustAccept\.\d\.text|decisions\.\d\.(at|accepted)|\.at$/;
    expectShown([view], (views) => pendingCard(views, at), pendingHidden);
    const runsHidden = /^0\.(?!runId|source|target|phase|proposedAt|startedAt|requester|steps\.0\.phase)|steps/;
    expectShown(Object.values((await scenes.running()).current().runs), (list) => runsCard(list, at), runsHidden);
    core.badSeq = 4;
    expectShown(await core.journal.verify(), auditCard, /^$/);
  });
});
