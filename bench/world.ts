import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { z } from "zod";
import { openSqliteStore } from "../adapters/store/sqlite.ts";
import { systemClock } from "../src/clock.ts";
import { createCore } from "../src/create-core.ts";
import type { Plan, Step } from "../src/plans/plan.ts";
import { defineAction, type RecoveryAction } from "../src/ports.ts";
import type { RunState } from "../src/state.ts";

export const LEASE_MS = 10_000;
const LONGEST_MS = 60_000;
const NEEDS = 3;

/** The real core on the real store, and actions that do nothing but take their time. */
export async function openWorld(steps: Step[], applyMs: number) {
  const directory = mkdtempSync(join(tmpdir(), "muster-bench-"));
  const store = openSqliteStore({ directory });
  const work = createWork(applyMs);
  const { core, journal, workers } = createCore({
    plan: planOf(steps),
    registry: { actions: new Map([[work.id, work]]), probes: new Map(), replication: new Map(), traffic: new Map() },
    store,
    instance: "bench",
    clock: systemClock,
    logger: pino({ level: "silent" }),
    leaseMs: LEASE_MS,
    requestTimeoutMs: 1_000,
    reportsDirectory: join(directory, "reports"),
  });
  const executor = workers.find(({ name }) => name === "executor");
  await journal.commit(() => ["here", "there"].map((region) => healthy(region)));
  executor?.start();
  return {
    core,
    journal,
    store,
    /** Asks for the failover and waits until it is complete. */
    async run(): Promise<RunState> {
      const caller = { principal: "operator", name: "Operator", roles: ["operator" as const] };
      const { run } = await core.runs.propose("failover", { target: "there" }, caller);
      const deadline = performance.now() + LONGEST_MS;
      for (;;) {
        const found = (await core.state()).runs[run.runId];
        if (found?.phase === "completed") return found;
        if (found?.phase === "halted" || performance.now() > deadline)
          throw new Error(`the run did not complete: ${found?.phase}`);
        await sleep(20);
      }
    },
    async close(): Promise<void> {
      await executor?.stop();
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Away until its own change is over. */
function createWork(applyMs: number): RecoveryAction {
  const done = new Set<string>();
  const Input = z.object({ name: z.string().describe("What is done") });
  return defineAction<z.infer<typeof Input>, object>({
    id: "bench.work",
    summary: "The work is done",
    input: Input,
    effect: "none",
    repeat: "converging",
    onUnknown: "wait",
    onAbort: "stop",
    dependsOn: () => [],
    expectedMs: () => applyMs,
    assess: async ({ name }) => ({ state: done.has(name) ? "reached" : "away", seen: {} }),
    async apply({ name }) {
      await sleep(applyMs);
      done.add(name);
      return {};
    },
  });
}

export function stepsOf(widths: number[]): Step[] {
  const ids = widths.map((width, layer) => Array.from({ length: width }, (_, index) => `step-${layer}-${index}`));
  return ids.flatMap((layer, at) =>
    layer.map((id, index) => {
      const before = ids[at - 1] ?? [];
      const needs = Array.from({ length: NEEDS }, (_, shift) => before[(index + shift) % before.length]);
      return makeStep(id, [...new Set(needs.filter((need) => need !== undefined))]);
    }),
  );
}

function makeStep(id: string, needs: string[]): Step {
  const rest = { timeoutMs: LONGEST_MS, retries: 0, retryAfterMs: 1_000, prepare: false, pointOfNoReturn: false };
  return { id, name: id, uses: "bench.work", with: { name: id }, needs, ...rest };
}

function planOf(steps: Step[]): Plan {
  const region = (code: string) => ({ code, name: code, jurisdiction: "us", settings: {} });
  return {
    application: "bench",
    summary: "Steps that take their time",
    digest: "bench",
    home: "here",
    regions: { here: region("here"), there: region("there") },
    services: { api: { tier: 1, strategy: "warm-standby", rtoMs: 60_000, rpoMs: 1_000, jurisdictions: ["us"] } },
    stores: {},
    detection: { intervalMs: 1_000, timeoutMs: 1_000, downAfter: 3, healthyAfter: 3, probes: {} },
    quarantineHealthyForMs: 60_000,
    readinessEveryMs: 300_000,
    runbooks: {
      failover: {
        name: "failover",
        summary: "All the work",
        kind: "failover",
        trigger: "manual",
        policy: { approval: "automatic", quorum: 1, roles: ["approver"], excludeRequester: false, expiryMs: 60_000 },
        steps,
      },
    },
  };
}

function healthy(region: string) {
  const since = new Date().toISOString();
  return {
    key: `verdict/${region}`,
    kind: "verdict.changed" as const,
    actor: "system:detector",
    data: { region, from: "unknown" as const, to: "healthy" as const, since, evidence: [] },
  };
}
