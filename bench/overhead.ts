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
import { median } from "./latency.ts";

const APPLY_MS = 50;
const LEASE_MS = 10_000;
const LONGEST_MS = 60_000;

export interface Overhead {
  steps: number;
  layers: number;
  /** The longest chain, if nothing but its actions took time. */
  criticalPathMs: number;
  /** The same chain of bare timers, right before the runs: no timer is ever early, and all are a little late. */
  timersMs: number;
  /** From `run.started` to `run.completed`, as journaled; the median of all runs. */
  wallMs: number;
  ratio: number;
}

/** How wide the layers are; each step needs three of the layer before, or all of a narrower one. */
export const SHAPES: { widths: number[]; repeats: number; runs: number }[] = [
  { widths: [1, 2, 4, 2, 1], repeats: 1, runs: 5 },
  { widths: [5, 10, 20, 10, 5], repeats: 2, runs: 5 },
  { widths: [5, 10, 20, 10, 5], repeats: 20, runs: 1 },
];
const NEEDS = 3;

/** The real core on the real store, and actions that do nothing but take their time. */
export async function benchOverhead({ widths, repeats, runs }: (typeof SHAPES)[number]): Promise<Overhead> {
  const layers = Array.from({ length: repeats }, () => widths).flat();
  const steps = stepsOf(layers);
  const timersMs = (await bareTimerMs()) * layers.length;
  const walls: number[] = [];
  for (let count = 0; count < runs; count++) walls.push(await runOnce(steps));
  const wallMs = median(walls);
  const criticalPathMs = layers.length * APPLY_MS;
  return {
    steps: steps.length,
    layers: layers.length,
    criticalPathMs,
    timersMs,
    wallMs,
    ratio: wallMs / criticalPathMs,
  };
}

/** What a sleep of 50 ms takes on this machine when nothing else is done. */
async function bareTimerMs(): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 20; count++) {
    const startedAt = performance.now();
    await sleep(APPLY_MS);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

async function runOnce(steps: Step[]): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "muster-bench-"));
  const store = openSqliteStore({ directory });
  const work = createWork();
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
  try {
    await journal.commit(() => ["here", "there"].map((region) => healthy(region)));
    executor?.start();
    const caller = { principal: "operator", name: "Operator", roles: ["operator" as const] };
    const { run } = await core.runs.propose("failover", { target: "there" }, caller);
    const deadline = performance.now() + LONGEST_MS;
    for (;;) {
      const { phase, startedAt, endedAt } = (await core.state()).runs[run.runId] ?? {};
      if (phase === "completed") return Date.parse(endedAt ?? "") - Date.parse(startedAt ?? "");
      if (phase === "halted" || performance.now() > deadline) throw new Error(`the run did not complete: ${phase}`);
      await sleep(20);
    }
  } finally {
    await executor?.stop();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Away until its own change of 50 ms is over. */
function createWork(): RecoveryAction {
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
    expectedMs: () => APPLY_MS,
    assess: async ({ name }) => ({ state: done.has(name) ? "reached" : "away", seen: {} }),
    async apply({ name }) {
      await sleep(APPLY_MS);
      done.add(name);
      return {};
    },
  });
}

function stepsOf(widths: number[]): Step[] {
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
