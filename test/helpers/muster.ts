import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openSqliteStore } from "../../adapters/store/sqlite.ts";
import { systemClock } from "../../src/clock.ts";
import type { Caller, Core } from "../../src/core.ts";
import { type CoreOptions, createCore } from "../../src/create-core.ts";
import type { Destination } from "../../src/deliveries/port.ts";
import type { Verdict } from "../../src/detection/events.ts";
import type { NewDomainEvent } from "../../src/events.ts";
import type { Journal } from "../../src/journal/journal.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import type { OnCall } from "../../src/pager/port.ts";
import type { PeopleDirectory } from "../../src/people/directory.ts";
import { createRoster, type Roster } from "../../src/people/roster.ts";
import type { Plan } from "../../src/plans/plan.ts";
import type { Clock } from "../../src/ports.ts";
import type { AppState } from "../../src/state.ts";
import type { StatusPagePort } from "../../src/status-page/port.ts";
import type { Worker } from "../../src/workers/worker.ts";
import { everybodyListed } from "./core.ts";
import type { Switchboard } from "./switchboard.ts";

export const operator: Caller = { principal: "operator", name: "Operator", roles: ["observer", "operator"] };
export const approver1: Caller = { principal: "approver-1", name: "Approver 1", roles: ["observer", "approver"] };
export const approver2: Caller = { principal: "approver-2", name: "Approver 2", roles: ["observer", "approver"] };
export const commander: Caller = {
  principal: "commander",
  name: "Commander",
  roles: ["observer", "operator", "approver", "commander"],
};

/** A whole Muster without doors: real journal on a temporary SQLite store, real workers, a switchboard as the world. */
export interface TestMuster {
  core: Core;
  journal: Journal;
  store: JournalStore;
  directory: string;
  workers: Worker[];
  /** Who there is: the people of the helpers' directory, until `roster.replace`. */
  roster: Roster;
  people: PeopleDirectory;
  start(...names: string[]): void;
  /** Ends this instance; with `keep` its directory stays for a successor. */
  stop(options?: { keep?: boolean }): Promise<void>;
  say(...events: NewDomainEvent[]): Promise<AppState>;
  /** Appends verdicts, as detection would. */
  verdict(region: string, to: Verdict): Promise<AppState>;
  until(what: (state: AppState) => boolean, withinMs?: number): Promise<AppState>;
}

let count = 0;

export function startMuster(
  plan: Plan,
  board: Pick<Switchboard, "registry">,
  existing?: string,
  {
    requestTimeoutMs = 50,
    assistant,
    statusPages = [],
    clock = systemClock,
    leaseMs = 2_000,
    deliveries = [],
    onCall,
    wrapStore = (store) => store,
  }: {
    requestTimeoutMs?: number;
    assistant?: CoreOptions["assistant"];
    statusPages?: readonly StatusPagePort[];
    clock?: Clock;
    leaseMs?: number;
    deliveries?: readonly Destination[];
    onCall?: OnCall;
    /** To look on at what is written, or to be in the way. */
    wrapStore?: (store: JournalStore) => JournalStore;
  } = {},
): TestMuster {
  const directory = existing ?? mkdtempSync(join(tmpdir(), "muster-test-"));
  const store = wrapStore(openSqliteStore({ directory }));
  const roster = createRoster(everybodyListed);
  const {
    core,
    journal,
    workers,
    directory: people,
  } = createCore({
    roster,
    plan,
    registry: board.registry,
    store,
    instance: `test-${++count}`,
    clock,
    logger: pino({ level: "silent" }),
    leaseMs,
    requestTimeoutMs,
    reportsDirectory: join(directory, "reports"),
    ...(assistant && { assistant }),
    statusPages,
    deliveries,
    ...(onCall && { onCall }),
  });
  const started: Worker[] = [];
  const say = async (...events: NewDomainEvent[]) => (await journal.commit(() => events)).state;
  return {
    core,
    journal,
    store,
    directory,
    workers,
    roster,
    people,
    say,
    start(...names) {
      const chosen = names.length > 0 ? workers.filter(({ name }) => names.includes(name)) : workers;
      for (const worker of chosen) worker.start();
      started.push(...chosen);
    },
    async stop({ keep = false } = {}) {
      await Promise.all(started.map((worker) => worker.stop()));
      await store.close();
      if (!keep) rmSync(directory, { recursive: true, force: true });
    },
    verdict: (region, to) => say(verdictEvent(region, to, ++count)),
    async until(what, withinMs = 5_000) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const state = await journal.load();
        if (what(state)) return state;
        if (Date.now() > deadline) throw new Error(`not reached within ${withinMs} ms: ${what}\n${summary(state)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}

export function verdictEvent(region: string, to: Verdict, nonce: number): NewDomainEvent {
  return {
    key: `verdict/${region}/${nonce}`,
    kind: "verdict.changed",
    actor: "system:detector",
    data: { region, from: "unknown", to, since: new Date().toISOString(), evidence: [] },
  };
}

/** What a failed wait shows. */
function summary(state: AppState): string {
  const runs = Object.values(state.runs).map(
    (run) =>
      `${run.runId} ${run.phase}: ${run.steps.map((step) => `${step.stepId}=${step.phase}${step.error ? ` (${step.error.summary})` : ""}`).join(", ")}`,
  );
  const approvals = Object.values(state.approvals).map(({ approvalId, phase }) => `${approvalId} ${phase}`);
  return [...runs, ...approvals].join("\n");
}
