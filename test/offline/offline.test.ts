import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import type { Card } from "../../src/cards/card.ts";
import { systemClock } from "../../src/clock.ts";
import { createDispatcher } from "../../src/commands/dispatch.ts";
import { AppError, reportError } from "../../src/errors.ts";
import { ensureOwnJournal } from "../../src/offline/own-journal.ts";
import { offlinePlan } from "../../src/offline/plan.ts";
import { type Console, runOffline } from "../../src/offline/run.ts";
import { readTranscript, transcriptOf } from "../../src/offline/transcript.ts";
import { adoptPlan } from "../../src/plans/adopt.ts";
import { commander, operator, startMuster, type TestMuster } from "../helpers/muster.ts";
import { makePlan, makeStep } from "../helpers/plan.ts";
import { createSwitchboard, type Switchboard } from "../helpers/switchboard.ts";

const plan = makePlan({ failover: { steps: [makeStep("a"), makeStep("b", { needs: ["a"] })] } });

let board: Switchboard;
let local: TestMuster;
let server: TestMuster;
let said: string[];

/** A person who types these lines. */
function person(...lines: string[]): Console {
  const answers = [...lines];
  return {
    say: (text) => said.push(text),
    show: (card: Card) => said.push(card.title),
    ask: async (question) => {
      said.push(question);
      return answers.shift();
    },
    watch: async (runId) => {
      await local.until(({ runs }) => !["proposed", "running"].includes(runs[runId]?.phase ?? ""));
    },
  };
}

async function run(...lines: string[]) {
  const { core, journal } = local;
  // What detection would find is said by the test.
  const workers = local.workers.filter(({ name }) => name === "executor");
  const dispatcher = createDispatcher({ core, commands, directory: { list: () => [] }, logger: { error() {} } });
  const muster = { plan: core.plan, core, journal, workers, dispatcher, clock: systemClock, caller: commander };
  const request = { runbook: "failover", target: "west", reason: "the store is gone" };
  return await runOffline(muster, request, person(...lines));
}

const imported = async () => server.core.importOffline(await transcriptOf(local.store), commander);
const refusal = async (call: Promise<unknown>) =>
  reportError(
    await call.then(
      () => undefined,
      (error) => error,
    ),
  );

beforeEach(async () => {
  board = createSwitchboard();
  said = [];
  local = startMuster(offlinePlan(plan), board);
  server = startMuster(plan, createSwitchboard());
  // The switchboard has no probes; what detection would find is said.
  const seen = async ({ verdict }: TestMuster) => {
    await verdict("east", "healthy");
    await verdict("west", "healthy");
  };
  await local.say({ key: "began", kind: "offline.began", actor: "commander", data: { confirmed: "x", reason: "y" } });
  await seen(local);
  await seen(server);
});

afterEach(async () => {
  await local.stop();
  await server.stop();
});

describe("a local run", () => {
  it("is carried out by one commander who confirms that nobody else leads, and is over when it is over", async () => {
    const ended = await run("no leader lives", "approve");
    expect(ended.phase).toBe("completed");
    expect(board.transitions).toEqual(["a", "b"]);
    const [approval] = Object.values((await local.core.state()).approvals);
    expect(approval?.decisions.map(({ principal }) => principal)).toEqual(["commander"]);
  });

  it("starts nothing without that confirmation, word for word", async () => {
    expect(await refusal(run("yes"))).toMatchObject({ code: "wrong-state" });
    expect(await refusal(run())).toMatchObject({ code: "wrong-state" });
    expect((await local.core.state()).runs).toEqual({});
  });

  it("stops when the person does not approve", async () => {
    const ended = await run("no leader lives", "no");
    expect(ended.phase).toBe("cancelled");
    expect(board.requests).toEqual([]);
  });

  it("asks what to do when a step fails, and goes on as told", async () => {
    const error = new AppError({ code: "vendor-rejected", summary: "No." });
    board.failures.set("a", { times: 2, error });
    const ended = await run("no leader lives", "approve", "retry", "skip it was done by hand");
    expect(ended.steps.map(({ phase }) => phase)).toEqual(["skipped", "verified"]);
  });

  it("aborts when the input ends", async () => {
    board.failures.set("a", { times: 9, error: new AppError({ code: "vendor-rejected", summary: "No." }) });
    expect((await run("no leader lives", "approve")).phase).toBe("aborted");
  });

  it("goes on with a run that broke off, and asks for the confirmation again", async () => {
    const { run: begun } = await local.core.runs.propose("failover", { target: "west", reason: "first" }, operator);
    const ended = await run("no leader lives", "approve");
    expect(ended.runId).toBe(begun.runId);
    expect(ended.phase).toBe("completed");
  });

  it("keeps away from a server's journal", async () => {
    await adoptPlan(server.journal, plan);
    expect(await refusal(ensureOwnJournal(server.journal, "here"))).toMatchObject({ code: "wrong-state" });
    await ensureOwnJournal(local.journal, "here");
  });

  it("proposes nothing by itself", () => {
    const triggers = Object.values(offlinePlan(plan).runbooks).map(({ trigger }) => trigger);
    expect(triggers).toEqual(["manual"]);
    expect(offlinePlan(plan).digest).not.toBe(plan.digest);
  });
});

describe("its import", () => {
  it("makes what was done true here, keeps every event to the letter, and holds the chain", async () => {
    await run("no leader lives", "approve");
    const { offlineId, steps } = await imported();
    const state = await server.core.state();
    expect(state.active).toBe("west");
    expect(state.regions.east?.quarantine?.runId).toBe(offlineId);
    expect(steps.map(({ phase }) => phase)).toEqual(["verified", "verified"]);
    expect(await server.core.journal.verify()).toMatchObject({ ok: true });
    const kept = await server.store.read({ after: 0, limit: 1_000, stream: `offline/shop/${offlineId}` });
    const lines = kept.map(({ data }) => `${JSON.stringify(data)}\n`).join("");
    expect(readTranscript(lines)).toEqual(readTranscript(await transcriptOf(local.store)));
  });

  it("is done once, and goes on where an import broke off", async () => {
    await run("no leader lives", "approve");
    const { append } = server.store;
    // The process dies after the first part of the events stands.
    server.store.append = async (request) => {
      if (request.stream.startsWith("app/")) throw new Error("killed");
      return append.call(server.store, request);
    };
    await expect(imported()).rejects.toThrow("killed");
    server.store.append = append;
    await imported();
    expect(await refusal(imported())).toMatchObject({ code: "wrong-state" });
    expect((await server.core.state()).offlineRuns).toHaveLength(1);
  });

  it("waits until nothing else is under way here", async () => {
    await run("no leader lives", "approve");
    await server.core.runs.propose("failover", { target: "west", reason: "a test" }, operator);
    expect(await refusal(imported())).toMatchObject({ code: "run-in-progress" });
    expect((await server.core.state()).active).toBe("east");
  });

  it("moves nothing for a run that did not complete", async () => {
    await run("no leader lives", "no");
    await imported();
    expect((await server.core.state()).active).toBe("east");
  });

  it("takes in every run of the journal, and those that came after an import once more only themselves", async () => {
    await run("no leader lives", "approve");
    const { run: back } = await local.core.runs.propose("failover", { target: "east", reason: "back" }, operator);
    await local.core.runs.abort(back.runId, "not now", commander);
    await imported();
    const state = await server.core.state();
    expect(state.active).toBe("west");
    expect(state.offlineRuns).toHaveLength(2);
    await local.say({ key: "again", kind: "offline.began", actor: "commander", data: { confirmed: "x", reason: "z" } });
    expect(await refusal(imported())).toMatchObject({ code: "wrong-state" });
    const { run: third } = await local.core.runs.propose("failover", { target: "east", reason: "home" }, operator);
    await local.core.runs.abort(third.runId, "not now either", commander);
    expect(await imported()).toMatchObject({ reason: "z", phase: "cancelled" });
    expect((await server.core.state()).offlineRuns).toHaveLength(3);
  });

  it("keeps the source under quarantine where the run was aborted behind its promotion", async () => {
    await adoptPlan(local.journal, offlinePlan(plan));
    const { run: begun } = await local.core.runs.propose("failover", { target: "west", reason: "first" }, operator);
    const data = { region: "east", runId: begun.runId, reason: "Failed away from." };
    await local.say({ key: "left", kind: "quarantine.started", actor: "system:executor", data });
    await local.core.runs.abort(begun.runId, "the rest is done by hand", commander);
    await imported();
    const { active, regions } = await server.core.state();
    expect(active).toBe("east");
    expect(regions.east?.quarantine?.reason).toContain("by a local run");
  });

  it("forgets what was compared before the source was left", async () => {
    const found = { compared: 3, onlyOld: 0, onlyNew: 0, differing: 0, shown: "names" as const, examples: [] };
    const data = { runId: "run-9", stepId: "compare", store: "db", region: "east", against: "west", found };
    await server.say({ key: "compared", kind: "divergence.compared", actor: "system:executor", data });
    expect(Object.keys((await server.core.state()).divergences)).toEqual(["db/east"]);
    await run("no leader lives", "approve");
    await imported();
    expect((await server.core.state()).divergences).toEqual({});
  });

  it("refuses what was changed, cut, or is no local journal, and says which line", async () => {
    await run("no leader lives", "approve");
    const text = await transcriptOf(local.store);
    const lines = text.split("\n");
    const bad = async (changed: string) => refusal(server.core.importOffline(changed, commander));
    expect(await bad(text.replace("west", "east"))).toMatchObject({ summary: expect.stringContaining("Line") });
    expect(await bad(lines.slice(1).join("\n"))).toMatchObject({ code: "bad-input" });
    expect(await bad(lines.toSpliced(4, 1).join("\n"))).toMatchObject({ summary: expect.stringContaining("Line 5") });
    expect(await bad("")).toMatchObject({ code: "bad-input" });
    // A transcript that ends early is whole as far as it goes, but its run is not over.
    expect(await bad(lines.slice(0, -3).join("\n"))).toMatchObject({ code: "wrong-state" });
    expect(await bad(await transcriptOf(server.store))).toMatchObject({ code: "bad-input" });
    expect((await server.core.state()).offlineRuns).toEqual([]);
  });
});
